"""Outside lists, what was found in the pool by them, and the fold of the stream `lists`.

Who is on a list stands in the vault alone. Here an entry is a number, a kind, a ground, a
document, a term and a keyed index.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from blacklist.core.grounds import Kind
from foundation.digest import canon
from foundation.ids import ExpertId

STREAM: Final = "lists"
TAG: Final = b"blacklist/list-entries\0"


class Source(StrEnum):
    """Who keeps a list (来源)."""

    COURT = "court"
    CREDIT = "credit"
    PROVINCE = "province"
    DISCIPLINE = "discipline"


class How(StrEnum):
    """What an entry and an expert have in common.

    Only `number` is the same person by itself. The others are near matches (疑似): a name
    alone bars nobody, and a person decides.
    """

    NUMBER = "number"
    STARRED = "starred"  # same name; the digits that are shown agree
    NO_NUMBER = "no_number"  # same name; the list gives no number
    OTHER_NUMBER = "other_number"  # same name and day of birth, another number


class Decision(StrEnum):
    """What a person said of a near match."""

    SAME_PERSON = "same_person"
    OTHER_PERSON = "other_person"


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One entry without its person; `n` counts the taken lines from 1, `row` is the file's."""

    n: int
    row: int
    kind: Kind
    ground: str
    document: str
    starts_on: date
    ends_on: date | None
    blind: bytes

    def in_force(self, day: date) -> bool:
        """Does it count on `day`?"""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


class EntriesHash:
    """SHA-256 over the entries of a list by ascending `n`, made while they pass by."""

    def __init__(self) -> None:
        self._digest = sha256(TAG)
        self.entries = 0

    def add(self, entries: Iterable[ListEntry]) -> None:
        """The next of the list."""
        for one in entries:
            line = canon(
                [
                    one.n,
                    one.row,
                    one.kind.value,
                    one.ground,
                    one.document,
                    one.starts_on.isoformat(),
                    one.ends_on.isoformat() if one.ends_on else "",
                    one.blind.hex(),
                ]
            )
            self._digest.update(len(line).to_bytes(4, "big") + line)
            self.entries += 1

    def hex(self) -> str:
        """The hash so far."""
        return self._digest.hexdigest()


@dataclass(frozen=True, slots=True)
class OutsideList:
    """One list that was taken: whose, of which day, and the SHA-256 of its file."""

    id: str
    source: Source
    issuing_body: str
    dated_on: date
    document: str
    rows: int
    skipped: int
    entries: str
    taken_by: str
    taken_at: datetime
    withdrawn_by: str = ""
    withdrawn_at: datetime | None = None
    reason: str = ""

    @property
    def in_force(self) -> bool:
        """Is the pool checked against it?"""
        return self.withdrawn_at is None


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that points, surely or perhaps, to an expert of the pool."""

    id: str
    list_id: str
    n: int
    expert_id: ExpertId
    how: How
    check_id: str
    found_at: datetime
    decision: Decision | None = None
    reason: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    proposal: str = ""
    proposed_by: str = ""
    proposed_at: datetime | None = None

    @property
    def is_near(self) -> bool:
        """Does it need a person's word?"""
        return self.how is not How.NUMBER

    @property
    def is_open(self) -> bool:
        """A near match that nobody has decided."""
        return self.is_near and self.decision is None

    @property
    def is_same_person(self) -> bool:
        """By the number, or by somebody's word."""
        return not self.is_near or self.decision is Decision.SAME_PERSON


@dataclass(frozen=True, slots=True)
class Check:
    """One cross-check (核查) of the pool: what it looked at and what was new.

    `common`: entries with a name and no number that too many experts bear; nobody can be
    asked which of them it is, so the issuing body must be.
    """

    id: str
    day: date
    lists: tuple[str, ...]
    rows: int
    experts: int
    exact: int
    near: int
    common: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Lists:
    """The state of the stream."""

    lists: Mapping[str, OutsideList]
    matches: Mapping[str, Match]
    checks: Sequence[Check]


def fold(facts: Iterable[tuple[str, Mapping[str, Any] | None]]) -> Lists:
    """What the entries (type, body) of the stream `lists` add up to."""
    lists: dict[str, OutsideList] = {}
    matches: dict[str, Match] = {}
    checks: list[Check] = []
    for type_, body in facts:
        match type_:
            case _ if body is None:
                continue
            case "blacklist.list_taken":
                lists[body["id"]] = list_of(body)
            case "blacklist.list_withdrawn":
                lists[body["id"]] = withdrawn(lists[body["id"]], body)
            case "blacklist.matches_found":
                matches |= {one.id: one for one in matches_of(body)}
            case "blacklist.crosscheck_done":
                checks.append(check_of(body))
            case "blacklist.match_decided":
                matches[body["id"]] = decided(matches[body["id"]], body)
            case "blacklist.match_proposed":
                matches[body["id"]] = proposed(matches[body["id"]], body)
            case "blacklist.match_seen":
                continue
            case _:
                raise ValueError(f"the stream has no entry of type {type_}")
    return Lists(lists, matches, checks)


def list_of(body: Mapping[str, Any]) -> OutsideList:
    """The list in the body of `blacklist.list_taken`."""
    return OutsideList(
        id=body["id"],
        source=Source(body["source"]),
        issuing_body=body["issuing_body"],
        dated_on=date.fromisoformat(body["dated_on"]),
        document=body["document"],
        rows=body["rows"],
        skipped=body["skipped"],
        entries=body["entries"],
        taken_by=body["by"],
        taken_at=datetime.fromisoformat(body["at"]),
    )


def withdrawn(one: OutsideList, body: Mapping[str, Any]) -> OutsideList:
    """The list after `blacklist.list_withdrawn`."""
    at = datetime.fromisoformat(body["at"])
    return replace(one, withdrawn_by=body["by"], withdrawn_at=at, reason=body["reason"])


def matches_of(body: Mapping[str, Any]) -> list[Match]:
    """The matches in the body of `blacklist.matches_found`."""
    at = datetime.fromisoformat(body["at"])
    return [
        Match(id_, list_id, n, ExpertId(expert_id), How(how), body["check"], at)
        for id_, list_id, n, expert_id, how in body["matches"]
    ]


def check_of(body: Mapping[str, Any]) -> Check:
    """The cross-check in the body of `blacklist.crosscheck_done`."""
    return Check(
        id=body["id"],
        day=date.fromisoformat(body["day"]),
        lists=tuple(body["lists"]),
        rows=body["rows"],
        experts=body["experts"],
        exact=body["exact"],
        near=body["near"],
        common=body["common"],
        by=body["by"],
        at=datetime.fromisoformat(body["at"]),
    )


def decided(match: Match, body: Mapping[str, Any]) -> Match:
    """The match after `blacklist.match_decided`."""
    return replace(
        match,
        decision=Decision(body["decision"]),
        reason=body["reason"],
        decided_by=body["by"],
        decided_at=datetime.fromisoformat(body["at"]),
    )


def proposed(match: Match, body: Mapping[str, Any]) -> Match:
    """The match after `blacklist.match_proposed`."""
    return replace(
        match,
        proposal=body["proposal"],
        proposed_by=body["by"],
        proposed_at=datetime.fromisoformat(body["at"]),
    )
