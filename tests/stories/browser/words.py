"""The words on the screen, from the same files the page is built with."""

import json
from functools import cache
from typing import Any

from tests.stories.server import ROOT


def word(key: str, **facts: object) -> str:
    """What the page says in Chinese for a key such as `room.sheet.word`.

    Raises:
        KeyError: the page has no such words.
    """
    found: Any = _all()
    for part in key.split("."):
        found = found[part]
    return str(found).format(**facts) if facts else str(found)


@cache
def _all() -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for path in sorted((ROOT / "web" / "src" / "locales" / "zh-CN").glob("*.json")):
        _merge(merged, json.loads(path.read_text("utf-8")))
    return merged


def _merge(into: dict[str, Any], new: dict[str, Any]) -> None:
    for key, value in new.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value
