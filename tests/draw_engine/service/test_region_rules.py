"""Region rules of a committee, from the request to the proof."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from classification.core.errors import UnknownRegion
from draw_engine.core.composition import RuleOutcome, Verdict
from draw_engine.core.demands import DemandNotStated
from draw_engine.core.draw_state import Draw, Stage
from draw_engine.core.manifest import rules_of
from draw_engine.core.region_rules import RegionRulesClash, RegionRulesTooNarrow
from draw_engine.core.request import DrawRequest, RegionRequest, RequestUnreadable, SlotRequest
from draw_engine.core.selection import CommitteeRules, Member
from draw_engine.refusals import ConditionsTooNarrow
from draw_engine.schemas import DrawRequestIn
from foundation.errors import ServiceError
from tests.draw_engine.draw_bench import DrawBench
from tests.draw_engine.service.test_whole_draw import verified

BEIJING, SHANGHAI, CHONGQING = 110000, 310000, 500000
STORED = Path(__file__).parents[2] / "vectors" / "region_bundle.json"
TWO_FROM_CHONGQING = RegionRequest((CHONGQING,), 2, 2)


@pytest.fixture
def large(tmp_path: Path) -> Iterator[DrawBench]:
    """A pool of 180, each with an employer of their own, a third from each of three provinces."""
    bench = DrawBench(tmp_path)
    bench.register()
    bench.enrol(180, employers=180)
    bench.settle()
    try:
        yield bench
    finally:
        bench.stop()


def provinces(bench: DrawBench, draw: Draw) -> dict[int, int]:
    """Seat -> province of who was asked to it last."""
    members = bench.members(draw.id)
    region = {one.expert_id: one.region for one in bench.pool.facts(list(members.values()))}
    return {seat: region[who] for seat, who in members.items()}


def rule(found: list[RuleOutcome], name: str) -> RuleOutcome:
    return next(one for one in found if one.rule == name)


def test_a_rule_binds_the_primary_draw_and_every_step(bench: DrawBench, tmp_path: Path) -> None:
    """Four of a pool in equal thirds; two of them, no more and no fewer, from Chongqing."""
    draw = bench.drawn(region_rules=(TWO_FROM_CHONGQING,))
    assert draw.stage is Stage.INVITING, bench.told
    assert draw.manifest is not None
    assert draw.manifest["rules"]["regions"] == [{"set": [CHONGQING], "min": 2, "max": 2}]
    first = provinces(bench, draw)
    assert Counter(first.values())[CHONGQING] == 2

    for seat in (*first, *first):
        bench.answer(draw.id, seat, accept=False)
        bench.settle(30)
        after = provinces(bench, draw)
        assert after[seat] == CHONGQING if first[seat] == CHONGQING else after[seat] != CHONGQING
    bench.accept_all(draw.id)

    assert {c.outcome for c in bench.rooms.rebuilder.run(draw.id, "act_supervisor")} == {"ok"}
    assert bench.unseal(draw.id).stage is Stage.UNSEALED
    bundle = bench.rooms.publisher.bundle(draw.id)
    found = verified(bundle, tmp_path)
    assert found.returncode == 0, found.stdout + found.stderr
    assert len(json.loads(bundle)["results"]) == 9
    other = bundle.replace(b'"max":2,"min":2', b'"max":3,"min":2')
    assert other != bundle
    assert verified(other, tmp_path).returncode == 1


def test_a_request_without_a_rule_freezes_none(bench: DrawBench) -> None:
    draw = bench.drawn()

    assert draw.manifest is not None
    assert draw.manifest["rules"]["regions"] == []
    assert "region_rules" not in draw.request.to_body()


def test_admission_names_the_rule_that_leaves_too_few_committees(large: DrawBench) -> None:
    """Eight of eight from a third of the pool: one committee in 6561."""
    draw = large.drawn(
        slots=(SlotRequest(("2018:A0802",), 8),),
        committee_size=11,
        owner_representatives=("a", "b", "c"),
        region_rules=(
            RegionRequest((BEIJING, SHANGHAI), 0, 8),
            RegionRequest((CHONGQING,), 8, 8),
        ),
    )

    assert draw.stage is Stage.REFUSED
    assert draw.ended is not None
    assert draw.ended.reason == "draw.not_admitted"
    assert draw.ended.facts == {"tightest": "regions[1]"}


@pytest.mark.parametrize(
    ("rules", "refusal"),
    [
        ((RegionRequest((), 0, 2),), RequestUnreadable),
        ((RegionRequest((SHANGHAI, BEIJING), 0, 2),), RequestUnreadable),
        ((RegionRequest((BEIJING, BEIJING), 0, 2),), RequestUnreadable),
        ((RegionRequest((BEIJING,), -1, 2),), RequestUnreadable),
        ((RegionRequest((BEIJING,), 3, 2),), RequestUnreadable),
        ((RegionRequest((BEIJING,), 0, 5),), RequestUnreadable),
        ((RegionRequest((BEIJING,), 0, 3), RegionRequest((BEIJING,), 1, 4)), RequestUnreadable),
        (tuple(RegionRequest((n * 10000,), 0, 1) for n in (11, 12, 13, 14)), RequestUnreadable),
        ((RegionRequest((990000,), 0, 2),), UnknownRegion),
        ((RegionRequest((110101,), 0, 2),), ConditionsTooNarrow),
        ((RegionRequest((BEIJING,), 3, 4), RegionRequest((SHANGHAI,), 2, 4)), RegionRulesClash),
    ],
)
def test_a_rule_that_is_none_is_refused(
    bench: DrawBench, rules: tuple[RegionRequest, ...], refusal: type[ServiceError]
) -> None:
    """R-NARROW-1: a province is the least; and rules must be able to hold together."""
    with pytest.raises(refusal):
        bench.draws.file(bench.request(region_rules=rules))
    assert bench.draws.draws() == []


def test_a_rule_that_the_slots_own_regions_rule_out_is_refused(bench: DrawBench) -> None:
    site = (SlotRequest(("2018:A0802",), 4, (BEIJING,)),)

    with pytest.raises(RegionRulesClash):
        bench.draws.check(
            bench.request(slots=site, region_rules=(RegionRequest((BEIJING,), 0, 3),))
        )


def test_r_narrow_1_that_a_regulation_asks_for_it_is_for_a_person_to_see(bench: DrawBench) -> None:
    """R-NARROW-1: the supervisor sees the rule before signing the admission."""
    shown: dict[str, Any] = {}

    def approves(what: str, seen: Mapping[str, Any]) -> bool:
        shown[what] = seen
        return True

    supervisor = bench.holders["supervisor"]
    supervisor._person = replace(supervisor._person, approves=approves)
    request = bench.request(region_rules=(TWO_FROM_CHONGQING,))
    found = rule(bench.draws.check(request).rules, "R-NARROW-1")

    assert (found.outcome, found.facts["region_rules"]) == (Verdict.UNVERIFIED, 1)
    bench.drawn(region_rules=(TWO_FROM_CHONGQING,))
    assert shown["admission"]["rules"]["regions"] == [{"set": [CHONGQING], "min": 2, "max": 2}]


def test_r_pool_3_a_province_with_few_candidates_is_refused_and_counted(bench: DrawBench) -> None:
    """R-POOL-3: nobody is from Xinjiang here, so whoever is drawn was not drawn by chance."""
    asked = {"region_rules": (RegionRequest((650000,), 1, 4),)}
    found = rule(bench.draws.check(bench.request(**asked)).rules, "R-POOL-3")
    # Fewer than ten is all a check can say; eight would do.
    assert (found.outcome, dict(found.facts)) == (Verdict.UNVERIFIED, {"judged": "filing"})
    more = {"region_rules": (RegionRequest((650000,), 3, 4),)}
    found = rule(bench.draws.check(bench.request(**more)).rules, "R-POOL-3")
    assert (found.outcome, dict(found.facts)) == (Verdict.FAIL, {"region_rules": "narrow"})

    for _ in range(2):
        with pytest.raises(RegionRulesTooNarrow):
            bench.draws.file(bench.request(**asked))

    draw = bench.draws.file(bench.request())
    assert bench.rooms.supervision.look(draw.id).requester.refused == 2


def test_r_pool_3_is_judged_again_at_the_freeze(bench: DrawBench) -> None:
    """R-POOL-3: sixty were enough when it was filed; then Chongqing's experts went on leave."""
    draw = bench.draws.file(bench.request(region_rules=(TWO_FROM_CHONGQING,)))
    there = [one.expert_id for one in bench.pool.facts(list(bench.pool.ids()))
             if one.region == CHONGQING]  # fmt: skip
    bench.standings.update(dict.fromkeys(there[:12], 3))

    bench.settle()

    ended = bench.draws.draw(draw.id).ended
    assert ended is not None
    assert (ended.reason, ended.rule) == ("draw.region_rules_too_narrow", "R-POOL-3")


def test_a_demand_for_region_rules_is_met_by_stating_them(bench: DrawBench) -> None:
    bench.draws.overlay = replace(bench.overlay, demands=("committee_regions",))

    with pytest.raises(DemandNotStated):
        bench.draws.file(bench.request())
    draw = bench.draws.file(bench.request(region_rules=(TWO_FROM_CHONGQING,)))

    assert draw.request.region_rules == (TWO_FROM_CHONGQING,)


def test_the_wire_form_is_the_manifests(bench: DrawBench) -> None:
    rules = (RegionRequest((BEIJING, SHANGHAI), 1, 3),)
    request: DrawRequest = bench.request(region_rules=rules, parties=())

    wire = DrawRequestIn.of(request).model_dump(mode="json")

    assert wire["region_rules"] == [{"set": ["110000", "310000"], "min": 1, "max": 3}]
    assert DrawRequestIn.model_validate(wire).to_request(request.filed_by) == request
    assert DrawRequest.from_body(request.to_body()) == request


def test_the_stored_bundle_is_verified_and_its_rules_turned_candidates_away(
    tmp_path: Path,
) -> None:
    """The browser's verifier reads the same file (web/src/draw/regions.test.ts)."""
    data = STORED.read_bytes()
    bundle = json.loads(data)
    rules = rules_of(bundle["manifest"]["rules"])
    opened = {
        one["position"]: Member(bytes.fromhex(one["tag"]), bytes.fromhex(one["org"]), one["region"])
        for one in bundle["openings"]
    }
    first, *steps = [one["body"] for one in bundle["results"]]
    seats = list(first["positions"][0])
    passed_over = set(opened) - set(seats) - {step["position"] for step in steps}
    assert first["attempt"] == 0
    turned_away = set()
    for step in steps:
        others = [opened[at] for seat, at in enumerate(seats) if seat != step["seat"]]
        for at in passed_over:
            committee = [*others, opened[at]]
            if CommitteeRules(rules.org_cap).allow(committee) and not rules.allow(committee):
                turned_away.add(at)
        seats[step["seat"]] = step["position"]

    assert turned_away, "nobody was passed over for a region rule alone"
    found = verified(data, tmp_path)
    assert found.returncode == 0, found.stdout + found.stderr
