"""The vault answers twice alike, computes nothing unproved, and keeps what it must."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from draw_engine.core.draw_state import VAULT
from draw_engine.core.errors import WrongShare
from draw_engine.core.holder_checks import Claim, ReleaseRefused
from draw_engine.core.invitation import MOVES, Act, InvitationClosed, Status, moved
from draw_engine.vault_freeze import FreezeOrder, Screened
from draw_engine.vault_seats import InvitationUnknown
from foundation.ids import ExpertId
from tests.draw_engine.draw_bench import DrawBench, a_bench
from tests.stores.places import Stores

pytestmark = pytest.mark.both_engines


@pytest.fixture
def bench(stores: Stores) -> Iterator[DrawBench]:
    with a_bench(stores.home, stores=stores) as bench:
        yield bench


def claim_and_reveals(bench: DrawBench) -> tuple[str, Claim, dict[tuple[str, int], bytes]]:
    draw = bench.drawn()
    claim = bench.draws.timeline.claim_of(draw, 0)
    assert claim is not None
    return draw.id, claim, {key: bytes.fromhex(one.y) for key, one in draw.reveals.items()}


def test_a_result_asked_for_twice_is_the_same(bench: DrawBench) -> None:
    draw_id, claim, reveals = claim_and_reveals(bench)

    digests = {bench.vault.run(draw_id, claim, reveals) for _ in range(2)}
    bench.restart()
    digests.add(bench.vault.run(draw_id, claim, reveals))

    assert len(digests) == 1


def test_a_freeze_asked_for_twice_is_the_first_one(bench: DrawBench) -> None:
    draw = bench.drawn()
    frozen = bench.vault.frozen(draw.id)
    order = FreezeOrder(
        draw.id, draw.draw, draw.epoch, Screened((), bench.pool.columns().ids, np.array([])),
        draw.request.starts_at, timedelta(hours=8), bench.draws.screening.cooldown,
    )  # fmt: skip

    again = bench.vault.freeze(order)

    assert [tree.root for tree in again.trees] == [tree.root for tree in frozen.trees]


def test_nothing_is_computed_for_a_manifest_without_proof(bench: DrawBench) -> None:
    _, claim, reveals = claim_and_reveals(bench)
    second = bench.draws.file(bench.request(section="2"))
    bench.settle()
    lines = claim.freeze.note.splitlines(keepends=True)
    stripped = replace(claim.freeze, note="".join(lines[:-1]))
    own = bench.draws.timeline.claim_of(bench.draws.draw(second.id), 0)
    assert own is not None

    with pytest.raises(ReleaseRefused):
        bench.vault.run(second.id, claim, reveals)
    with pytest.raises(ReleaseRefused):
        bench.vault.run(second.id, replace(own, freeze=stripped), reveals)
    with pytest.raises(WrongShare):
        bench.vault.run(second.id, own, reveals)


def test_the_vault_keeps_its_values_until_unsealing(bench: DrawBench) -> None:
    draw = bench.drawn()
    assert not [key for key in bench.draws.draw(draw.id).reveals if key[0] == VAULT]
    bench.accept_all(draw.id)

    opened = bench.unseal(draw.id)

    assert (VAULT, 0) in opened.reveals


def test_an_answer_is_the_invited_expert_s_own(bench: DrawBench) -> None:
    draw = bench.drawn()
    members = bench.members(draw.id)
    (invitation,) = bench.vault.seats.inbox(members[0])
    stranger = next(one for one in bench.pool.ids() if one not in members.values())

    with pytest.raises(InvitationUnknown):
        bench.draws.answer(
            stranger, invitation.id, accept=True, reason="", sign=lambda said: said.hex()
        )
    assert bench.vault.seat_of(draw.id, members[0]) is None
    bench.answer(draw.id, 0, accept=True)
    assert bench.vault.seat_of(draw.id, members[0]) == 0
    assert bench.vault.seat_of(draw.id, ExpertId("nobody")) is None


def test_a_dispute_is_sealed_and_the_ledger_says_that_there_is_one(bench: DrawBench) -> None:
    draw = bench.drawn()
    who = bench.members(draw.id)[0]
    (invitation,) = bench.vault.seats.inbox(who)
    words = "I was never asked, whatever the record says"

    bench.draws.dispute(who, invitation.id, words)
    bench.draws.dispute(who, invitation.id, "a second thought")

    (again,) = bench.vault.seats.inbox(who)
    assert again.disputed == words
    with bench.books.read() as book:
        entries = book.entries(f"record/{invitation.id}")
    assert [one.type for one in entries] == ["record.disputed"]
    assert words not in repr(entries)


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("act", list(Act))
def test_an_invitation_moves_as_its_table_says_and_not_otherwise(status: Status, act: Act) -> None:
    if (status, act) in MOVES:
        assert moved(status, act) is MOVES[status, act]
    else:
        with pytest.raises(InvitationClosed):
            moved(status, act)


def test_who_is_out_of_the_seat_never_comes_back_into_it(bench: DrawBench) -> None:
    """R-REP-1: a declined invitation takes no second answer."""
    draw = bench.drawn()
    who = bench.members(draw.id)[1]
    (invitation,) = bench.vault.seats.inbox(who)
    bench.answer(draw.id, 1, accept=False)
    bench.settle()

    with pytest.raises(InvitationClosed):
        bench.draws.answer(who, invitation.id, accept=True, reason="", sign=lambda said: said.hex())
