"""A setting that is not in docs/settings.md does not exist for who runs the service."""

import re
from collections.abc import Mapping
from typing import Any

from foundation.settings import Settings
from tests.house.source import ROOT

ROW = re.compile(r"^\| `(EXPERT_DRAW_[A-Z_]+)` \| (.+?) \| (.+?) \|$", re.MULTILINE)
PREFIX = "EXPERT_DRAW_"
WORDS = {None: "none", "": "empty"}


def faults(fields: Mapping[str, Any], text: str) -> list[str]:
    """What is wrong between the settings and their page."""
    rows = {name: default for name, default, _ in ROW.findall(text)}
    expected = {
        PREFIX + name.upper(): WORDS.get(field.default, f"`{field.default}`")
        for name, field in fields.items()
    }
    return sorted(
        [f"{name}: no row" for name in expected.keys() - rows.keys()]
        + [f"{name}: no such setting" for name in rows.keys() - expected.keys()]
        + [
            f"{name}: default is {default}"
            for name, default in expected.items()
            if rows.get(name, default) != default
        ]
    )


def test_every_setting_is_documented_with_its_default() -> None:
    text = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert faults(Settings.model_fields, text) == []


def test_a_setting_without_a_row_is_found_and_so_is_a_row_without_a_setting() -> None:
    text = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert faults(Settings.model_fields, text.replace("`8000`", "`80`")) == [
        "EXPERT_DRAW_PORT: default is `8000`"
    ]
    assert faults(Settings.model_fields, text.replace("_HOME", "_HAUS")) == [
        "EXPERT_DRAW_HAUS: no such setting",
        "EXPERT_DRAW_HOME: no row",
    ]


def test_the_readme_leads_to_the_page() -> None:
    assert "docs/settings.md" in (ROOT / "README.md").read_text("utf-8")
