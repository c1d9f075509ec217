"""Every refusal of the classification has words in both languages that use only its facts."""

import json
from pathlib import Path
from string import Formatter

import pytest

from classification.core import errors
from foundation.errors import ServiceError

LOCALES = Path(__file__).parents[2] / "app" / "locales"
REFUSALS: list[ServiceError] = [
    errors.BadForm(),
    errors.UnknownVersion("2015", "2018"),
    errors.UnknownCode("Z99", "2018", "A 工程类"),
    errors.WrongVersion("A040307", "勘察", "2010", "2018"),
    errors.CodeHasMoved("A010102", "公路", "2010", "2018", "A010104"),
    errors.BrokenCatalogue("A01", "twice"),
    errors.UnknownRegion(),
]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_refusal_has_words_for_its_facts(language: str) -> None:
    file = LOCALES / language / "classification.json"
    words = json.loads(file.read_text(encoding="utf-8"))["errors"]
    assert words.keys() == {one.code for one in REFUSALS}
    for refusal in REFUSALS:
        for part in ("sentence", "way_out"):
            asked = {name for _, name, _, _ in Formatter().parse(words[refusal.code][part]) if name}
            assert asked <= refusal.facts.keys(), refusal.code


def test_no_refusal_is_forgotten_here() -> None:
    classes = {
        one
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, ServiceError) and one is not ServiceError
    }
    assert classes == {type(one) for one in REFUSALS}
