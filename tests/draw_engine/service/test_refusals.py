"""What is not taken, and the rule that says so."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from classification.core.errors import UnknownCode
from draw_engine.core.demands import LATER, RULES, NotSupported, RuleNotSupported
from draw_engine.core.eligibility import PoolTooSmall
from draw_engine.core.request import RequestUnreadable, SlotRequest, TimesOutOfOrder
from draw_engine.refusals import (
    CommitteeSizeUnlawful,
    EntityNotNamed,
    NotYours,
    PartyCodeWrong,
    RepresentativeUnknown,
    RequestKeyTaken,
    SectionAlreadyDrawn,
    TooLate,
    WindowWrong,
)
from draw_engine.schemas import DrawOut, DrawRequestIn
from foundation.errors import ServiceError
from tests.draw_engine.draw_bench import DrawBench

A0802 = SlotRequest(("2018:A0802",), 4)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"committee_size": 4, "slots": (replace(A0802, seats=3),)}, CommitteeSizeUnlawful),
        ({"owner_representatives": ("a", "b"), "slots": (replace(A0802, seats=3),)},
         CommitteeSizeUnlawful),
        ({"slots": (SlotRequest(("2018:Z99",), 4),)}, ServiceError),
        ({"slots": (SlotRequest(("2018:A080299",), 4),)}, UnknownCode),
        ({"slots": (SlotRequest(("2010:A0802",), 4),)}, ServiceError),
        ({"slots": (SlotRequest(("A0802",), 4),)}, RequestUnreadable),
        ({"slots": (SlotRequest(("2018:B01",), 2), SlotRequest(("2018:A08",), 3)),
          "committee_size": 7, "owner_representatives": ("a", "b")}, None),
        ({"slots": (SlotRequest(("2018:B01",), 8),), "committee_size": 9}, PoolTooSmall),
        ({"parties": ()}, EntityNotNamed),
        ({"purpose": "PLEASURE"}, RequestUnreadable),
    ],
)  # fmt: skip
def test_a_request_that_breaks_a_rule_is_refused(
    bench: DrawBench, changes: dict[str, Any], refusal: type[ServiceError] | None
) -> None:
    """R-SIZE-1, R-POOL-3, R-REC-10 and the classification."""
    if refusal is None:
        assert bench.draws.check(bench.request(**changes)).admissible
        return
    with pytest.raises(refusal):
        bench.draws.file(bench.request(**changes))
    assert bench.draws.draws() == []


def test_times_that_do_not_follow_each_other_are_refused(bench: DrawBench) -> None:
    """R-TIME-4."""
    request = bench.request()
    with pytest.raises(TimesOutOfOrder):
        bench.draws.file(replace(request, latest_draw_at=request.draw_at - timedelta(1)))
    later = timedelta(days=2)
    with pytest.raises(WindowWrong):
        bench.draws.file(
            replace(
                request,
                starts_at=request.starts_at + later,
                unseal_after=request.unseal_after + later,
            )
        )


@pytest.mark.parametrize("named", [("nobody", "known"), ("known", "known")])
def test_an_owner_representative_is_somebody_and_named_once(
    bench: DrawBench, named: tuple[str, ...]
) -> None:
    """R-SIZE-1: a seat that nobody can take does not make a committee larger."""
    bench.draws.is_representative = lambda one: one == "known"
    wanted = bench.request(owner_representatives=named, committee_size=7)

    with pytest.raises(RepresentativeUnknown):
        bench.draws.check(wanted)


def test_the_same_request_key_files_one_draw(bench: DrawBench) -> None:
    request = bench.request()

    first, again = bench.draws.file(request), bench.draws.file(request)

    assert first.id == again.id
    assert len(bench.draws.draws()) == 1
    with pytest.raises(RequestKeyTaken):
        bench.draws.file(replace(request, filed_by="act_other"))


def test_a_section_is_not_drawn_again_until_it_pleases(bench: DrawBench) -> None:
    """R-PRIN-1: a second draw of a lot that has one would be choosing between committees."""
    bench.drawn()

    with pytest.raises(SectionAlreadyDrawn):
        bench.draws.file(bench.request(request_key="another-key"))


def test_only_its_applicant_withdraws_and_not_after_the_result(bench: DrawBench) -> None:
    draw = bench.drawn()

    with pytest.raises(NotYours):
        bench.draws.withdraw(draw.id, "act_other", "changed my mind")
    with pytest.raises(TooLate):
        bench.draws.withdraw(draw.id, "act_applicant", "I dislike them")


def test_no_request_can_name_a_person(bench: DrawBench) -> None:
    """R-PRIN-1: nothing that goes into a draw has room for an expert."""

    def members(schema: Any) -> set[str]:
        found = set(schema.get("properties", {}))
        for inner in schema.get("$defs", {}).values():
            found |= set(inner.get("properties", {}))
        return found

    asked = members(DrawRequestIn.model_json_schema())
    shown = members(DrawOut.model_json_schema())

    assert not {name for name in asked if "expert" in name or "person" in name or "tag" in name}
    assert not {"n", "count", "experts", "members", "phone"} & shown
    extra = DrawRequestIn.of(bench.request()).model_dump(mode="json") | {"expert_ids": ["ex_1"]}
    with pytest.raises(ValueError, match="expert_ids"):
        DrawRequestIn.model_validate(extra)


@pytest.mark.parametrize("demand", [*sorted(LATER), "something new"])
def test_what_is_not_drawn_here_is_refused_and_never_left_out(
    bench: DrawBench, demand: str
) -> None:
    """A demand that is not met would look like one that is."""
    with pytest.raises(NotSupported) as refused:
        bench.draws.file(bench.request(demands=(demand,)))
    assert refused.value.facts == {"demand": demand}
    assert bench.draws.draws() == []


@pytest.mark.parametrize(("demand", "rule"), sorted(RULES.items()))
def test_r_draw_5_r_unit_3_no_weights_and_no_pairs(
    bench: DrawBench, demand: str, rule: str
) -> None:
    """R-DRAW-5, R-UNIT-3: a rule book that demands them is not drawn under."""
    bench.draws.overlay = replace(bench.overlay, demands=(demand,))
    with pytest.raises(RuleNotSupported) as refused:
        bench.draws.file(bench.request())
    assert refused.value.facts["rule_of_demand"] == rule
    assert bench.draws.draws() == []


def test_r_rec_1_a_code_that_is_none_would_recuse_nobody(bench: DrawBench) -> None:
    """R-REC-1, R-REC-10: a mistyped digit is told before anything is filed."""
    wire = DrawRequestIn.of(replace(bench.request(), parties=())).model_dump(mode="json")

    def naming(code: str) -> DrawRequestIn:
        party = {"kind": "bidder", "unified_credit_code": code, "name": "Example bidder"}
        return DrawRequestIn.model_validate(wire | {"parties": [party]})

    taken = naming(" 91110000gen999028 2".replace(" ", "")).to_request("act_applicant")
    assert taken.parties[0].unified_credit_code == "91110000GEN9990282"
    for wrong in ("91110000GEN9990283", "91110000GEN9909282", "91110000GEN999028", "x"):
        with pytest.raises(PartyCodeWrong) as refused:
            naming(wrong).to_request("act_applicant")
        assert refused.value.facts == {"party": "Example bidder"}
