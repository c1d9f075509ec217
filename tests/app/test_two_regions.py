"""Two services on two ports with two databases share their lists over HTTP, and nothing else."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from blacklist.core.feed_errors import PeerSilent
from blacklist.feed_client import ENTRIES, HEADER, signed
from draw_engine.person_tokens import PersonTokens
from foundation.auth.roles import Role
from foundation.keys import KeyRing
from foundation.ledger.following import LogPin
from tests.app.bench import a_bench, code_of
from tests.app.regions import FIRST, SECOND, Region, two_regions


@pytest.fixture
def regions(tmp_path: Path) -> Iterator[tuple[Region, Region]]:
    with two_regions(tmp_path) as pair:
        yield pair


def peer_of(region: Region) -> str:
    [state] = region.bench.house.feeds.feeds.peers()
    return state.peer.id


def test_what_north_enters_south_sees_confirms_and_no_longer_draws(
    regions: tuple[Region, Region],
) -> None:
    north, south = regions
    measure = north.bar(north.expert(3))
    north.publish()

    south.look()

    [person] = south.bench.house.feeds.matches.all()
    assert person.expert_id == south.expert(3)
    assert person.expert_id != measure.expert_id
    matches = south.bench.house.feeds.matches
    proposal = matches.propose(peer_of(south), measure.id, FIRST)
    south.bench.house.blacklist.confirm(proposal.id, SECOND)
    assert south.bench.house.blacklist.reasons() == {person.expert_id: 5}


def test_an_application_is_checked_against_the_regions_that_are_followed(
    regions: tuple[Region, Region],
) -> None:
    north, south = regions
    number, other = (north.bench.house.pool.persons.get(north.expert(n)).id_number for n in (3, 4))
    measure = north.bar(north.expert(3))
    north.publish()
    south.look()
    outside = south.bench.house.appointment.desk.outside
    assert outside is not None

    assert outside([number, other]) == {number: ["barred"]}
    assert measure.kind == "barred"
    south.bench.house.feeds.feeds.withdraw(peer_of(south), "协议终止", FIRST)
    assert outside([number]) is None


def test_what_no_witness_has_seen_is_not_told(regions: tuple[Region, Region]) -> None:
    north, south = regions
    north.bar(north.expert(3))

    south.look()

    [state] = south.bench.house.feeds.feeds.peers()
    assert (state.taken, state.trouble) == (0, "")
    assert north.bench.house.feeds.publisher.page(0, 10) == []


def test_two_services_on_two_ports_follow_each_other_and_come_to_rest(
    regions: tuple[Region, Region],
) -> None:
    north, south = regions
    north.bar(north.expert(3))
    south.bar(south.expert(4))
    for _ in range(3):
        for one in regions:
            one.publish()
            one.look()
    before = [one.bench.house.books.size() for one in regions]

    for _ in range(3):
        for one in regions:
            one.publish()
            one.look()

    assert [one.bench.house.books.size() for one in regions] == before
    assert [len(one.bench.house.feeds.matches.all()) for one in regions] == [1, 1]


def test_no_name_and_no_number_leaves_a_region(regions: tuple[Region, Region]) -> None:
    north, south = regions
    who = north.bench.house.pool.persons.get(north.expert(3))
    north.bar(who.expert_id, basis=f"关于{who.name}的决定")
    north.publish()
    south.look()

    with south.bench.house.books.read() as book:
        told = [str(one.body) for name in book.streams("feed") for one in book.entries(name)]
    assert told
    for secret in (who.name, who.id_number, str(who.expert_id)):
        assert not any(secret in one for one in told), secret


def test_only_a_registered_peer_gets_a_body(regions: tuple[Region, Region]) -> None:
    north, south = regions
    north.bar(north.expert(3))
    north.publish()
    path = f"{ENTRIES}?since=0&limit=10"
    house = south.bench.house
    origin, to = house.feeds.feeds.own.origin, north.bench.house.feeds.feeds.own.origin
    key, clock = KeyRing(house.settings.keys).signing("log"), south.bench.clock
    good = signed(key, origin, to, path, clock)

    def asked(header: str, where: str = path) -> int:
        return httpx2.get(north.address + where, headers={HEADER: header}).status_code

    assert asked(good) == 200
    for header in (
        "",
        "south.example/log",
        good[:-2] + ("00" if good[-2:] != "00" else "11"),
        good.replace("south", "north"),
        signed(key, "other.example/log", to, path, clock),
        signed(key, origin, "other.example/log", path, clock),
        signed(KeyRing(house.settings.keys).signing("other"), origin, to, path, clock),
        f"{origin} 99999999999999999999 00",
        f"{origin} -1 00",
        f"{origin} 1 not-hex",
    ):
        assert asked(header) == 401, header
    assert asked(good, f"{ENTRIES}?since=1&limit=10") == 401
    north.bench.clock.advance(timedelta(minutes=6))
    assert asked(good) == 401
    answer = httpx2.get(north.address + path)
    assert code_of(answer) == "feed.not_a_peer"


def test_a_peer_that_was_withdrawn_gets_nothing_any_more(regions: tuple[Region, Region]) -> None:
    north, south = regions
    north.bar(north.expert(3))
    north.publish()
    north.bench.house.feeds.feeds.withdraw(peer_of(north), "协议终止", FIRST)

    south.look()

    [state] = south.bench.house.feeds.feeds.peers()
    assert (state.taken, state.trouble) == (0, "feed.peer_silent")


def test_a_region_that_is_switched_off_hurts_nobody(tmp_path: Path) -> None:
    with a_bench(tmp_path / "alone", demonstration=True, log_origin="x.example/log") as bench:
        feeds = bench.house.feeds.feeds
        other = Region("gone", bench, "http://127.0.0.1:9")
        line = "gone.example/log"
        pin = LogPin(line, other.witness.public_key().public_bytes_raw())
        peer = feeds.register("gone", pin.line, other.address, FIRST)
        size = bench.house.books.size()

        assert feeds.follow(peer.id).trouble == PeerSilent.code
        assert bench.house.books.size() == size


def test_a_real_service_without_a_key_of_a_federation_tells_nobody(tmp_path: Path) -> None:
    with a_bench(tmp_path / "real") as bench:
        assert bench.house.feeds.publisher.federation == ""
        assert bench.house.feeds.publisher.backfill() == 0


def test_a_key_that_a_person_gave_is_taken_and_another_renews_every_token(
    regions: tuple[Region, Region],
) -> None:
    north, _ = regions
    pool = north.bench.house.pool
    who, people = north.expert(3), pool.persons.ids()
    one, other = (PersonTokens(pool.vault_database, pool.persons, bytes([n]) * 32) for n in (1, 2))
    assert one.index() == len(people)
    assert one.index() == 0
    assert one.experts([one.token(who)]) == {one.token(who): who}
    assert one.key_id != other.key_id

    assert other.index() == len(people)

    assert one.experts([one.token(who)]) == {}
    assert other.experts([other.token(who)]) == {other.token(who): who}
    assert other.of_number(pool.persons.get(who).id_number.lower()) == other.token(who)
    assert PersonTokens(pool.vault_database, pool.persons, None).token(who) == ""


def test_whom_the_vault_has_erased_is_found_no_more(regions: tuple[Region, Region]) -> None:
    north, _ = regions
    pool = north.bench.house.pool
    who = north.expert(3)
    tokens = PersonTokens(pool.vault_database, pool.persons, bytes(32))
    tokens.index()
    token = tokens.token(who)
    pool.persons.erase(who)

    assert tokens.experts([token]) == {}
    assert tokens.token(who) == ""
    assert tokens.told_by(who, ["x"]) == [False]


def test_the_administrator_registers_and_the_supervisor_reads(
    regions: tuple[Region, Region],
) -> None:
    north, south = regions
    administrator = north.bench.signed_in(Role.ADMINISTRATOR)
    supervisor = north.bench.signed_in(Role.SUPERVISOR)
    manager = north.bench.signed_in(Role.POOL_MANAGER)
    [peer] = administrator.get("/api/feeds").json()["peers"]
    assert supervisor.get("/api/feeds").json()["peers"] == [peer]
    assert supervisor.post("/api/feeds", json={}).status_code in {403, 422}
    assert administrator.get("/api/feeds/matches").status_code == 403
    body = {"reason": "协议终止"}
    assert supervisor.post(f"/api/feeds/{peer['id']}/withdraw", json=body).status_code == 403
    measure = south.bar(south.expert(5))
    south.publish()
    assert supervisor.post(f"/api/feeds/{peer['id']}/follow").json()["taken"] == 1

    [person] = manager.get("/api/feeds/matches").json()["people"]
    assert [one["step"] for one in person["matches"]] == ["propose"]
    [entry] = supervisor.get(f"/api/feeds/{peer['id']}").json()["entries"]
    assert (entry["id"], entry["kind"], entry["act"]) == (measure.id, "barred", "recorded")
    assert "token" not in str(entry)
    where = f"/api/feeds/{peer['id']}/entries/{measure.id}"
    assert manager.post(f"{where}/propose").status_code == 201
    assert code_of(manager.post(f"{where}/propose")) == "feed.match_settled"
    assert administrator.post(f"/api/feeds/{peer['id']}/withdraw", json=body).status_code == 200
