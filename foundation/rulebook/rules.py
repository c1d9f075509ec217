"""The rules in force (rules.toml), each with its source and how sure we are of it.

A mark V or V2 was read in the text or in an official quotation. K is well-founded
knowledge: on, and shown as unverified wherever it decides. K? stays off until an
authority switches it on. Law is data: a decision elsewhere names the id and no more.
"""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from typing import Final


class Mark(StrEnum):
    """How a rule was verified."""

    VERIFIED = "V"
    SECONDARY = "V2"
    SOURCE_CODE = "C"
    KNOWN = "K"
    UNSURE = "K?"
    PRODUCT = "P"


@dataclass(frozen=True, slots=True)
class Rule:
    """One numbered rule: where it comes from and what it says, in both languages."""

    id: str
    source: str
    mark: Mark
    zh: str
    en: str

    @property
    def in_force(self) -> bool:
        """Whether it decides; a rule nobody is sure of does not."""
        return self.mark is not Mark.UNSURE

    @property
    def unverified(self) -> bool:
        """Whether a page must say that the text was not at hand."""
        return self.mark is Mark.KNOWN


def _load() -> dict[str, Rule]:
    text = (resources.files("foundation.rulebook") / "rules.toml").read_text("utf-8")
    return {
        id_: Rule(id_, row["source"], Mark(row["mark"]), row["zh"], row["en"])
        for id_, row in tomllib.loads(text).items()
    }


RULES: Final[dict[str, Rule]] = _load()
"""Every rule by its id; a refusal names one, the tests see that each is used."""
