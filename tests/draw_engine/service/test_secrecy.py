"""R-CONF-3 and R-ELIG-8: what files, notices and neighbours may know of a draw."""

from pathlib import Path

from draw_engine.expert_schemas import InvitationOut
from draw_engine.vault_store import InvitationRow
from foundation.notify.outbox import Notice
from tests.draw_engine.draw_bench import DrawBench


class Listening:
    """A channel that remembers."""

    def __init__(self) -> None:
        self.sent: list[Notice] = []

    def deliver(self, notice: Notice) -> str:
        self.sent.append(notice)
        return "sent"


def bytes_of(*paths: Path) -> bytes:
    return b"".join(
        file.read_bytes() for path in paths for file in path.parent.glob(path.name + "*")
    )


def test_a_notice_says_time_place_and_contact_and_no_more(bench: DrawBench) -> None:
    """R-CONF-3."""
    channel = Listening()
    bench.draws.timeline._channel = channel
    draw = bench.drawn()

    assert len(channel.sent) == draw.request.seats
    for notice in channel.sent:
        assert set(notice.facts) == {"starts_at", "place", "contact"}
    members = set(InvitationOut.model_fields)
    assert not {name for name in members if "project" in name or "section" in name}


def test_no_file_links_an_expert_to_a_draw_in_clear(bench: DrawBench) -> None:
    draw = bench.drawn()
    bench.accept_all(draw.id)
    names = [person.name for person in bench.vault.names(draw.id).values()]
    phones = [person.phone for person in bench.vault.names(draw.id).values()]
    experts = list(bench.members(draw.id).values())

    whole = bytes_of(bench.home / "main.db", bench.home / "vault.db")

    assert not [word for word in names + phones if word.encode() in whole]
    with bench.books.read() as book:
        streams = [f"draw/{draw.id}", "snapshots", "holders"]
        entries = [one for stream in streams for one in book.entries(stream)]
    told = "".join(repr((one.body, one.protocol, one.leaf)) for one in entries)
    assert not [expert for expert in experts if expert in told]
    with bench.vault_database.read() as db:
        from sqlmodel import select

        for row in db.exec(select(InvitationRow)):
            clear = repr((row.id, row.draw_id, row.place, row.contact, row.expert, row.who))
            assert not [expert for expert in experts if expert in clear]


def test_names_open_only_with_an_entry_that_says_who_asked(bench: DrawBench) -> None:
    draw = bench.drawn()
    bench.accept_all(draw.id)

    people = bench.draws.names(draw.id, "act_supervisor", "check-in is complete")

    assert {one.expert_id for one in people.values()} == set(bench.members(draw.id).values())
    newest = bench.draws.record.entries(draw.id)[-1]
    assert newest.type == "draw.names_opened"
    assert newest.body == {"by": "act_supervisor", "reason": "check-in is complete"}


def test_one_expert_holds_one_seat_at_a_time(bench: DrawBench) -> None:
    """R-ELIG-8: a later draw leaves out who is seated; two side by side sort it out by rule."""
    one = bench.drawn(section="1")
    two = bench.drawn(section="2")

    assert not set(bench.members(one.id).values()) & set(bench.members(two.id).values())

    third = bench.draws.file(bench.request(section="3"))
    fourth = bench.draws.file(bench.request(section="4"))
    bench.settle()
    bench.pass_time(minutes=6)
    bench.settle(60)
    both = [bench.members(draw.id) for draw in (third, fourth)]
    assert [len(found) for found in both] == [4, 4]
    assert not set(both[0].values()) & set(both[1].values())


def test_a_gateway_that_is_down_makes_nobody_unreachable(bench: DrawBench) -> None:
    """A notice that was not handed over is no evidence against its expert."""

    class Down:
        def deliver(self, notice: Notice) -> str:
            raise OSError("no line")

    bench.draws.timeline._channel = Down()
    draw = bench.drawn()
    for _ in range(4):
        bench.pass_time(seconds=bench.overlay.reply_seconds)
        bench.settle()
    assert not bench.draws.draw(draw.id).declines

    bench.draws.timeline._channel = Listening()
    bench.settle()
    assert not bench.draws.draw(draw.id).declines, "the time to answer begins with the notice"
    for _ in range(4):
        bench.pass_time(seconds=bench.overlay.reply_seconds / 3 + 1)
        bench.settle()

    assert [one.cause for one in bench.draws.draw(draw.id).declines][:1] == ["unreachable"]
