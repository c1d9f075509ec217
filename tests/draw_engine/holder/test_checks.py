"""A holder believes its own checks and nothing that the service says (SPEC.md section 4)."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from draw_engine.core.hat_rows import ROW_BYTES, HatRows
from draw_engine.core.manifest import manifest_hash
from draw_engine.offline import DirectDesk
from draw_engine.refusals import ShareRefused
from foundation.ledger.note import read_note
from tests.draw_engine.draw_bench import DrawBench, a_bench

Duties = dict[str, Any]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[DrawBench]:
    with a_bench(tmp_path) as bench:
        yield bench


class LyingDesk:
    """A service that shows a holder other duties than it should."""

    def __init__(self, honest: DirectDesk, lie: Callable[[Duties], None]) -> None:
        self._honest = honest
        self._lie = lie
        self.bent: Callable[[bytes], bytes] = lambda rows: rows
        self.revealed: list[tuple[str, int, bytes]] = []
        self.cosigned: list[int] = []
        self.admitted: list[str] = []
        self.tips: list[bytes] = []

    def policy(self) -> dict[str, Any]:
        return self._honest.policy()

    def duties(self, witnessed: int | None) -> Duties:
        duties = deepcopy(self._honest.duties(witnessed))
        self._lie(duties)
        return duties

    def hat(self, draw_id: str, slot: int) -> bytes:
        return self.bent(self._honest.hat(draw_id, slot))

    def give_tip(self, draw_id: str, tip: bytes, sig: bytes) -> None:
        self.tips.append(tip)

    def give_admission(self, draw_id: str, m: bytes, accepted: int, sig: bytes) -> None:
        self.admitted.append(draw_id)

    def reveal(self, draw_id: str, j: int, y: bytes) -> None:
        self.revealed.append((draw_id, j, y))

    def cosign(self, size: int, line: str) -> None:
        self.cosigned.append(size)

    def abort(self, draw_id: str, reason: str, fault: str, sig: bytes) -> None:
        raise AssertionError("nothing was called off")


def at_the_reveal(bench: DrawBench) -> None:
    bench.draws.file(bench.request())
    bench.settle()
    bench.clock.advance(timedelta(minutes=5, seconds=1))


def first(duties: Duties) -> Duties:
    duty: Duties = duties["reveals"][0]
    return duty


def other_org_cap(duties: Duties) -> None:
    first(duties)["manifest"]["rules"]["org_cap"] = 5


def other_manifest_with_its_own_hash(duties: Duties) -> None:
    other_org_cap(duties)
    first(duties)["M"] = manifest_hash(first(duties)["manifest"]).hex()


def no_cosignature(duties: Duties) -> None:
    lines = first(duties)["freeze"]["note"].splitlines(keepends=True)
    first(duties)["freeze"]["note"] = "".join(lines[:-1])


def bent_path(duties: Duties) -> None:
    path = first(duties)["freeze"]["path"]
    path[0] = "00" * 32


def other_policy(duties: Duties) -> None:
    first(duties)["policy"]["witnesses"] = []
    first(duties)["policy"]["quorum"] = 0


def other_tip(duties: Duties) -> None:
    for one in first(duties)["manifest"]["inputs"]:
        if one["party"] == "centre":
            one["tip"] = "11" * 32
    first(duties)["M"] = manifest_hash(first(duties)["manifest"]).hex()


def later_step_without_decline(duties: Duties) -> None:
    first(duties)["j"] = 1


def another_draws_id(duties: Duties) -> None:
    first(duties)["draw_id"] = "drw_unknown"


def no_hash_at_all(duties: Duties) -> None:
    del first(duties)["M"]


LIES = [
    other_org_cap,
    other_manifest_with_its_own_hash,
    no_cosignature,
    bent_path,
    other_policy,
    other_tip,
    later_step_without_decline,
    another_draws_id,
    no_hash_at_all,
]


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: str(lie.__name__))
def test_no_value_goes_out_for_a_lie(bench: DrawBench, lie: Callable[[Duties], None]) -> None:
    at_the_reveal(bench)
    desk = LyingDesk(bench.desk("centre"), lie)

    bench.holders["centre"].round(desk)

    assert desk.revealed == []
    assert bench.told, "a refusal is reported to the person behind the holder"


def test_the_honest_service_gets_its_value(bench: DrawBench) -> None:
    """Otherwise the test above would pass with a holder that never reveals."""
    at_the_reveal(bench)
    desk = LyingDesk(bench.desk("centre"), lambda _: None)

    bench.holders["centre"].round(desk)

    assert [j for _, j, _ in desk.revealed] == [0]


def test_one_release_for_a_tip_and_step_even_after_a_restart(bench: DrawBench) -> None:
    at_the_reveal(bench)
    desk = LyingDesk(bench.desk("centre"), lambda _: None)
    bench.holders["centre"].round(desk)
    bench.files["centre"].journal().write("release", tip=_tip(bench), j=0, M="22" * 32)

    bench.restart()
    bench.holders["centre"].round(desk)

    assert len(desk.revealed) == 1
    assert "release.other_manifest" in " ".join(bench.told)


def test_a_tip_is_given_for_one_draw_only(bench: DrawBench) -> None:
    bench.draws.file(bench.request())
    asked: list[Duties] = []
    desk = LyingDesk(bench.desk("centre"), lambda duties: asked.extend(duties["tips"]))
    bench.holders["centre"].round(desk)

    def renamed(duties: Duties) -> None:
        duties["tips"][0]["draw"]["section"] = "another"

    lying = LyingDesk(bench.desk("centre"), renamed)
    bench.holders["centre"].round(lying)

    assert len(desk.tips) == 1
    assert lying.tips == []


def test_a_supervisor_admits_only_hats_that_are_in_the_manifest(bench: DrawBench) -> None:
    bench.silent = {"supervisor"}
    bench.draws.file(bench.request())
    bench.silent = set()
    for party in ("centre", "supervisor"):
        bench.holders[party].round(bench.desk(party))
    bench.tick()

    lying = LyingDesk(bench.desk("supervisor"), lambda _: None)
    # the employer of the first is another; the first is left out; a piece is left over
    for lie in (
        lambda rows: rows[:96] + bytes(16) + rows[112:],
        lambda rows: rows[ROW_BYTES:],
        lambda rows: rows[:-1],
    ):
        lying.bent = lie
        bench.holders["supervisor"].round(lying)
    honest = LyingDesk(bench.desk("supervisor"), lambda _: None)
    bench.holders["supervisor"].round(honest)

    assert lying.admitted == []
    assert len(honest.admitted) == 1


def test_only_the_supervisor_is_shown_hats_and_only_for_an_admission(bench: DrawBench) -> None:
    bench.silent = {"supervisor"}
    draw = bench.draws.file(bench.request())
    for party in ("centre", "supervisor"):
        bench.holders[party].round(bench.desk(party))
    with pytest.raises(ShareRefused):
        bench.desk("supervisor").hat(draw.id, 0)
    bench.tick()

    with pytest.raises(ShareRefused):
        bench.desk("centre").hat(draw.id, 0)
    with pytest.raises(ShareRefused):
        bench.desk("supervisor").hat(draw.id, 99)
    rows = HatRows(bench.desk("supervisor").hat(draw.id, 0))
    assert [one.tag for one in rows] == sorted(one.tag for one in rows)
    bench.holders["supervisor"].round(bench.desk("supervisor"))
    with pytest.raises(ShareRefused):
        bench.desk("supervisor").hat(draw.id, 0)


def test_a_witness_never_signs_two_histories(bench: DrawBench) -> None:
    bench.draws.file(bench.request())

    def rewritten(duties: Duties) -> None:
        if duties["checkpoint"]:
            duties["checkpoint"]["consistency"] = ["33" * 32]

    lying = LyingDesk(bench.desk("supervisor"), rewritten)
    bench.holders["supervisor"].round(lying)
    forgetful = LyingDesk(bench.desk("supervisor"), _from_nothing)
    bench.holders["supervisor"].round(forgetful)
    honest = LyingDesk(bench.desk("supervisor"), lambda _: None)
    bench.holders["supervisor"].round(honest)

    assert lying.cosigned == forgetful.cosigned == []
    assert len(honest.cosigned) == 1


def test_a_log_with_another_key_is_not_cosigned(bench: DrawBench) -> None:
    bench.draws.file(bench.request())

    def unsigned(duties: Duties) -> None:
        text = read_note(duties["checkpoint"]["note"]).text
        line = duties["checkpoint"]["note"].splitlines()[-1]
        bent = line[:-8] + ("AAAAAAA=" if not line.endswith("AAAAAAA=") else "BBBBBBA=")
        duties["checkpoint"]["note"] = f"{text}\n{bent}\n"

    lying = LyingDesk(bench.desk("supervisor"), unsigned)
    bench.holders["supervisor"].round(lying)

    assert lying.cosigned == []


def test_nothing_goes_out_that_a_person_did_not_approve(bench: DrawBench) -> None:
    from draw_engine.holder_work import Person, ShareHolder
    from foundation.clock import seconds

    at_the_reveal(bench)
    nobody = Person(lambda what, _shown: what == "policy", bench.told.append)
    holder = ShareHolder(bench.files["centre"], nobody, lambda: seconds(bench.clock.now()))
    desk = LyingDesk(bench.desk("centre"), lambda _: None)

    holder.round(desk)

    assert desk.revealed == []


def _from_nothing(duties: Duties) -> None:
    if duties["checkpoint"]:
        duties["checkpoint"] |= {"from": 0, "consistency": []}


def _tip(bench: DrawBench) -> str:
    (draw,) = bench.draws.draws()
    return draw.tips["centre"].tip
