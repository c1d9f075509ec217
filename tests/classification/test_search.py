"""Finding a specialty: by code, by words of the names, by initials."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classification.core.catalogue import Specialty
from classification.service import ClassificationService

service = ClassificationService.load()
lines = st.sampled_from(list(service.catalogue))


def found(text: str, limit: int = 3000) -> list[Specialty]:
    return list(service.find(text, limit))


@given(lines)
def test_a_line_is_found_first_by_its_own_code(line: Specialty) -> None:
    assert found(str(line.code))[0] == line
    assert found(line.code.code.lower())[0] == line


@given(lines)
def test_a_line_is_found_by_its_whole_name_before_all_that_contain_it(line: Specialty) -> None:
    hits = found(line.name)
    assert line in hits
    assert hits[0].name == line.name


@given(lines, st.data())
def test_a_line_is_found_by_any_reading_of_its_initials(
    line: Specialty, data: st.DataObject
) -> None:
    readings = line.initials.split()
    word = "".join(data.draw(st.sampled_from(sorted(letters))) for letters in readings)
    by_code = [x for x in service.catalogue if x.code.code.startswith(word.upper())]
    assert by_code or line in found(word)


@given(lines)
def test_a_word_of_the_class_above_narrows(line: Specialty) -> None:
    above = service.catalogue.path(line.code)[0]
    hits = found(f"{above.name} {line.name}")
    assert line in hits
    assert all(above.code.covers(hit.code) for hit in hits if above.name not in hit.name)


@given(st.text(max_size=20), st.integers(1, 60))
def test_any_text_is_answered_within_the_limit_and_without_doubles(text: str, limit: int) -> None:
    hits = service.find(text, limit)
    assert len(hits) <= limit
    assert len({hit.code for hit in hits}) == len(hits)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("A0802", "2018:A0802"),
        ("Ａ０８０２", "2018:A0802"),
        ("排水工程", "2018:A080205"),
        ("施工 桥梁", "2018:A080202"),
        ("c14", "2018:C14"),
        ("wl dckj", "2018:C14"),
    ],
)
def test_what_people_type(text: str, first: str) -> None:
    assert str(found(text)[0].code) == first


@pytest.mark.parametrize("text", ["", "   ", "不存在的专业", "2018:", "%", "qqqqqq"])
def test_nothing_is_found_for_nothing(text: str) -> None:
    assert found(text) == []
