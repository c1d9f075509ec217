"""What may be said of somebody after an evaluation (一标一评), and by whom.

A rating names facts of a closed list, each shown by entries of the evaluation's own log.
Some facts only the log states (core/log_facts.py); nobody types those. A right that a
member used is never a ground: no table can make it one, see `PROTECTED`.

Source: RULES R-ASM-1 to R-ASM-3, R-EVAL-12; ABUSE D13.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from blacklist.core import rating_errors as errors

MOST_CHARACTERS: Final = 500

PROTECTED: Final = frozenset(
    {
        "room.report_dissented",
        "room.ballot_cast",
        "room.time_asked",
        "room.interference_reported",
    }
)
"""Entries that show a right being used; neither a table nor a rater can rest a deduction on
one (R-EVAL-12, R-EVAL-3, R-EVAL-19)."""

CLERK: Final = "clerk"
"""How a round calls the clerk; everybody else is called by their seat in the room."""


class Party(StrEnum):
    """Who rates and is rated."""

    CLERK = "clerk"
    OWNER_REPRESENTATIVE = "owner_representative"
    EXPERT = "expert"


class Source(StrEnum):
    """Where a fact comes from."""

    LOG = "log"
    RATER = "rater"


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of the closed list: who may state it of whom, and what entries can show it."""

    code: str
    source: Source
    article: str
    article_en: str
    mark: str
    by: frozenset[Party] = frozenset()
    of: frozenset[Party] = frozenset()
    shown_by: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Logged:
    """An entry of the log as plain values; `facts` is its body."""

    stream: str
    seq: int
    index: int
    at: datetime
    type: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Link:
    """The place of an entry in the log."""

    stream: str
    seq: int


@dataclass(frozen=True, slots=True)
class Someone:
    """Somebody of an evaluation: `name` is the seat, or CLERK. `void` seats are rated, and do
    not rate: they were not there to see."""

    name: str
    party: Party
    alias: str
    void: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """One fact that a rater states of somebody, with what shows it."""

    of: str
    fact: str
    links: tuple[Link, ...]
    reason: str


def check(
    said: Sequence[Said],
    rater: Someone,
    people: Iterable[Someone],
    facts: Mapping[str, Fact],
    log: Iterable[Logged],
) -> None:
    """Refuse a rating that states anything but facts this rater may state and the log shows.

    Args:
        log: entries of this evaluation's room, and no others.

    Raises:
        FactUnfit, FactOfTheLog, LinkUnfit, RightIsNoGround, ReasonMissing.
    """
    known = {one.name: one for one in people}
    entries = {(one.stream, one.seq): one for one in log}
    if len({(one.of, one.fact) for one in said}) < len(said):
        raise errors.FactUnfit(said[0].fact)
    for one in said:
        fact = _stateable(one, rater, known.get(one.of), facts)
        if not 0 < len(one.reason.strip()) <= MOST_CHARACTERS:
            raise errors.ReasonMissing(most=MOST_CHARACTERS)
        if not one.links:
            raise errors.LinkUnfit(fact.code)
        for link in one.links:
            _shows(entries.get((link.stream, link.seq)), fact, one.of)


def _stateable(one: Said, rater: Someone, of: Someone | None, facts: Mapping[str, Fact]) -> Fact:
    fact = facts.get(one.fact)
    if fact is None or of is None:
        raise errors.FactUnfit("-" if fact is None else fact.code)
    if fact.source is Source.LOG:
        raise errors.FactOfTheLog(fact.code)
    if rater.party not in fact.by or of.party not in fact.of or of.name == rater.name:
        raise errors.FactUnfit(fact.code)
    return fact


def _shows(entry: Logged | None, fact: Fact, of: str) -> None:
    if entry is not None and entry.type in PROTECTED:
        raise errors.RightIsNoGround
    if entry is None or entry.type not in fact.shown_by or entry.facts.get("seat", of) != of:
        raise errors.LinkUnfit(fact.code)


def shown_to(rater: Someone, facts: Mapping[str, Fact], log: Iterable[Logged]) -> list[Logged]:
    """The entries of the room's log that this rater could link a fact to."""
    types = {
        type_ for fact in facts.values() if rater.party in fact.by for type_ in fact.shown_by
    } - PROTECTED
    return [one for one in log if one.type in types]
