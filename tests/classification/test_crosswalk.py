"""From 2010 to 2018: what is sure, what waits for a person, what a decision carries along."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classification.catalogue_file import load_crosswalk, load_version
from classification.core import errors
from classification.core.catalogue import Catalogue, Specialty, Status
from classification.core.code import SpecialtyCode, above_of
from classification.core.crosswalk import (
    OPEN,
    Certainty,
    Crosswalk,
    Decision,
    Fate,
    How,
    Kind,
    Outcome,
    Row,
    chained,
)
from classification.core.difference import Change, counted, crosswalk_rows, differences
from classification.core.editions import Editions, mapped
from classification.core.likeness import candidates

OLD, NEW = load_version("2010"), load_version("2018")
WALK = load_crosswalk()


def said(code: str, *heirs: str, outcome: Outcome = Outcome.HEIRS, number: int = 1) -> Decision:
    return Decision(code, outcome, heirs, "names compared", "acc", "2026-11-23", number)


def test_every_2010_code_has_one_row_and_every_heir_is_in_2018() -> None:
    assert {row.code for row in WALK} == {line.code.code for line in OLD}
    assert all(SpecialtyCode("2018", row.heir) in NEW for row in WALK if row.heir)
    assert Counter(row.certainty for row in WALK) == {
        Certainty.SURE: 907,
        Certainty.WITH_CLASS: 478,
        Certainty.DOUBTFUL: 272,
        Certainty.LIKELY: 35,
        Certainty.NONE: 52,
    }


def test_nothing_but_what_is_sure_is_settled_before_a_person_speaks() -> None:
    for row in WALK:
        fate = WALK.fate(row.code, {})
        assert fate.settled == (row.certainty is Certainty.SURE)
        assert fate.heirs == ((row.heir,) if fate.settled else ())


def test_a_decision_on_a_class_settles_the_lines_that_only_waited_for_it() -> None:
    before = WALK.progress({})
    decisions = {"B01": said("B01", "B01")}

    after = WALK.progress(decisions)

    assert (before.needed, before.decided, before.open_with_class) == (359, 0, 478)
    assert (after.decided, after.open_with_class) == (1, 478 - 274)
    assert WALK.fate("B0101", decisions) == Fate(How.WITH_CLASS, ("B0101",))
    # 电子元器件 below it has another name as well and waits for a word of its own
    assert not WALK.fate("B011201", decisions).settled


def test_a_class_that_became_another_one_settles_nothing_below_it() -> None:
    for decision in (said("B01", "B02"), said("B01", outcome=Outcome.NO_HEIR)):
        assert not WALK.fate("B0101", {"B01": decision}).settled


def test_a_person_s_word_wins_and_undoing_it_opens_the_row_again() -> None:
    assert WALK.fate("A01", {"A01": said("A01", "A02")}).heirs == ("A02",)
    assert WALK.fate("A010107", {"A010107": said("A010107", "A010109")}).how is How.DECIDED
    undone = {"A010107": said("A010107", outcome=Outcome.OPEN)}
    assert WALK.fate("A010107", undone) == OPEN


rows = st.sampled_from(list(WALK))


@given(st.dictionaries(rows.map(lambda row: row.code), st.sampled_from(list(Outcome)), max_size=40))
def test_whatever_is_decided_a_settled_line_without_a_decision_follows_its_class(
    outcomes: dict[str, Outcome],
) -> None:
    decisions = {
        code: said(code, *((code,) if one is Outcome.HEIRS else ()), outcome=one)
        for code, one in outcomes.items()
    }
    for code, fate in WALK.fates(decisions).items():
        if fate.how is How.WITH_CLASS:
            assert WALK.fate(above_of(code), decisions).heirs == (above_of(code),)
        if fate.how is How.OPEN:
            assert fate.heirs == ()


def test_over_two_steps_a_code_is_as_sure_as_its_weakest_step() -> None:
    sure, decided = Fate(How.SURE, ("A01",)), Fate(How.DECIDED, ("A02", "A03"))
    assert chained(sure, [Fate(How.SURE, ("A09",))]) == Fate(How.SURE, ("A09",))
    both = [Fate(How.SURE, ("B01",)), Fate(How.SURE, ("B02",))]
    assert chained(decided, both) == Fate(How.DECIDED, ("B01", "B02"))
    assert chained(sure, [OPEN]) == chained(OPEN, []) == OPEN


def test_candidates_are_few_begin_with_the_finding_and_are_of_the_newer_version() -> None:
    for code in ("A010107", "A040307", "B0117", "A030201"):
        row = WALK.get(code)
        assert row is not None
        shown = candidates(row, OLD, NEW)
        assert 0 < len(shown) <= 5
        assert len({one.code for one in shown}) == len(shown)
        assert all(one in list(NEW) for one in shown)
        if row.heir:
            assert shown[0].code.code == row.heir
    nuclear = WALK.get("A010107")
    assert nuclear is not None
    assert any("核" in one.name for one in candidates(nuclear, OLD, NEW))


@pytest.mark.parametrize(
    ("code", "outcome", "heirs", "seen", "reason", "refusal"),
    [
        ("Z99", Outcome.HEIRS, ["A01"], 0, "why", errors.UnknownRow),
        ("A010107", Outcome.HEIRS, [], 0, "why", errors.HeirsUnfit),
        ("A010107", Outcome.NO_HEIR, ["A01"], 0, "why", errors.HeirsUnfit),
        ("A010107", Outcome.HEIRS, [f"A0101{n:02}" for n in range(9)], 0, "w", errors.HeirsUnfit),
        ("A010107", Outcome.OPEN, [], 0, "why", errors.NothingToUndo),
        ("A010107", Outcome.HEIRS, ["A01"], 3, "why", errors.DecidedMeanwhile),
        ("A010107", Outcome.HEIRS, ["A01"], 0, "  ", errors.ReasonMissing),
        ("A010107", Outcome.HEIRS, ["A01"], 0, "x" * 501, errors.ReasonMissing),
    ],
)
def test_a_decision_that_says_nothing_or_too_much_is_refused(  # noqa: PLR0917
    code: str, outcome: Outcome, heirs: list[str], seen: int, reason: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        mapped(WALK, Editions(), code, outcome, heirs, reason=reason, seen=seen)


def lines(version: str, names: dict[str, str]) -> Catalogue:
    return Catalogue(
        version,
        [
            Specialty(SpecialtyCode(version, code), name, Status.CONFIRMED, "", "")
            for code, name in names.items()
        ],
    )


BASE = {
    "A": "工程",
    "A01": "规划",
    "A0101": "铁路",
    "A0102": "公路",
    "A0103": "民航",
    "B": "货物",
    "B01": "药品",
}


def test_a_corrected_list_is_compared_line_by_line() -> None:
    base = lines("2018", BASE)
    after = {
        "A": "工程类",
        "A01": "规划",
        "A0101": "隧道",
        "A0104": "公路",
        "B": "货物",
        "B01": "药品",
        "B02": "器械",
    }
    found = differences(base, lines("2018r1", after), ["A0101"])

    assert [(one.change, one.code, one.to) for one in found] == [
        (Change.RENAMED, "A", ""),
        (Change.REUSED, "A0101", ""),
        (Change.MOVED, "A0102", "A0104"),
        (Change.REMOVED, "A0103", ""),
        (Change.ADDED, "B02", ""),
    ]
    assert counted(found)[Change.STATUS] == 0
    walk = {row.code: row for row in crosswalk_rows(base, lines("2018r1", after), ["A0101"])}
    assert walk["A"] == Row("A", Kind.RENAMED, Certainty.LIKELY, "A")
    assert walk["A01"] == Row("A01", Kind.SAME, Certainty.WITH_CLASS, "A01")
    assert walk["A0101"] == Row("A0101", Kind.REUSED, Certainty.DOUBTFUL, "")
    assert walk["A0102"] == Row("A0102", Kind.MOVED_WITHIN, Certainty.LIKELY, "A0104")
    assert walk["A0103"] == Row("A0103", Kind.DROPPED, Certainty.NONE, "")
    assert walk["B01"] == Row("B01", Kind.SAME, Certainty.SURE, "B01")


def test_below_a_re_used_class_nothing_is_sure_even_under_the_same_name() -> None:
    walk = crosswalk_rows(lines("2018", BASE), lines("2018r1", BASE), ["A01"])
    assert {row.code for row in walk if row.certainty is Certainty.WITH_CLASS} == {
        *("A0101", "A0102", "A0103")
    }


@given(st.dictionaries(st.sampled_from(sorted(BASE)), st.text(min_size=1, max_size=4)))
def test_differences_and_crosswalk_tell_the_same_story(renamed: dict[str, str]) -> None:
    base, new = lines("2018", BASE), lines("2018r1", BASE | renamed)
    changed = {one.code for one in differences(base, new, []) if one.change is not Change.ADDED}
    walk = Crosswalk("2018", "2018r1", crosswalk_rows(base, new, []))
    assert len(walk) == len(BASE)
    unsure = {
        row.code for row in walk if row.certainty not in {Certainty.SURE, Certainty.WITH_CLASS}
    }
    assert changed == unsure
