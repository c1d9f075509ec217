"""B9, D11, D15, D17: the operator of the machine against the draw."""

import sqlite3
from datetime import timedelta
from pathlib import Path

from draw_engine.core.checks.case import Asked
from draw_engine.core.draw_state import Stage
from draw_engine.core.policy import policy_hash
from draw_engine.core.verification import verify
from draw_engine.holder_work import Person, ShareHolder
from draw_engine.schemas import DrawRequestIn
from foundation.clock import seconds
from foundation.settings import Settings
from tests.attacks.rows import tables_with
from tests.draw_engine.draw_bench import WITNESS, DrawBench


def test_b9_no_row_of_the_main_database_holds_an_expert_and_a_draw(draws: DrawBench) -> None:
    """A draw with a decline, to its unsealing: whoever has main.db finds no pair."""
    draw = draws.drawn()
    gone = draws.members(draw.id)[0]
    draws.answer(draw.id, 0, accept=False)
    draws.settle()
    draws.accept_all(draw.id)
    experts = [str(one) for one in [gone, *draws.members(draw.id).values()]]
    invitations = [
        one.id for who in draws.pool.ids() for one in draws.vault.seats.inbox(who)
    ]  # an invitation is as good as a draw
    draws.unseal(draw.id)
    of_the_draw = [draw.id, draw.M, draw.handle, draw.request.project_code, *invitations]

    main, vault = draws.home / "main.db", draws.home / "vault.db"

    assert tables_with(main, experts) == {"expert", "expert_specialty"}
    assert tables_with(main, of_the_draw) >= {"draw", "draw_step"}
    assert tables_with(main, experts, of_the_draw) == set()
    assert tables_with(vault, of_the_draw) >= {"vault_invitation"}
    assert tables_with(vault, experts, of_the_draw) == set()


def test_b9_a_row_with_both_would_be_found(tmp_path: Path) -> None:
    file = tmp_path / "leaky.db"
    with sqlite3.connect(file) as db:
        db.execute("CREATE TABLE seat_log (note TEXT, body BLOB)")
        db.execute("INSERT INTO seat_log VALUES (?, ?)", ("drw_1", b'{"who": "ex_00007"}'))
    db.close()
    assert tables_with(file, ["ex_00007"], ["drw_1", "drw_2"]) == {"seat_log"}
    assert tables_with(file, ["ex_00008"], ["drw_1"]) == set()


def test_d11_without_the_supervisor_nothing_is_drawn(draws: DrawBench) -> None:
    for section, missing_from in (("1", "the request"), ("2", "the freeze")):
        draws.silent = {"supervisor"} if missing_from == "the request" else set()
        draw = draws.draws.file(draws.request(section=section))
        draws.settle()
        draws.silent = {"supervisor"}
        draws.clock.advance(timedelta(minutes=6))
        draws.settle()
        draws.pass_time(minutes=40)
        draws.settle()

        found = draws.draws.draw(draw.id)
        assert found.results == {}, missing_from
        assert draws.members(draw.id) == {}


def test_d15_the_operators_clock_opens_nothing_before_the_witness_agrees(draws: DrawBench) -> None:
    draw = draws.drawn()
    draws.accept_all(draw.id)
    draws.settle()
    honest = draws.clock.now()
    approver = Person(lambda _what, _shown: True, draws.told.append)
    witness = ShareHolder(draws.files["supervisor"], approver, lambda: seconds(honest), WITNESS)
    own = draws.holders["supervisor"]

    draws.holders["supervisor"] = witness
    ahead = draws.unseal(draw.id)
    assert draws.clock.now() > draw.request.unseal_after
    assert ahead.stage is Stage.SEALED
    assert ahead.unsealed is None

    draws.holders["supervisor"] = own
    assert draws.unseal(draw.id).stage is Stage.UNSEALED


def test_d17_a_test_draw_never_passes_as_a_real_one(draws: DrawBench) -> None:
    """Not even for a reader who pinned its very policy."""
    draw = draws.drawn()
    draws.accept_all(draw.id)
    draws.unseal(draw.id)
    bundle = draws.rooms.publisher.bundle(draw.id)
    own = frozenset({policy_hash(draw.policy)})

    assert verify(bundle, Asked(test=True)).exit_code == 0
    for asked in (Asked(), Asked(pinned=own)):
        verdict = verify(bundle, asked)
        assert (verdict.word, verdict.failed) == ("failed", "policy.pinned")


def test_d17_no_setting_and_no_request_takes_a_seed() -> None:
    taken = set(Settings.model_fields) | set(DrawRequestIn.model_fields)
    assert "overlay" in taken
    odd = {"seed", "random", "test", "demo", "demonstration", "mode", "tip", "chain", "value"}
    assert {one for one in taken if odd & set(one.split("_"))} == set()
