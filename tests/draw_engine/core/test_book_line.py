"""The line of the manifest that names the lists."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from blacklist.core.standing import lists_hash
from draw_engine.core.book_line import Lists, book_line, lists_of
from foundation.ids import ExpertId


@given(st.text(max_size=40), st.dates(), st.binary(min_size=32, max_size=32))
def test_what_is_written_is_read_again(version: str, day: date, digest: bytes) -> None:
    version = version.replace("\n", " ")
    assert lists_of(book_line(version, Lists(day, digest))) == Lists(day, digest)


def test_a_draw_from_before_names_no_lists() -> None:
    assert lists_of("national-2026.1") is None
    assert lists_of("1") is None


def test_r_elig_6_the_hash_of_the_lists_changes_with_every_name_and_every_reason() -> None:
    """R-ELIG-6: the snapshot hash of the lists is stored with the draw."""
    one, two = ExpertId("ex_1"), ExpertId("ex_2")
    several = [{}, {one: 5}, {one: 4}, {two: 5}, {one: 5, two: 5}]

    assert len({lists_hash(each) for each in several}) == len(several)
    assert lists_hash({one: 5, two: 4}) == lists_hash({two: 4, one: 5})
