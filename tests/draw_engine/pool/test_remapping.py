"""Versions adopted by a second person, experts carried over in one entry, nothing half done."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from sqlmodel import select

from app.wiring import House, build_house
from classification.core import errors
from classification.core.crosswalk import Outcome
from classification.core.editions import State
from draw_engine.core.columns import ExpertFacts
from draw_engine.expert_pool import Organisation
from draw_engine.pool_list import Query
from draw_engine.pool_tables import ExpertRow, ExpertSpecialtyRow
from draw_engine.remapping import NoRemapping, NothingToRemap
from foundation.clock import FixedClock
from foundation.ids import ExpertId
from foundation.settings import Settings
from tests.app.bench import MORNING, QUICK
from tests.classification.lists import as_csv, changed

MANAGER, SUPERVISOR = "acc_manager", "acc_supervisor"
EMPLOYER = "91330000GENUNIT00X"


def opened(home: Path) -> House:
    settings = Settings(home=home, log_origin="test.example/log")
    return build_house(settings, demonstration=False, clock=FixedClock(MORNING), hasher=QUICK)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = opened(tmp_path / "home")
    made.remapping.after = lambda: None  # these experts have no names to mask
    yield made
    made.close()


def enrol(house: House, classification: str, *codes: tuple[str, ...]) -> list[str]:
    """Experts with these codes; their ids tell version and place."""
    facts = [
        ExpertFacts(
            expert_id=ExpertId(f"ex_{classification}_{at:02}"),
            version=1,
            region=330000,
            employer=EMPLOYER,
            group=EMPLOYER,
            classification=classification,
            codes=held,
            title="高级职称",
            valid_to=date(2030, 1, 1),
            admitted_at=datetime(2026, 1, 1, tzinfo=UTC),
            generated=True,
        )
        for at, held in enumerate(codes)
    ]
    house.pool.pool.enrol(facts, [Organisation(EMPLOYER, "单位（生成）", EMPLOYER)], MANAGER)
    return [str(one.expert_id) for one in facts]


def codes_of(house: House) -> dict[str, tuple[str, ...]]:
    return {str(one.expert_id): one.codes for one in house.pool.pool.facts()}


def decide(house: House, code: str, *heirs: str, outcome: Outcome = Outcome.HEIRS) -> None:
    pair = ("2010", "2018")
    before = house.classification.editions.decisions.get(pair, {}).get(code)
    house.editions.decide(
        pair,
        code,
        outcome,
        heirs,
        reason="names compared",
        seen=before.number if before else 0,
        by=MANAGER,
    )


def propose(house: House, version: str = "2018r1", **changes: object) -> None:
    data = as_csv(changed(**changes))  # type: ignore[arg-type]
    house.editions.propose(data, version, "corrected.csv", MANAGER)


def test_experts_of_2010_come_over_by_what_is_sure_and_by_what_is_decided(house: House) -> None:
    sure, doubtful, both, dropped = enrol(
        *(house, "2010", ("A010102",), ("A010107",), ("A01", "A010107"), ("A040307",))
    )
    assert codes_of(house)[sure] == ()

    first = house.remapping.remap(MANAGER)

    assert codes_of(house) == {sure: ("A010104",), doubtful: (), both: ("A01",), dropped: ()}
    step = first.steps[0]
    assert (step.old, step.new, step.experts) == ("2010", "2018", 4)
    assert (step.sure, step.partly, step.undecided) == (1, 1, 2)
    assert (first.experts, first.not_drawable, first.changed) == (4, 2, 2)

    decide(house, "A010107", "A010109", "A010110")
    decide(house, "A040307", outcome=Outcome.NO_HEIR)
    second = house.remapping.remap(MANAGER)

    assert codes_of(house)[doubtful] == ("A010109", "A010110")
    assert codes_of(house)[both] == ("A01", "A010109", "A010110")
    step = second.steps[0]
    assert (step.sure, step.decided, step.undecided, step.given_up) == (1, 2, 0, 1)
    assert second.not_drawable == 1


def test_undoing_a_decision_takes_back_what_it_gave_and_nothing_else(house: House) -> None:
    [doubtful] = enrol(house, "2010", ("A010107",))
    [own] = enrol(house, "2018", ("A010109",))
    decide(house, "A010107", "A010109")
    house.remapping.remap(MANAGER)

    decide(house, "A010107", outcome=Outcome.OPEN)
    report = house.remapping.remap(MANAGER)

    assert codes_of(house) == {doubtful: (), own: ("A010109",)}
    assert report.changed == 1
    history = house.editions.history(("2010", "2018"), "A010107")
    assert [one.outcome for one, _ in history] == [Outcome.HEIRS, Outcome.OPEN]


def test_a_second_remapping_changes_nobody_and_raises_no_version(house: House) -> None:
    [expert] = enrol(house, "2010", ("A010102",))
    house.remapping.remap(MANAGER)
    versions = [one.version for one in house.pool.pool.facts()]

    again = house.remapping.remap(MANAGER)

    assert again.changed == 0
    assert [one.version for one in house.pool.pool.facts()] == versions == [2]
    assert codes_of(house)[expert] == ("A010104",)


def test_the_list_is_by_id_without_names_and_the_ledger_holds_its_hash(house: House) -> None:
    sure, doubtful = enrol(house, "2010", ("A010102",), ("A010107",))
    report = house.remapping.remap(MANAGER)

    text = "".join(house.remapping.lines())

    assert text.splitlines() == [
        "expert_id,from,to,outcome",
        f"{sure},2010,2018,sure",
        f"{doubtful},2010,2018,undecided",
    ]
    assert report.list_sha256 == sha256(text.encode()).hexdigest()
    with house.books.read() as book:
        [entry] = [one for one in book.entries("pool") if one.type == "pool.remapped"]
    assert entry.body is not None
    assert entry.body["list_sha256"] == report.list_sha256
    assert house.remapping.last() == report


def test_with_nobody_to_carry_there_is_no_entry(house: House) -> None:
    enrol(house, "2018", ("A01",))
    size = house.books.size()
    with pytest.raises(NothingToRemap):
        house.remapping.remap(MANAGER)
    with pytest.raises(NoRemapping):
        house.remapping.last()
    assert house.books.size() == size


def test_a_version_is_adopted_by_a_second_person_and_experts_come_over(house: House) -> None:
    stays, renamed, gone = enrol(house, "2018", ("B08",), ("A0802", "B08"), ("C14",))
    propose(house, renamed={"A0802": "城镇市政"}, without=["C14"], added={"C99": "新专业"})
    assert house.classification.catalogue.version == "2018"
    foreseen = house.remapping.preview("2018r1")

    report = house.remapping.adopt("2018r1", "gazette compared", SUPERVISOR)

    assert house.classification.catalogue.version == house.pool.pool.classification == "2018r1"
    assert codes_of(house) == {stays: ("B08",), renamed: ("B08",), gone: ()}
    step = report.steps[0]
    assert (step.sure, step.partly, step.undecided) == (1, 1, 1)
    assert (foreseen.steps, foreseen.not_drawable) == (report.steps, report.not_drawable)
    assert report.not_drawable == 1
    assert house.pool.pool.columns().classification == "2018r1"
    assert house.pool.pool.search(Query(code="A0802")).total == 0
    # the older version stays as it was, for draws that used it
    old = house.pool.pool.columns_of("2018")
    assert {old.ids[row] for row in old.holder} == {stays, renamed, gone}
    assert house.classification.look_up("2018:C14").name
    with pytest.raises(errors.WrongVersion):
        house.classification.resolve("2018:C14")


def test_who_proposed_may_not_adopt_or_refuse_and_a_reason_is_needed(house: House) -> None:
    propose(house, without=["C14"])
    with pytest.raises(errors.SamePerson):
        house.remapping.adopt("2018r1", "why", MANAGER)
    with pytest.raises(errors.SamePerson):
        house.editions.refuse("2018r1", "why", MANAGER)
    with pytest.raises(errors.ReasonMissing):
        house.remapping.adopt("2018r1", " ", SUPERVISOR)
    with pytest.raises(errors.UnknownProposal):
        house.remapping.adopt("2018r2", "why", SUPERVISOR)
    assert house.classification.catalogue.version == "2018"


def test_a_refused_version_stays_on_record_and_its_name_is_taken(house: House) -> None:
    propose(house, without=["C14"])
    with pytest.raises(errors.ProposalWaits):
        propose(house, "2018r2", without=["C14"])
    house.editions.refuse("2018r1", "not the gazette", SUPERVISOR)

    assert house.classification.editions.editions["2018r1"].state is State.REFUSED
    with pytest.raises(errors.VersionTaken):
        propose(house, without=["C14"])
    with pytest.raises(errors.NotInForce):
        house.classification.resolve("2018r1:A01")
    propose(house, "2018r2", without=["C14"])


@pytest.mark.parametrize("version", ["2018", "2010", "2017r9", "2018r0", "r1", "2018r1x", ""])
def test_a_version_follows_the_one_in_force(house: House, version: str) -> None:
    with pytest.raises(errors.VersionUnfit):
        propose(house, version, without=["C14"])


def test_a_list_with_a_fault_leaves_nothing_behind(house: House) -> None:
    size = house.books.size()
    with pytest.raises(errors.ListRefused) as refused:
        propose(house, added={"C9901": "孤儿"})
    assert [one.code for one in refused.value.problems] == ["classification.parent_missing"]
    assert house.books.size() == size
    assert house.classification.versions == ("2010", "2018")


def test_the_same_names_only_attest_the_lines_anew_and_a_second_time_change_nothing(
    house: House,
) -> None:
    counts = house.editions.look(as_csv(changed()), "2018r1").counts
    assert (counts.pop("status"), set(counts.values())) == (2143, {0})
    propose(house)
    house.remapping.adopt("2018r1", "gazette compared", SUPERVISOR)
    with pytest.raises(errors.NothingChanged):
        propose(house, "2018r2")


def test_a_failure_in_the_middle_of_an_adoption_leaves_nothing_behind(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    [expert] = enrol(house, "2018", ("B08",))
    propose(house, without=["C14"])
    size = house.books.size()

    def broken(*_: object) -> int:
        raise OSError("disk full")

    monkeypatch.setattr("draw_engine.remap_tables.finish", broken)
    with pytest.raises(OSError, match="disk full"):
        house.remapping.adopt("2018r1", "why", SUPERVISOR)

    assert house.books.size() == size
    assert house.classification.catalogue.version == house.pool.pool.classification == "2018"
    with house.books.read() as book:
        held = book.db.exec(select(ExpertSpecialtyRow)).all()
        assert [(one.expert_id, one.classification) for one in held] == [(expert, "2018")]
        assert [one.version for one in book.db.exec(select(ExpertRow))] == [1]


def test_a_restart_finds_versions_decisions_and_experts_as_they_were(tmp_path: Path) -> None:
    house = opened(tmp_path / "home")
    house.remapping.after = lambda: None
    ids = enrol(house, "2010", ("A010107",), ("A010102",))
    decide(house, "A010107", "A010109")
    propose(house, without=["C14"])
    house.remapping.adopt("2018r1", "why", SUPERVISOR)
    state, codes = house.classification.editions, codes_of(house)
    fates = house.classification.fates("2010", "2018r1")
    house.close()

    again = opened(tmp_path / "home")

    assert again.classification.editions == state
    assert again.classification.catalogue.version == again.pool.pool.classification == "2018r1"
    assert codes_of(again) == codes == {ids[0]: ("A010109",), ids[1]: ("A010104",)}
    assert again.classification.fates("2010", "2018r1") == fates
    assert again.pool.pool.since > 0
    with pytest.raises(errors.CodeHasMoved) as refused:
        again.classification.resolve("2010:A010107")
    assert refused.value.facts["instead"] == "A010109"
    again.close()


def test_a_decision_made_after_an_adoption_reaches_experts_over_both_steps(house: House) -> None:
    [expert] = enrol(house, "2010", ("A010107",))
    propose(house, without=["C14"])
    adopted = house.remapping.adopt("2018r1", "why", SUPERVISOR)
    assert (adopted.not_drawable, codes_of(house)[expert]) == (1, ())

    decide(house, "A010107", "A010109")
    report = house.remapping.remap(MANAGER)

    assert codes_of(house)[expert] == ("A010109",)
    assert [(one.old, one.new) for one in report.steps] == [("2010", "2018"), ("2018", "2018r1")]


def test_one_person_may_adopt_only_while_the_house_is_set_up(house: House) -> None:
    propose(house, without=["C14"])
    house.remapping.adopt("2018r1", "set-up", MANAGER, set_up=True)
    assert house.classification.catalogue.version == "2018r1"


def test_holders_of_each_code_are_counted_for_who_decides(house: House) -> None:
    enrol(house, "2010", ("A010107",), ("A010107", "A01"))
    assert Counter(house.remapping.waiting("2010")) == {"A010107": 2, "A01": 1}


def test_the_entry_of_a_proposal_holds_the_hash_of_the_file(house: House) -> None:
    data = as_csv(changed(without=["C14"]))
    edition = house.editions.propose(data, "2018r1", "corrected.csv", MANAGER)
    assert edition.sha256 == sha256(data).hexdigest()
    assert replace(edition, counts={}).state is State.PROPOSED
    assert house.editions.difference("2018r1").counts["removed"] == 1
