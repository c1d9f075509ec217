"""Every refusal of the classification has words in both languages that use only its facts."""

import json
from pathlib import Path
from string import Formatter

import pytest

from classification.core import errors
from classification.core.corrected import check
from foundation.errors import ServiceError
from tests.classification.lists import every_bad_cell

LOCALES = Path(__file__).parents[2] / "app" / "locales"
REFUSALS: list[ServiceError] = [
    errors.BadForm(),
    errors.UnknownVersion("2015", "2018"),
    errors.UnknownCode("Z99", "2018", "A 工程类"),
    errors.WrongVersion("A040307", "勘察", "2010", "2018"),
    errors.CodeHasMoved("A010102", "公路", "2010", "2018", "A010104"),
    errors.CodeMayHaveMoved("A", "工程", "2010", "2018", maybe="A", maybe_name="工程类"),
    errors.BrokenCatalogue("A01", "twice"),
    errors.UnknownRegion(),
    errors.NotInForce("2018r1", "2018"),
    errors.NoCrosswalk(),
    errors.UnknownRow(),
    errors.HeirsUnfit(most=8),
    errors.NothingToUndo(),
    errors.DecidedMeanwhile(),
    errors.ReasonMissing(most=500),
    errors.VersionUnfit(current="2018"),
    errors.VersionTaken(version="2018r1"),
    errors.ProposalWaits(version="2018r1"),
    errors.UnknownProposal(),
    errors.SamePerson(),
    errors.SetUpIsOver(),
    errors.NothingChanged(current="2018"),
    errors.ListUnreadable(columns="代码"),
    errors.ListTooLarge(most_megabytes=4),
    errors.ListWithFormulas(),
    errors.ListRefused([errors.Problem(2, "代码", "classification.code_shape")]),
]
CELLS = check(every_bad_cell(), "2018r1", {"B": "货物类", "C": "服务类"}).problems


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_refusal_has_words_for_its_facts(language: str) -> None:
    file = LOCALES / language / "classification.json"
    words = json.loads(file.read_text(encoding="utf-8"))["errors"]
    told: list[ServiceError | errors.Problem] = [*REFUSALS, *CELLS]
    assert words.keys() == {one.code for one in told}
    for refusal in told:
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
