"""A refusal without words would show a person a code; words without a refusal are dead."""

import itertools
import json
import re
from collections.abc import Iterable, Mapping
from string import Formatter
from typing import Any

import pytest

from app.words import Language, catalogue
from foundation.errors import Kind, ServiceError
from tests.house.source import ROOT, code_files, import_everything, refusals

CODE = re.compile(r"[a-z_]+\.[a-z_0-9]+")


def faults(classes: Iterable[type[ServiceError]], words: Mapping[str, Any]) -> list[str]:
    """What is wrong between refusals and the words of one language."""
    found = []
    for one in classes:
        entry = words.get(one.code)
        if not isinstance(one.kind, Kind) or not CODE.fullmatch(one.code):
            found.append(f"{one.__name__}: no kind, or a code of another form")
        elif entry is None:
            found.append(f"{one.code}: no words")
        elif set(entry) != {"sentence", "way_out"} or not all(entry.values()):
            found.append(f"{one.code}: a sentence and a way out")
        elif any(mark in text for text in entry.values() for mark in "!！"):
            found.append(f"{one.code}: refusals do not shout")
    return found


@pytest.fixture(scope="module")
def classes() -> list[type[ServiceError]]:
    import_everything()
    return list(refusals())


@pytest.mark.parametrize("language", list(Language))
def test_every_refusal_has_words(classes: list[type[ServiceError]], language: Language) -> None:
    assert len(classes) >= 40, "the walk found too few refusals"
    assert faults(classes, catalogue(language, "errors")) == []


@pytest.mark.parametrize("language", list(Language))
def test_a_refusal_without_words_is_found(language: Language) -> None:
    mute = type("Mute", (ServiceError,), {"code": "house.mute", "kind": Kind.INVALID})
    shouting = {"house.mute": {"sentence": "No!", "way_out": "Go."}}
    half = {"house.mute": {"sentence": "No.", "way_out": ""}}
    for words in (catalogue(language, "errors"), shouting, half):
        assert len(faults([mute], words)) == 1


def shared(classes: Iterable[type[ServiceError]]) -> list[str]:
    """Codes of more than one refusal."""
    codes = sorted(one.code for one in classes)
    return [one for one, after in itertools.pairwise(codes) if one == after]


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Codes whose words are missing in a language, or tell other facts there."""
    return sorted(one.keys() ^ other.keys()) + [
        code
        for code in one.keys() & other.keys()
        if any(_facts(one[code][p]) != _facts(other[code][p]) for p in ("sentence", "way_out"))
    ]


def dead(words: Iterable[str], known: set[str], code: str) -> list[str]:
    """Words that no refusal and no line of code asks for."""
    return [one for one in words if one not in known and f'"{one}"' not in code]


def test_no_two_refusals_share_a_code(classes: list[type[ServiceError]]) -> None:
    assert shared(classes) == []
    assert shared([*classes, classes[0]]) == [classes[0].code]


def test_both_languages_hold_the_same_words() -> None:
    assert differences(*(catalogue(language, "errors") for language in Language)) == []


def test_words_that_differ_between_languages_are_found() -> None:
    one = {"house.late": {"sentence": "Since {at}.", "way_out": "Wait."}}
    other = {"house.late": {"sentence": "Since then.", "way_out": "Wait."}}
    assert differences(one, {}) == differences(one, other) == ["house.late"]


def test_no_words_are_dead(classes: list[type[ServiceError]]) -> None:
    code = "\n".join(file.read_text("utf-8") for file in code_files())
    known = {one.code for one in classes}
    words = [*catalogue(Language.ENGLISH, "errors")]
    assert dead(words, known, code) == []
    assert dead([*words, "house.nobody_says_this"], known, code) == ["house.nobody_says_this"]


def test_the_files_of_both_languages_are_the_same() -> None:
    folder = ROOT / "app" / "locales"
    names = {
        language: {file.name for file in (folder / language.value).glob("*.json")}
        for language in Language
    }
    assert names[Language.CHINESE] == names[Language.ENGLISH]
    for language in Language:
        for name in names[language]:
            assert json.loads((folder / language.value / name).read_text("utf-8"))


def _facts(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}
