"""Reasons of bad cells are no refusals of their own, so their words are checked here."""

import re
from pathlib import Path

import pytest

import draw_engine
from app.words import Language, catalogue
from blacklist.core.grounds import CORRECTED, EXIT_GROUNDS, GROUNDS, LIFT_GROUNDS, Kind, Status

SOURCES = ("pool_cells", "pool_check", "pool_columns", "pool_import", "pool_sheets")
REASON = re.compile(r"\"(pool\.[a-z_]+)\"")


def _reasons() -> set[str]:
    folder = Path(draw_engine.__path__[0])
    return {
        reason
        for name in SOURCES
        for reason in REASON.findall((folder / f"{name}.py").read_text("utf-8"))
    }


@pytest.mark.parametrize("language", Language)
def test_every_reason_of_a_bad_cell_has_words(language: Language) -> None:
    assert len(_reasons()) > 15, "the walk found too little, so it would pass in the dark"
    assert _reasons() - catalogue(language, "errors").keys() == set()


@pytest.mark.parametrize("language", Language)
def test_every_ground_measure_and_standing_has_a_word(language: Language) -> None:
    of_entries = GROUNDS.keys() | LIFT_GROUNDS | EXIT_GROUNDS | {CORRECTED}
    assert catalogue(language, "ground").keys() == of_entries
    assert catalogue(language, "measure").keys() == set(Kind)
    assert catalogue(language, "standing").keys() == set(Status)
