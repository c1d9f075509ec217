"""A telephone is one expert's: a notice sent to it must reach nobody else."""

from typing import Any

import pytest
from sqlmodel import update

from draw_engine.persons import Person, PersonRow
from draw_engine.pool_generate import Chance
from draw_engine.pool_import import ImportRefused
from foundation.ids import ExpertId
from tests.draw_engine.pool.bench import PoolBench, generated
from tests.draw_engine.pool.test_import import good_rows, problems_of, text_file, workbook

PHONE = "13800000000"
TWICE = "pool.phone_twice"
IN_POOL = "pool.phone_in_pool"


@pytest.mark.parametrize("write", [workbook, text_file])
def test_a_telephone_of_two_persons_in_one_file_is_seen_and_both_rows_are_named(
    bench: PoolBench, write: Any
) -> None:
    rows = good_rows(5)
    for row, spelled in zip(rows, (PHONE, "+86 138 0000 0000", "138-0000-0000"), strict=False):
        row["手机号"] = spelled
    rows[4]["身份证号"] = rows[3]["身份证号"]
    rows[4]["姓名"] = rows[3]["姓名"]

    with pytest.raises(ImportRefused) as refused:
        bench.importer.run(write(rows), skip_bad=False, by="acc")

    told = refused.value.problems
    assert [(one.row, one.column, one.code, one.facts["row"]) for one in told] == [
        (3, "手机号", TWICE, 2),
        (4, "手机号", TWICE, 2),
        (6, "身份证号", "pool.identity_twice", 5),
    ]
    assert told[0].facts["sheet"] == told[0].sheet
    assert PHONE not in repr(told) + str(refused.value) + repr(refused.value.beside)
    assert bench.pool.ids() == bench.persons.ids() == set()


def test_a_telephone_in_two_portions_of_a_long_file_is_seen(
    bench: PoolBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("draw_engine.pool_import.PORTION", 4)
    monkeypatch.setattr("draw_engine.pool_import.STEP", 3)
    rows = good_rows(20)
    rows[18]["手机号"] = rows[1]["手机号"]

    assert problems_of(bench, workbook(rows)) == [(20, "手机号", TWICE)]


@pytest.mark.both_engines
def test_a_telephone_of_another_expert_of_the_pool_is_refused(bench: PoolBench) -> None:
    rows = good_rows(4)
    bench.importer.run(workbook(rows[:2]), skip_bad=False, by="acc")
    rows[2]["手机号"] = rows[0]["手机号"]

    assert problems_of(bench, workbook(rows[2:])) == [(2, "手机号", IN_POOL)]
    assert len(bench.pool.ids()) == 2


def test_somebody_s_own_telephone_is_no_second_fault(bench: PoolBench) -> None:
    rows = good_rows(3)
    bench.importer.run(workbook(rows[:1]), skip_bad=False, by="acc")

    found = problems_of(bench, workbook([rows[0], rows[1], rows[1]]))

    assert found == [
        (2, "身份证号", "pool.identity_in_pool"),
        (4, "身份证号", "pool.identity_twice"),
    ]


def test_an_expert_who_is_here_already_with_the_telephone_of_another_has_two_faults(
    bench: PoolBench,
) -> None:
    rows = good_rows(2)
    bench.importer.run(workbook(rows), skip_bad=False, by="acc")
    rows[0]["手机号"] = rows[1]["手机号"]

    assert problems_of(bench, workbook(rows[:1])) == [
        (2, "身份证号", "pool.identity_in_pool"),
        (2, "手机号", IN_POOL),
    ]


def test_a_row_whose_number_cannot_be_read_is_nobody_s_excuse(bench: PoolBench) -> None:
    rows = good_rows(3)
    for row in rows:
        row["手机号"] = PHONE
    rows[0]["身份证号"] = rows[1]["身份证号"] = "1"

    assert problems_of(bench, workbook(rows)) == [
        (2, "身份证号", "pool.identity_malformed"),
        (3, "身份证号", "pool.identity_malformed"),
        (3, "手机号", TWICE),
        (4, "手机号", TWICE),
    ]


def test_who_is_erased_gives_the_telephone_back(bench: PoolBench) -> None:
    rows = good_rows(2)
    bench.importer.run(workbook(rows[:1]), skip_bad=False, by="acc")
    (first,) = bench.persons.ids()
    rows[1]["手机号"] = rows[0]["手机号"]
    bench.persons.erase(first)

    assert bench.importer.run(workbook(rows[1:]), skip_bad=False, by="acc").imported == 1


@pytest.mark.both_engines
def test_rows_of_an_older_version_are_indexed_once_and_keep_what_they_say(
    bench: PoolBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("draw_engine.persons.PORTION", 3)
    ids = bench.enrol(10)
    before = bench.persons.get_many(ids)
    phone = before[ids[4]].phone
    with bench.vault.write() as db:
        db.connection().execute(update(PersonRow).values(phone=None))
    assert bench.persons.known_phones([phone]) == {}

    assert (bench.persons.index_phones(), bench.persons.index_phones()) == (10, 0)

    owner = bench.persons.blind(before[ids[4]].id_number)
    assert bench.persons.known_phones([phone, PHONE]) == {phone: {owner}}
    assert bench.persons.get_many(ids) == before


def test_two_experts_whom_an_older_version_took_under_one_telephone_stay(bench: PoolBench) -> None:
    people = [
        Person(ExpertId(f"ex_{n}"), "甲", one.id_number, PHONE)
        for n, one in enumerate(generated(2))
    ]
    bench.persons.add_many(people)

    owners = {bench.persons.blind(one.id_number) for one in people}
    assert bench.persons.known_phones([PHONE]) == {PHONE: owners}


def test_the_index_of_a_telephone_says_nothing_without_the_key(bench: PoolBench) -> None:
    bench.persons.add_many([Person(ExpertId("ex_1"), "甲", "11010119900101996X", PHONE)])

    assert bench.persons.blind_phone(PHONE) != bench.persons.blind(PHONE)
    with bench.vault.read() as db:
        row = db.connection().execute(PersonRow.__table__.select()).one()  # type: ignore[attr-defined]
    assert row.phone == bench.persons.blind_phone(PHONE)
    assert PHONE.encode() not in row.phone + row.sealed


def test_generated_lists_do_not_share_telephones() -> None:
    lists = [generated(300, seed=seed) for seed in range(5)]
    phones = [one.phone for some in lists for one in some]
    assert len(set(phones)) == len(phones)


def test_telephones_go_round_the_end_of_their_block(monkeypatch: pytest.MonkeyPatch) -> None:
    below = Chance.below
    monkeypatch.setattr(Chance, "below", lambda self, n: n - 2 if n == 10**8 else below(self, n))

    phones = [one.phone for one in generated(4)]

    assert phones == ["15499999998", "15499999999", "15400000000", "15400000001"]
