"""One region tells, another follows: taken is what the log proves, and nothing else."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from blacklist.core import feed_errors as errors
from blacklist.core.feed import LIST_ENTRY, STREAM, ListEntry
from blacklist.core.grounds import Kind
from blacklist.feed_client import Payload
from blacklist.feed_publisher import fold_own
from blacklist.feed_service import LATE_AFTER, row_of, stream_of
from foundation.digest import canon, parse_canon
from foundation.ledger.following import PinUnreadable
from foundation.ledger.note import CheckpointText, read_note, sign_log, write_note
from tests.blacklist.bench import TODAY
from tests.blacklist.feed_bench import ADMIN, KEY_ID, Region, token_of, two_regions

Bend = Callable[..., Any]


@pytest.fixture
def regions(tmp_path: Path) -> Iterator[tuple[Region, Region]]:
    pair = two_regions(tmp_path)
    yield pair
    for region in pair:
        if not region.forged:
            check(region)
        region.close()


def check(region: Region) -> None:
    """The rows are what the entries add up to."""
    own = {one.id: one.model_dump() for one in region.publisher.own()}
    assert own == {k: v.model_dump() for k, v in fold_own(region.entries(STREAM)).items()}
    for state in region.feeds.peers():
        stream = region.entries(stream_of(state.peer.id))
        told = [
            row_of(state.peer.id, one, canon(one["body"]) if "body" in one else b"")
            for entry in stream
            if entry.type == "feed.taken" and entry.body
            for one in entry.body["entries"]
        ]
        assert [one.model_dump() for one in region.took(state.peer.id)] == told


def read(row: Any) -> ListEntry:
    body = parse_canon(row.body)
    assert isinstance(body, dict)
    return ListEntry.read(body)


def test_what_one_region_records_the_other_takes_r_prin_3(
    regions: tuple[Region, Region],
) -> None:
    a, b = regions
    peer = b.follows(a)
    measure = a.bar("ex_zhang")

    state = b.feeds.follow(peer)

    [row] = b.took(peer)
    entry = read(row)
    assert (state.taken, state.trouble) == (1, "")
    assert (entry.id, entry.kind, entry.act) == (measure.id, Kind.BARRED, "recorded")
    assert (entry.person_token, entry.key_id) == (token_of("ex_zhang"), KEY_ID)
    assert (entry.starts_on, entry.ends_on) == (TODAY, TODAY + timedelta(days=365))
    assert entry.article == "招标投标法实施条例 71(1)"


def test_the_entry_of_the_feed_is_written_with_the_entry_of_the_list_or_neither_is(
    regions: tuple[Region, Region], monkeypatch: pytest.MonkeyPatch
) -> None:
    a, _ = regions
    a.bar("ex_zhang")
    assert len(a.entries(STREAM)) == 1

    def gone(_: object) -> str:
        raise RuntimeError("the vault is away")

    monkeypatch.setattr(a.people, "token", gone)
    with pytest.raises(RuntimeError):
        a.bar("ex_li")

    recorded = [one for one in a.entries("standing") if one.type == "blacklist.recorded"]
    assert len(recorded) == len(a.entries(STREAM)) == len(a.blacklist.measures()) == 1


def test_leave_and_suspension_stay_at_home(regions: tuple[Region, Region]) -> None:
    a, _ = regions
    a.bar("ex_zhang", kind=Kind.SUSPENDED, ends_on=TODAY)
    a.bar("ex_zhang", kind=Kind.LEAVE, ground="illness", ends_on=TODAY)

    assert a.entries(STREAM) == []


def test_a_service_without_a_federation_tells_nothing_and_catches_up_when_it_joins(
    regions: tuple[Region, Region],
) -> None:
    a, _ = regions
    a.people.key_id = ""
    kept, gone = a.bar("ex_zhang"), a.bar("ex_li")
    a.lift(gone)
    assert a.publisher.backfill() == 0
    assert a.entries(STREAM) == []

    a.people.key_id = KEY_ID

    assert a.publisher.backfill() == 1
    assert a.publisher.backfill() == 0
    assert [(one.body or {})["id"] for one in a.entries(STREAM)] == [kept.id]


def test_a_text_that_tells_who_it_is_is_left_out(regions: tuple[Region, Region]) -> None:
    a, _ = regions
    a.bar("ex_zhang", basis="关于 ex_zhang 的决定")

    [entry] = a.entries(STREAM)
    assert b"ex_zhang" not in canon(entry.body or {})
    assert (entry.body or {})["basis"] == ""
    assert (entry.body or {})["deciding_body"] == "监督部门"


def test_a_lift_is_told_under_the_old_token_even_when_the_vault_has_forgotten(
    regions: tuple[Region, Region],
) -> None:
    a, b = regions
    peer = b.follows(a)
    measure = a.bar("ex_zhang")
    a.people.gone.add("ex_zhang")
    a.lift(measure)

    b.feeds.follow(peer)

    first, second = (read(one) for one in b.took(peer))
    assert (second.id, second.act, second.ground) == (first.id, "lifted", "overturned")
    assert second.person_token == first.person_token == token_of("ex_zhang")


def test_only_what_is_new_is_read_the_next_time(regions: tuple[Region, Region]) -> None:
    a, b = regions
    peer = b.follows(a)
    a.bar("ex_zhang")
    b.feeds.follow(peer)
    read_from: list[int] = []
    a.door.bend_leaves = lambda start, leaves: read_from.append(start) or leaves  # type: ignore[func-returns-value]
    before = a.books.size()
    a.bar("ex_li")

    b.feeds.follow(peer)

    assert read_from == [before]
    assert [one.seq for one in b.took(peer)] == [1, 2]


def test_many_entries_come_in_pages_and_in_order(
    regions: tuple[Region, Region], monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = regions
    monkeypatch.setattr("blacklist.feed_service.MOST_AT_ONCE", 3)
    monkeypatch.setattr("blacklist.feed_service.AT_ONCE", 4)
    peer = b.follows(a)
    for number in range(8):
        a.bar(f"ex_{number}")

    b.feeds.follow(peer)

    assert [one.seq for one in b.took(peer)] == list(range(1, 9))
    taken = [one for one in b.entries(stream_of(peer)) if one.type == "feed.taken"]
    assert [(one.body or {})["last"] for one in taken] == [3, 6, 8]


def test_a_crash_between_two_pages_loses_nothing_and_takes_nothing_twice(
    regions: tuple[Region, Region], monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = regions
    monkeypatch.setattr("blacklist.feed_service.MOST_AT_ONCE", 3)
    peer = b.follows(a)
    for number in range(8):
        a.bar(f"ex_{number}")
    pages = 0

    def dies(some: list[Payload]) -> list[Payload]:
        nonlocal pages
        pages += 1
        if pages == 2:
            raise KeyboardInterrupt
        return some

    a.door.bend_payloads = dies
    with pytest.raises(KeyboardInterrupt):
        b.feeds.follow(peer)
    assert len(b.took(peer)) == 3

    b.feeds.follow(peer)

    assert [one.seq for one in b.took(peer)] == list(range(1, 9))


def test_two_services_that_follow_each_other_do_not_write_for_ever(
    regions: tuple[Region, Region],
) -> None:
    a, b = regions
    ids = a.follows(b), b.follows(a)
    a.bar("ex_zhang")
    for _ in range(4):
        a.feeds.follow(ids[0])
        b.feeds.follow(ids[1])
    sizes = a.books.size(), b.books.size()

    for _ in range(5):
        a.feeds.follow(ids[0])
        b.feeds.follow(ids[1])

    assert (a.books.size(), b.books.size()) == sizes


def forged(region: Region, *, size: int = 0, root: bytes = b"", key: Any = None) -> Bend:
    """Bends the checkpoint: another root or size, signed by the log's own key or another."""

    def bend(note: str) -> str:
        told = read_note(note).checkpoint
        text = CheckpointText(told.origin, size or told.size, root or told.root)
        signer = region.books._checkpoints._signer
        return write_note(text, sign_log(text, key or signer.key))

    return bend


def test_a_feed_that_forks_is_refused_and_nothing_of_it_is_taken(
    regions: tuple[Region, Region], tmp_path: Path
) -> None:
    a, b = regions
    peer = b.follows(a)
    a.bar("ex_zhang")
    b.feeds.follow(peer)
    good = b.state(peer).watch.note
    # The same key, the same name, another past: what an operator with two databases can do.
    other = Region(tmp_path / "fork", a.pin.origin, a.clock)
    key = a.books._checkpoints._signer
    object.__setattr__(other.books._checkpoints, "_signer", key)
    for number in range(5):
        other.bar(f"ex_other_{number}")
    b.away[a.pin.origin] = other.door

    state = b.feeds.follow(peer)

    assert state.trouble == "ledger.forked"
    assert b.alarms(peer) == ["ledger.forked"]
    assert len(b.took(peer)) == 1
    assert b.state(peer).watch.note == good
    b.feeds.follow(peer)
    assert b.alarms(peer) == ["ledger.forked"]  # one alarm for one thing, however often seen

    b.away[a.pin.origin] = a.door
    a.bar("ex_li")
    assert b.feeds.follow(peer).trouble == ""
    assert len(b.took(peer)) == 2
    other.close()


def test_a_feed_that_rolls_back_is_refused(regions: tuple[Region, Region]) -> None:
    a, b = regions
    peer = b.follows(a)
    a.bar("ex_zhang")
    early = a.books.checkpoint().note
    a.bar("ex_li")
    b.feeds.follow(peer)
    a.door.bend_note = lambda _: early

    assert b.feeds.follow(peer).trouble == "ledger.rolled_back"
    assert b.alarms(peer) == ["ledger.rolled_back"]
    assert len(b.took(peer)) == 2


def test_a_feed_signed_by_another_key_is_refused(regions: tuple[Region, Region]) -> None:
    a, b = regions
    peer = b.follows(a)
    a.bar("ex_zhang")
    a.door.bend_note = forged(a, key=Ed25519PrivateKey.generate())

    assert b.feeds.follow(peer).trouble == "ledger.other_key"
    assert b.took(peer) == []


def test_a_root_that_the_leaves_do_not_lead_to_is_refused(
    regions: tuple[Region, Region],
) -> None:
    a, b = regions
    peer = b.follows(a)
    a.bar("ex_zhang")
    a.door.bend_note = forged(a, root=b"\7" * 32)

    assert b.feeds.follow(peer).trouble == "ledger.forked"
    assert b.took(peer) == []


def without(number: int) -> Bend:
    return lambda some: [one for at, one in enumerate(some) if at != number]


def other_body(some: list[Payload]) -> list[Payload]:
    [one] = some
    assert one.body is not None
    return [replace(one, body=one.body.replace(b"barred", b"barreD"))]


@pytest.mark.parametrize(
    ("bend", "code"),
    [
        (without(0), "feed.gap"),
        (other_body, "ledger.broken_entry"),
        (lambda some: [replace(one, at=one.at + 7200) for one in some], "ledger.broken_entry"),
        (lambda some: [replace(one, at=one.at + 1) for one in some], "ledger.broken_entry"),
        (lambda some: [replace(one, salt=b"\0" * 16) for one in some], "ledger.broken_entry"),
        (lambda some: [replace(one, index=one.index + 1) for one in some], "feed.gap"),
    ],
)
def test_a_body_that_the_leaf_does_not_commit_to_is_refused(
    regions: tuple[Region, Region], bend: Bend, code: str
) -> None:
    a, b = regions
    peer = b.follows(a)
    a.bar("ex_zhang")
    a.door.bend_payloads = bend

    assert b.feeds.follow(peer).trouble == code
    assert b.took(peer) == []
    a.door.bend_payloads = lambda some: some
    assert b.feeds.follow(peer).trouble == ""
    assert len(b.took(peer)) == 1


def test_a_lift_cannot_be_kept_back_while_what_comes_after_it_is_shown(
    regions: tuple[Region, Region],
) -> None:
    a, b = regions
    peer = b.follows(a)
    measure = a.bar("ex_zhang")
    a.lift(measure)
    a.bar("ex_li")
    a.door.bend_payloads = without(1)

    assert b.feeds.follow(peer).trouble == "feed.gap"
    a.door.bend_payloads = lambda some: some[:1]
    assert b.feeds.follow(peer).trouble == "feed.gap"
    assert b.took(peer) == []


def test_a_log_that_leaves_a_number_of_its_feed_out_is_refused(
    regions: tuple[Region, Region],
) -> None:
    a, b = regions
    a.forged = True
    peer = b.follows(a)
    a.bar("ex_zhang")
    with a.books.database.write() as db:  # who keeps the log writes what they like
        db.connection().exec_driver_sql("UPDATE ledger_leaf SET seq = 3 WHERE stream = 'feed'")
    with a.books.write() as book:
        book.append(STREAM, LIST_ENTRY, {"id": "bl_x"})

    assert b.feeds.follow(peer).trouble == "feed.gap"
    assert b.took(peer) == []


def test_what_a_peer_has_erased_is_taken_as_withheld_and_does_not_stop_the_rest(
    regions: tuple[Region, Region],
) -> None:
    a, b = regions
    a.forged = True
    peer = b.follows(a)
    a.bar("ex_zhang")
    a.bar("ex_li")
    with a.books.write() as book:
        book.erase(book.entries(STREAM)[0].index, "withdrawn_consent")

    assert b.feeds.follow(peer).trouble == ""
    first, second = b.took(peer)
    assert (first.body, first.token) == (b"", "")
    assert second.token == token_of("ex_li")


def test_what_cannot_be_read_is_kept_and_shown_and_does_not_stop_the_rest(
    regions: tuple[Region, Region],
) -> None:
    a, b = regions
    a.forged = True
    peer = b.follows(a)
    with a.books.write() as book:
        book.append(STREAM, LIST_ENTRY, {"id": "bl_1", "act": "recorded"})
        book.append(STREAM, "feed.something_new", {"id": "x"})
    a.bar("ex_li")

    b.feeds.follow(peer)

    assert [one.unreadable for one in b.took(peer)] == ["article", "type", ""]


def test_a_peer_that_is_away_hurts_nobody_and_is_no_alarm(
    regions: tuple[Region, Region],
) -> None:
    a, b = regions
    peer = b.follows(a)
    a.bar("ex_zhang")
    a.door.silent = True
    size = b.books.size()

    assert b.feeds.follow(peer).trouble == "feed.peer_silent"
    assert b.books.size() == size
    a.door.silent = False
    assert b.feeds.follow(peer).trouble == ""


def test_a_feed_that_is_late_is_shown(regions: tuple[Region, Region]) -> None:
    a, b = regions
    peer = b.follows(a)
    a.bar("ex_zhang")
    assert not b.feeds.follow(peer).late
    b.clock.advance(LATE_AFTER + timedelta(seconds=1))

    assert b.feeds.follow(peer).late
    a.bar("ex_li")
    assert not b.feeds.follow(peer).late


def test_trouble_with_one_peer_is_no_trouble_for_another(
    regions: tuple[Region, Region], tmp_path: Path
) -> None:
    a, b = regions
    c = Region(tmp_path / "c", "c.example/log", a.clock)
    ids = c.follows(a), c.follows(b)
    a.bar("ex_zhang")
    b.bar("ex_zhang")
    a.door.bend_note = forged(a, root=b"\7" * 32)

    c.feeds.follow_all()

    assert [len(c.took(one)) for one in ids] == [0, 1]
    check(c)
    c.close()


@pytest.mark.parametrize(
    ("member", "changes"),
    [
        ("name", {"name": " "}),
        ("name", {"name": "长" * 61}),
        ("address", {"address": "http://b.example"}),
        ("address", {"address": "https://b.example/path"}),
        ("address", {"address": "https://who@b.example"}),
        ("address", {"address": "https://b.example:port"}),
        ("address", {"address": "file:///etc"}),
    ],
)
def test_a_peer_is_registered_with_a_name_and_an_address(
    regions: tuple[Region, Region], member: str, changes: dict[str, str]
) -> None:
    a, b = regions
    words = {"name": "B", "pin_line": b.pin.line, "address": "https://b.example"} | changes

    with pytest.raises(errors.PeerUnfit) as refused:
        a.feeds.register(**words, by=ADMIN)
    assert refused.value.facts["member"] == member
    assert a.feeds.peers() == []


def test_neither_the_own_log_nor_one_twice_is_a_peer(regions: tuple[Region, Region]) -> None:
    a, b = regions
    a.follows(b)
    for line in (a.pin.line, b.pin.line):
        with pytest.raises(errors.PeerUnfit):
            a.feeds.register("again", line, "https://b.example", ADMIN)
    with pytest.raises(PinUnreadable):
        a.feeds.register("b", "no key", "https://b.example", ADMIN)


def test_a_peer_that_was_withdrawn_is_not_followed_and_what_was_taken_stays(
    regions: tuple[Region, Region],
) -> None:
    a, b = regions
    peer = b.follows(a)
    a.bar("ex_zhang")
    b.feeds.follow(peer)
    b.feeds.withdraw(peer, "其日志分叉", ADMIN)
    asked = a.door.asked

    b.feeds.follow_all()

    assert a.door.asked == asked
    assert len(b.took(peer)) == 1
    with pytest.raises(errors.PeerUnknown):
        b.feeds.follow(peer)
    b.follows(a)  # may be registered again, from the beginning
