"""A specialty's code: its form, its level, its parent, and that its version goes with it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classification.core.code import CODE_FORM, SpecialtyCode
from classification.core.errors import BadForm

codes = st.builds(
    SpecialtyCode, st.sampled_from(["2010", "2018"]), st.from_regex(CODE_FORM, fullmatch=True)
)


@given(codes)
def test_what_is_written_is_read_back(code: SpecialtyCode) -> None:
    assert SpecialtyCode.parse(str(code)) == code


@given(codes)
def test_a_parent_is_one_level_up_and_covers_its_child(code: SpecialtyCode) -> None:
    parent = code.parent
    if parent is None:
        assert code.level == 1
    else:
        assert parent.level == code.level - 1
        assert parent.covers(code)
        assert not code.covers(parent)


@given(codes, codes)
def test_only_what_hangs_below_is_covered(one: SpecialtyCode, other: SpecialtyCode) -> None:
    above: SpecialtyCode | None = other
    while above is not None and above != one:
        above = above.parent
    assert one.covers(other) == (above == one)


def test_the_same_code_of_two_versions_is_two_specialties() -> None:
    old, new = SpecialtyCode("2010", "A010102"), SpecialtyCode("2018", "A010102")
    assert old != new
    assert not old.covers(new)


def test_levels_follow_the_digits() -> None:
    written = ["2018:A", "2018:A01", "2018:A0101", "2018:A010101"]
    assert [SpecialtyCode.parse(one).level for one in written] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "text",
    [
        "A080205",
        "",
        ":",
        "2018:",
        "2018:a080205",
        "2018:A0802051",
        "2018:A08020",
        "2018:A080205\n",
        "2018: A080205",
        "2018:A08０2０5",
        "2018:A080205:1",
        "18:A080205",
        "9999:A01",
        "2018：A080205",
        "2018:A01020304",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(BadForm):
        SpecialtyCode.parse(text)


@given(st.text(max_size=12).filter(lambda text: not CODE_FORM.fullmatch(text[5:])))
def test_a_refusal_never_repeats_what_was_written(text: str) -> None:
    with pytest.raises(BadForm) as refused:
        SpecialtyCode.parse(text)
    assert refused.value.facts == {}
