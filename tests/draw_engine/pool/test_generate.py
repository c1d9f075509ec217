"""Generated experts: the same from the same seed, well-formed, and marked as nobody."""

from collections import Counter
from datetime import date
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from draw_engine.pool_columns import MOBILE
from draw_engine.pool_generate import MARK, SEQUENCES, credit_code, generate
from draw_engine.pool_workbook import pool_workbook
from tests.draw_engine.pool.bench import TODAY, generated, the_standard


def test_the_same_seed_gives_the_same_people_and_the_same_file() -> None:
    assert generated(50, seed=7) == generated(50, seed=7)
    assert generated(50, seed=7) != generated(50, seed=8)
    assert generated(50, seed=0) != generated(50, seed=1)
    assert pool_workbook(generated(50)) == pool_workbook(generated(50))


def test_a_known_person_stays_the_same_in_every_build() -> None:
    """Pins the stream: a library's generator could change under us, this one can't."""
    first = next(generate(the_standard(), 500, 7, date(2026, 11, 24)))

    assert (first.id_number, first.codes, first.region, first.valid_to) == PINNED


def test_everybody_is_marked_and_nobody_could_exist() -> None:
    for one in generated(300):
        assert one.generated
        assert one.name.endswith(MARK)
        assert one.id_number[14:17] in SEQUENCES
        assert TODAY.year - int(one.id_number[6:10]) < 100
        assert one.phone.startswith("154")
        assert "GEN" in one.unified_credit_code


def test_numbers_and_codes_are_well_formed() -> None:
    people = generated(300)
    standard = the_standard()

    assert len({one.id_number for one in people}) == len({one.phone for one in people}) == 300
    for one in people:
        assert one.id_number[-1] == ric.calc_check_digit(one.id_number)
        assert uscc.is_valid(one.unified_credit_code)
        assert not one.group_credit_code or uscc.is_valid(one.group_credit_code)
        assert MOBILE.fullmatch(one.phone)
        assert standard.regions.get(one.region).level == 1
        assert all(standard.resolve(f"2018:{code}") for code in one.codes)
        assert standard.regions.get(one.id_number[:6]).level == 3


@given(st.sampled_from(["110000", "500000", "659004"]), st.integers(0, 99_999))
def test_every_credit_code_has_both_check_digits(region: str, serial: int) -> None:
    assert uscc.is_valid(credit_code(region, serial))


def test_a_large_pool_has_ample_and_tiny_specialties_and_real_groups() -> None:
    people = generated(12_000)
    holders = Counter(code for one in people for code in one.codes)
    groups = {one.group_credit_code for one in people} - {""}

    assert len({one.region for one in people}) == 31
    assert holders.most_common(1)[0][1] > 300
    assert sum(1 for n in holders.values() if n < 10) > 100
    assert groups & {one.unified_credit_code for one in people}
    assert any(one.valid_to < TODAY for one in people)
    assert any("𠮷" in one.name or "䶮" in one.name for one in people)


def test_people_come_one_by_one() -> None:
    assert len(list(islice(generate(the_standard(), 100_000, 1, TODAY), 3))) == 3


PINNED = (
    "330702196006019971",
    ("A040206", "A090603", "B011606", "B080101"),
    "620000",
    date(2027, 12, 5),
)
