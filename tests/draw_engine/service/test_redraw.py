"""A redraw after an abort keeps the members still seated (SPEC.md section 7)."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from draw_engine.core.admission import dry_run
from draw_engine.core.checks.case import Asked, Outcome
from draw_engine.core.draw_state import KEPT_LEFT, Draw, Stage
from draw_engine.core.exclusions import Reason
from draw_engine.core.hat_rows import HatRows
from draw_engine.core.manifest import Manifest
from draw_engine.core.redraw import MembersNotAnswered, RedrawDiffers
from draw_engine.core.request import DrawRequest, RegionRequest, SlotRequest
from draw_engine.core.selection import Hat
from draw_engine.core.snapshot import tag_of
from draw_engine.core.verification import verify
from draw_engine.refusals import (
    CommitteeSizeUnlawful,
    NothingToSetAside,
    NotYours,
    SectionAlreadyDrawn,
)
from draw_engine.vault_seats import NOTICES
from draw_engine.vault_store import NoticeRow
from foundation.ids import ExpertId
from tests.draw_engine.draw_bench import DrawBench
from tests.draw_engine.holder.test_checks import LyingDesk
from tests.draw_engine.test_certificate import text_of


def aborted(bench: DrawBench, **changes: Any) -> Draw:
    """A draw whose member of seat 0 declined, and whose step a holder's silence ended."""
    draw = bench.drawn(**changes)
    for seat in range(1, 4):
        bench.answer(draw.id, seat, accept=True)
    return silenced(bench, draw)


def silenced(bench: DrawBench, draw: Draw) -> Draw:
    """The draw after the member of seat 0 declined and a holder gave nothing for the step."""
    bench.silent = {"centre"}
    bench.answer(draw.id, 0, accept=False)
    bench.settle()
    bench.clock.advance(timedelta(seconds=bench.overlay.reveal_seconds + 1))
    bench.settle()
    bench.silent = set()
    found = bench.draws.draw(draw.id)
    assert found.stage is Stage.ABORTED
    return found


def open_seats(bench: DrawBench, before: Draw, **changes: Any) -> DrawRequest:
    """What the applicant files: the open seats of the draw before, for the same evaluation."""
    now = bench.clock.now()
    asked = bench.draws.redraw(before.id, before.request.filed_by)
    times = {
        "draw_at": now + timedelta(minutes=5),
        "latest_draw_at": now + timedelta(minutes=30),
        "request_key": f"redraw-{before.id}-{now.timestamp()}",
    }
    return replace(asked, **{**times, **changes})


def redrawn(bench: DrawBench, before: Draw, **changes: Any) -> Draw:
    """The redraw, filed and drawn, its new members invited."""
    draw = bench.draws.file(open_seats(bench, before, **changes))
    bench.settle()
    bench.clock.advance(timedelta(minutes=6))
    bench.settle()
    return bench.draws.draw(draw.id)


def reasons(bench: DrawBench, draw: Draw) -> Mapping[bytes, Reason]:
    return {one.tag: one.reason for one in bench.vault.frozen(draw.id).out}


def tags(bench: DrawBench, draw: Draw, experts: list[ExpertId]) -> list[bytes]:
    keys = bench.vault.snapshots.keys_of(draw.epoch).for_draw(draw.draw)
    return [tag_of(keys.tag, one) for one in experts]


def notices(bench: DrawBench) -> int:
    with bench.vault_database.read() as db:
        return len(db.exec(select(NoticeRow)).all())


def keep_rebuilt(bench: DrawBench, draw_id: str) -> str:
    found = {one.name: one.outcome for one in bench.rooms.rebuilder.run(draw_id, "act_sup")}
    assert {name for name, outcome in found.items() if outcome != "ok"} <= {"keep.rebuilt"}
    return found["keep.rebuilt"]


def test_a_redraw_keeps_who_is_seated_and_draws_the_open_seats_only(bench: DrawBench) -> None:
    """From abort to proof: seats and answers go on, nobody is asked twice, strangers verify it."""
    first = aborted(bench)
    before = bench.members(first.id)
    known = [one for one in bench.pool.ids() if bench.vault.seats.inbox(one)]
    (declined,) = (one for one in known if one not in before.values())
    sent = notices(bench)

    second = redrawn(bench, first)

    assert second.draw == {**first.draw, "seq": 2, "prev": first.M}
    assert second.handle == first.handle
    manifest = Manifest.read(second.manifest or {})
    assert manifest.seats == 1
    assert sorted(tags(bench, second, list(before.values()))) == [k.tag for k in manifest.keep]
    out = reasons(bench, second)
    gone = tags(bench, second, [*before.values(), declined])
    assert {out[tag] for tag in gone} == {Reason.KEPT_OR_DRAWN}

    after = bench.members(second.id)
    assert {after[seat] for seat in (1, 2, 3)} == set(before.values())
    assert after[0] not in {*before.values(), declined}
    assert bench.members(first.id) == {}
    assert notices(bench) == sent + NOTICES  # the newcomer's, and no other
    assert [len(bench.vault.seats.inbox(one)) for one in after.values()] == [1] * 4
    assert second.stage is Stage.INVITING

    bench.accept_all(second.id)
    assert bench.draws.draw(second.id).stage is Stage.SEALED
    people = bench.draws.names(second.id, "act_supervisor", "the committee meets")
    assert {seat: one.expert_id for seat, one in people.items()} == after
    assert keep_rebuilt(bench, second.id) == "ok"

    bench.unseal(second.id)
    bundle = bench.rooms.publisher.bundle(second.id)
    named = bench.rooms.publisher.identities(second.id)
    verdict = verify(bundle, Asked(test=True, identities=named))
    assert verdict.exit_code == 0, verdict
    assert {row.name: row.outcome for row in verdict.rows}["member.named"] is Outcome.PASSED
    assert len(json.loads(bundle)["manifest"]["keep"]) == 3
    paper = text_of(bench.rooms.certificates.pdf(second.id, "https://draw.example", ""))
    assert "由第1次抽取的成员留任，本次不抽3" in paper


def test_a_redraw_s_new_member_declines_and_a_step_fills_the_seat(bench: DrawBench) -> None:
    """Kept members count as drawn and as incumbents in every step."""
    first = aborted(bench)
    kept = set(bench.members(first.id).values())
    second = redrawn(bench, first)
    bench.answer(second.id, 0, accept=False)
    bench.settle()
    bench.accept_all(second.id)
    bench.unseal(second.id)

    assert bench.draws.draw(second.id).step == 1
    verdict = verify(bench.rooms.publisher.bundle(second.id), Asked(test=True))
    assert verdict.exit_code == 0, verdict
    assert kept < set(bench.vault.seats.members(second.id).values())


def test_region_rules_count_kept_members_beside_the_drawn_one(bench: DrawBench) -> None:
    """One of the committee is from there: where a kept member is, the open seat may not be."""
    one = RegionRequest((110000,), 1, 1)
    first = aborted(bench, region_rules=(one,))
    kept = set(bench.members(first.id).values())
    second = redrawn(bench, first)
    bench.accept_all(second.id)

    regions = {fact.expert_id: fact.region for fact in bench.pool.facts(list(kept))}
    inside = sum(region == 110000 for region in regions.values())
    (newcomer,) = bench.pool.facts([bench.members(second.id)[0]])
    assert inside + (newcomer.region == 110000) == 1
    assert keep_rebuilt(bench, second.id) == "ok"
    bench.unseal(second.id)
    verdict = verify(bench.rooms.publisher.bundle(second.id), Asked(test=True))
    assert verdict.exit_code == 0, verdict


def test_a_redraw_waits_until_every_seated_member_has_answered(bench: DrawBench) -> None:
    """R-REP-1: an answer given after the abort counts, and silence counts in the end."""
    first = silenced(bench, bench.drawn())
    with pytest.raises(MembersNotAnswered):
        bench.draws.file(open_seats(bench, first))
    bench.answer(first.id, 1, accept=True)
    bench.answer(first.id, 2, accept=False)
    bench.settle()
    bench.pass_time(seconds=bench.overlay.reply_seconds)
    bench.settle()

    second = redrawn(bench, bench.draws.draw(first.id))

    assert (second.request.seats, [one.was for one in second.kept]) == (3, [1])
    assert bench.draws.draw(first.id).seats[3].state == "vacant"
    assert keep_rebuilt(bench, second.id) == "ok"


@pytest.mark.parametrize(
    ("changes", "member"),
    [
        ({"slots": (SlotRequest(("2018:A0802",), 2),)}, "slots"),
        ({"slots": (SlotRequest(("2018:A0802",), 4),), "committee_size": 7}, "committee_size"),
        ({"place": "Another room"}, "place"),
        ({"parties": ()}, "parties"),
        ({"region_rules": (RegionRequest((110000,), 1, 4),)}, "region_rules"),
        ({"filed_by": "act_other"}, "filed_by"),
        ({"demands": ("unsealed",)}, "demands"),
    ],
)
def test_a_redraw_with_kept_members_is_the_same_evaluation(
    bench: DrawBench, changes: dict[str, Any], member: str
) -> None:
    """R-PRIN-1: who keeps a seat agreed to this time and place, and was screened for them."""
    first = aborted(bench)
    with pytest.raises(RedrawDiffers) as refused:
        bench.draws.file(open_seats(bench, first, **changes))
    assert refused.value.facts == {"member": member}


def test_kept_members_count_for_the_size_of_the_committee(bench: DrawBench) -> None:
    """R-SIZE-1: the check says so to the applicant, and to nobody else."""
    first = aborted(bench)
    asked = open_seats(bench, first)
    assert {one.rule: one.outcome for one in bench.draws.check(asked).rules}["R-SIZE-1"] == "pass"
    other = bench.draws.check(replace(asked, filed_by="act_other"))
    assert {one.rule: one.outcome for one in other.rules}["R-SIZE-1"] == "fail"
    with pytest.raises(CommitteeSizeUnlawful):
        bench.draws.file(replace(asked, owner_representatives=()))
    with pytest.raises(NotYours):
        bench.draws.redraw(first.id, "act_other")


def test_who_leaves_before_the_freeze_changes_the_open_seats(bench: DrawBench) -> None:
    """Nothing is frozen with somebody who has left: the request is filed anew, as the same seq."""
    first = aborted(bench)
    filed = bench.draws.file(open_seats(bench, first))
    with pytest.raises(NothingToSetAside):
        bench.draws.set_aside(first.id, "act_supervisor", "a redraw is under way")
    bench.answer(first.id, 1, accept=False)
    bench.settle()
    bench.pass_time(minutes=6)
    bench.settle()

    ended = bench.draws.draw(filed.id)
    assert ended.stage is Stage.REFUSED
    assert ended.ended is not None
    assert ended.ended.reason == "draw.keep_changed"
    second = redrawn(bench, bench.draws.draw(first.id))
    assert (second.draw["seq"], second.request.seats, len(second.kept)) == (2, 2, 2)


@pytest.mark.parametrize("vacated", [False, True])
def test_a_kept_member_who_leaves_ends_the_redraw_and_the_next_one_keeps_the_rest(
    bench: DrawBench, *, vacated: bool
) -> None:
    """No step of the manifest fills a kept seat: `withdrawn`, and the chain of draws goes on."""
    first = aborted(bench)
    second = redrawn(bench, first)
    bench.accept_all(second.id)
    seated = bench.members(second.id)
    leaver = seated[2]
    if vacated:
        bench.draws.vacate(second.id, 2, "conflict", b"found on the day")
    else:
        bench.answer(second.id, 2, accept=False)
    bench.settle()

    ended = bench.draws.draw(second.id)
    assert ended.ended is not None
    assert (ended.ended.reason, ended.ended.why) == ("withdrawn", KEPT_LEFT)
    assert [seat for seat, one in ended.seats.items() if one.state == "vacant"] == [2]
    with pytest.raises(SectionAlreadyDrawn):
        bench.draws.redraw(first.id, "act_applicant")
    assert bench.draws.why_set_aside(bench.draws.draw(first.id)) is None

    third = redrawn(bench, ended)
    assert [(one.was, one.seq) for one in third.kept] == [(0, 2), (1, 1), (3, 1)]
    after = bench.members(third.id)
    assert {after[seat] for seat in (1, 2, 3)} == set(seated.values()) - {leaver}
    assert leaver not in after.values()
    bench.accept_all(third.id)
    assert keep_rebuilt(bench, second.id) == "ok"
    assert keep_rebuilt(bench, third.id) == "ok"
    bench.unseal(third.id)
    verdict = verify(bench.rooms.publisher.bundle(third.id), Asked(test=True))
    assert verdict.exit_code == 0, verdict


def test_a_kept_member_who_leaves_before_the_draw_ends_it_too(bench: DrawBench) -> None:
    """Before a result there is nobody new to keep; those who were kept still are."""
    first = aborted(bench)
    filed = bench.draws.file(open_seats(bench, first))
    bench.settle()
    assert bench.draws.draw(filed.id).M
    bench.pass_time(seconds=1)
    bench.answer(filed.id, 3, accept=False)
    bench.settle()

    ended = bench.draws.draw(filed.id)
    assert (ended.stage, ended.results) == (Stage.ABORTED, {})
    third = redrawn(bench, ended)
    assert (third.draw["seq"], third.request.seats) == (3, 2)
    assert [one.seq for one in third.kept] == [1, 1]
    assert keep_rebuilt(bench, third.id) == "ok"


@pytest.mark.parametrize("forged", ["stranger", "one_less", "declined"])
def test_a_forged_keep_fails_the_supervisor_s_recomputation(
    bench: DrawBench, monkeypatch: pytest.MonkeyPatch, forged: str
) -> None:
    """`keep.rebuilt` takes nobody's word: it opens the results before."""
    first = aborted(bench)
    members = bench.members(first.id)
    known = [one for one in bench.pool.ids() if bench.vault.seats.inbox(one)]
    (declined,) = (one for one in known if one not in members.values())
    stranger = next(one for one in bench.pool.ids() if one not in known)
    honest = bench.vault.seats.keeping

    def lying(draw_id: str, seats: list[int]) -> list[str]:
        kept = honest(draw_id, seats)
        forgeries = {"stranger": [*kept[1:], stranger], "one_less": kept[1:]}
        return forgeries.get(forged, [*kept[1:], declined])

    monkeypatch.setattr(bench.vault.seats, "keeping", lying)
    second = redrawn(bench, first)

    assert keep_rebuilt(bench, second.id) == "fail"
    assert "keep.rebuilt" in bench.draws.draw(second.id).alarms


def test_a_supervisor_admits_nobody_kept_who_could_be_drawn_as_well(bench: DrawBench) -> None:
    """The holder's own check, over the rows that it was handed."""
    first = aborted(bench)
    bench.draws.file(open_seats(bench, first))
    for party in ("centre", "supervisor"):
        bench.holders[party].round(bench.desk(party))
    bench.tick()

    def lie(duties: dict[str, Any]) -> None:
        for duty in duties["admissions"]:
            rows = HatRows(bench.desk("supervisor").hat(duty["draw_id"], 0))
            tag, org, region = rows[0]
            twice = {"tag": tag.hex(), "org": org.hex(), "region": region}
            keep = [*duty["manifest"]["keep"], twice]
            duty["manifest"]["keep"] = sorted(keep, key=lambda one: one["tag"])
            read = Manifest.read(duty["manifest"])
            duty["M"] = read.m.hex()
            duty["accepted"] = dry_run(read.m, [Hat(rows, 1)], read.rules, read.keep).accepted

    lying = LyingDesk(bench.desk("supervisor"), lie)
    bench.holders["supervisor"].round(lying)
    honest = LyingDesk(bench.desk("supervisor"), lambda _: None)
    bench.holders["supervisor"].round(honest)

    assert lying.admitted == []
    assert "keep.in_hat" in bench.told[-1]
    assert len(honest.admitted) == 1


def test_members_of_an_ended_draw_are_free_when_the_evaluation_would_have_begun(
    bench: DrawBench,
) -> None:
    """R-ELIG-8: a redraw that never came binds nobody."""
    first = aborted(bench)
    starts_at, lasts = first.request.starts_at, timedelta(hours=8)
    busy = set(bench.members(first.id).values())
    assert bench.vault.seats.busy(starts_at, lasts, timedelta(0)) == busy
    bench.clock.advance(starts_at - bench.clock.now() + timedelta(seconds=1))
    bench.settle()
    assert bench.vault.seats.busy(starts_at, lasts, timedelta(0)) == set()
