"""Finding a specialty: by code, by words of the names, by pinyin."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classification.core.catalogue import Specialty
from classification.core.readings import parse, spelt
from classification.core.search import folded
from classification.pinyin import pinyin_of
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


VECTORS = Path(__file__).parents[1] / "vectors" / "pinyin.json"


@pytest.mark.parametrize("case", json.loads(VECTORS.read_text("utf-8"))["spelt"], ids=str)
def test_a_word_spells_a_name_here_as_on_the_page(case: dict[str, Any]) -> None:
    assert spelt(parse(case["pinyin"]), folded(case["word"])) == case["spelt"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("重庆", ["cq", "zq", "chongqing", "zhongqing"]),
        ("银行会计", ["yhkj", "yxhj", "yinhang", "kuaiji"]),
        ("绿化", ["lvhua", "lh", "lühua"]),
        ("地铁5G", ["dt5g", "5g"]),
    ],
)
def test_every_reading_of_a_character_is_known(name: str, words: list[str]) -> None:
    assert all(spelt(parse(pinyin_of(name)), folded(word)) for word in words)


@given(lines, st.data())
def test_a_line_is_found_by_any_mix_of_readings_and_initials(
    line: Specialty, data: st.DataObject
) -> None:
    spelling = [data.draw(st.sampled_from(each)) for each in line.readings]
    cut = [one[: data.draw(st.sampled_from((1, len(one))))] for one in spelling]
    word = "".join(cut)
    by_code = [x for x in service.catalogue if x.code.code.startswith(word.upper())]
    assert by_code or line in found(word)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=6))
def test_the_index_finds_what_reading_every_line_finds(word: str) -> None:
    if any(x.code.code.startswith(word.upper()) for x in service.catalogue):
        return
    assert set(found(word)) == {
        x for x in service.catalogue if word in folded(x.name) or spelt(x.readings, word)
    }


def test_a_name_spelt_from_its_beginning_comes_before_one_spelt_within() -> None:
    names = [one.name for one in found("qiaoliang")]
    assert names.index("桥梁") < names.index("市政桥梁")
    assert found("qlgc") == found("qlgc")


@pytest.mark.parametrize("text", ["", "   ", "不存在的专业", "2018:", "%", "qqqqqq"])
def test_nothing_is_found_for_nothing(text: str) -> None:
    assert found(text) == []
