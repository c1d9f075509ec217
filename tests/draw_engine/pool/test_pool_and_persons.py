"""The pool without names, and the names without the pool."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from draw_engine.expert_pool import UnknownExpert
from draw_engine.persons import Person, Persons, UnknownPerson
from draw_engine.pool_list import Query
from draw_engine.vault_store import VAULT_METADATA
from foundation.ids import ExpertId
from foundation.keys import KeyRing, KeyUnusable
from tests.draw_engine.pool.bench import PoolBench, generated
from tests.stores.stored import everything

pytestmark = pytest.mark.both_engines


def test_columns_are_kept_until_the_pool_changes(bench: PoolBench) -> None:
    bench.enrol(20, seed=1)
    first = bench.pool.columns()
    assert bench.pool.columns() is first

    bench.enrol(20, seed=2)

    assert len(bench.pool.columns()) == 40


def test_columns_say_what_the_facts_say(bench: PoolBench) -> None:
    bench.enrol(30)
    columns, facts = bench.pool.columns(), bench.pool.facts()

    assert list(columns.ids) == [one.expert_id for one in facts]
    for row, one in enumerate(facts):
        assert columns.region[row] == one.region
        assert columns.employers[columns.employer[row]] == one.employer
        assert columns.orgs[columns.org[row]] == one.group
        assert columns.valid_to[row] == one.valid_to.toordinal()
        assert all(row in columns.holders([code]) for code in one.codes)


def test_an_import_is_one_entry_with_counts_and_no_names(bench: PoolBench) -> None:
    bench.enrol(5)

    with bench.books.read() as book:
        (entry,) = book.entries("pool")

    assert entry.type == "pool.imported"
    assert entry.body is not None
    assert entry.body["experts"] == entry.body["generated"] == 5
    assert set(entry.body) == {"experts", "generated", "classification", "changes", "by"}


def test_facts_of_somebody_unknown_are_refused(bench: PoolBench) -> None:
    with pytest.raises(UnknownExpert):
        bench.pool.facts([ExpertId("ex_nobody")])


def test_the_list_is_searched_by_id_employer_code_and_region(bench: PoolBench) -> None:
    bench.enrol(60)
    one = bench.pool.facts()[7]
    employer = bench.pool.organisation(one.employer)
    assert employer is not None

    for text in (one.expert_id, one.expert_id.upper()):
        assert [x.facts for x in bench.pool.search(Query(text=text)).lines] == [one]
    for query in (
        Query(text=employer.name[:4]),
        Query(text=one.employer.lower()),
        Query(code=one.codes[0][:3]),
        Query(code=one.codes[0][:3].lower()),
        Query(region=one.region),
    ):
        found = bench.pool.search(query)
        assert 0 < found.total < 60
        assert found.total == len(found.lines)
        assert one in [x.facts for x in found.lines]


def test_a_wildcard_in_a_query_is_just_a_character(bench: PoolBench) -> None:
    bench.enrol(10)

    assert bench.pool.search(Query(text="%")).total == 0
    assert bench.pool.search(Query(text="ex_%")).total == 0


def test_the_summary_counts(bench: PoolBench) -> None:
    bench.enrol(40)

    summary = bench.pool.summary()

    assert (summary.experts, summary.generated) == (40, 40)
    assert sum(summary.regions.values()) == 40


def test_no_table_of_persons_is_in_the_main_database() -> None:
    assert "vault_person" in VAULT_METADATA.tables
    assert "vault_person" not in SQLModel.metadata.tables
    assert "expert" not in VAULT_METADATA.tables


def test_neither_file_holds_a_name_a_number_or_a_telephone_in_clear(bench: PoolBench) -> None:
    records = generated(30)
    known = bench.importer.enrol(records, "acc")
    bench.close()

    stored = everything(bench.books.database, bench.vault)

    assert next(iter(known)).encode() in stored
    for one in records:
        for value in (one.name, one.id_number, one.phone):
            assert value.encode() not in stored


def test_a_person_comes_back_as_given_rare_characters_included(bench: PoolBench) -> None:
    given = Person(ExpertId("ex_1"), "䶮𠮷（生成）", "11010119900101996X", "15400000001", True)
    bench.persons.add_many([given])

    assert bench.persons.get(ExpertId("ex_1")) == given
    assert bench.persons.known_identities(["11010119900101996X", "other"]) == {"11010119900101996X"}
    assert given.name not in repr(given)


def test_the_same_identity_number_is_never_stored_twice(bench: PoolBench) -> None:
    twice = [Person(ExpertId(f"ex_{n}"), "甲", "11010119900101996X", "1") for n in (1, 2)]

    with pytest.raises(IntegrityError):
        bench.persons.add_many(twice)

    assert bench.persons.ids() == set()


def test_an_erased_person_is_gone_and_may_come_again(bench: PoolBench) -> None:
    person = Person(ExpertId("ex_1"), "甲", "11010119900101996X", "1")
    bench.persons.add_many([person])

    bench.persons.erase(ExpertId("ex_1"))

    with pytest.raises(UnknownPerson):
        bench.persons.get(ExpertId("ex_1"))
    bench.persons.add_many([person])


def test_without_the_key_the_file_opens_nothing(bench: PoolBench, tmp_path: Path) -> None:
    bench.persons.add_many([Person(ExpertId("ex_1"), "甲", "11010119900101996X", "1")])
    stranger = Persons(bench.vault, KeyRing(tmp_path / "other").fields("persons"))

    with pytest.raises(KeyUnusable):
        stranger.get(ExpertId("ex_1"))
    assert stranger.known_identities(["11010119900101996X"]) == set()


def test_a_row_moved_to_another_expert_no_longer_opens(bench: PoolBench) -> None:
    bench.persons.add_many([Person(ExpertId("ex_1"), "甲", "11010119900101996X", "1")])
    with bench.vault.rebuild() as raw:
        raw.exec_driver_sql("UPDATE vault_person SET expert_id = 'ex_2'")

    with pytest.raises(KeyUnusable):
        bench.persons.get(ExpertId("ex_2"))


def test_many_persons_are_fetched_at_once(bench: PoolBench) -> None:
    ids = bench.enrol(620)

    assert set(bench.persons.get_many(ids)) == set(ids)
    assert set(bench.persons.get_many(ids[:3])) == set(ids[:3])
    with pytest.raises(UnknownPerson):
        bench.persons.get_many([*ids, ExpertId("ex_nobody")])


def test_persons_whom_the_pool_does_not_know_are_erased_at_start(bench: PoolBench) -> None:
    known = bench.enrol(3)
    bench.persons.add_many([Person(ExpertId("ex_orphan"), "甲", "11010119900101996X", "1")])

    assert bench.importer.clean_orphans() == 1
    assert bench.persons.ids() == set(known)


@pytest.mark.parametrize("step", ["stage", "complete"])
def test_where_the_pool_cannot_be_written_no_person_is_left(
    bench: PoolBench, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*_: object, **__: object) -> int:
        raise OSError("disk full")

    monkeypatch.setattr(bench.pool, step, fail)
    with pytest.raises(OSError, match="disk full"):
        bench.enrol(3)

    assert bench.persons.ids() == set()
    assert bench.pool.ids() == set()


def test_admission_is_the_instant_of_the_import(bench: PoolBench) -> None:
    bench.enrol(1)
    bench.clock.advance(timedelta(days=1))
    bench.enrol(1, seed=2)

    first, second = sorted(one.admitted_at for one in bench.pool.facts())
    assert second - first == timedelta(days=1)
