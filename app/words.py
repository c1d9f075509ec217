"""The catalogue of sentences (app/locales): one source for page, command line and notices."""

import json
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any, Final

from foundation.errors import Fact, ServiceError


class Language(StrEnum):
    """Languages every sentence is written in."""

    CHINESE = "zh-CN"
    ENGLISH = "en"


DEFAULT_LANGUAGE: Final = Language.CHINESE


@cache
def catalogue(language: Language, section: str) -> Mapping[str, Any]:
    """One section ('errors', 'demo', …) over every file of a language.

    Raises:
        ValueError: two files hold the same key; one of them would never be heard.
    """
    merged: dict[str, Any] = {}
    folder = resources.files("app") / "locales" / language.value
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".json"):
            words = json.loads(file.read_text("utf-8")).get(section, {})
            if twice := merged.keys() & words.keys():
                raise ValueError(f"{file.name}: {sorted(twice)} stand in another file already")
            merged.update(words)
    return merged


def with_facts(text: str, facts: Mapping[str, Fact]) -> str:
    """Put facts into a sentence; a missing one stays visible as its name."""
    for name, value in facts.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


def refusal(error: ServiceError, language: Language = DEFAULT_LANGUAGE) -> str:
    """A refusal as its sentence and the way out; its code where there are no words."""
    words = catalogue(language, "errors").get(error.code)
    if words is None:
        return error.code
    return " ".join(with_facts(words[part], error.facts) for part in ("sentence", "way_out"))


def both(error: ServiceError) -> str:
    """A refusal in both languages, a line each; for the command line."""
    return "\n".join(refusal(error, language) for language in Language)


def demo_words(language: Language) -> Mapping[str, Mapping[str, str]]:
    """What the demonstration's cards say, by card."""
    return catalogue(language, "demo")
