"""What an expert may ask about the own data: to correct a fact, to be erased; and the answer.

asked -> granted | refused, each once. The words of a request can hold a name or a number, so they
never stand in an entry: it has their keyed hash, and the words are sealed beside it.

Source: 个人信息保护法 46, 47; RULES R-PRIN-6.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from draw_engine.core.errors import RequestDecided
from foundation.ids import ExpertId


class Asked(StrEnum):
    """What is asked for."""

    CORRECTION = "correction"
    ERASURE = "erasure"


class Fact(StrEnum):
    """Which fact is said to be wrong; empty for an erasure."""

    NONE = ""
    NAME = "name"
    ID_NUMBER = "id_number"
    PHONE = "phone"
    SPECIALTY = "specialty"
    TITLE = "title"
    EMPLOYER = "employer"
    REGION = "region"
    TERM = "term"
    STANDING = "standing"
    OTHER = "other"


class Outcome(StrEnum):
    """Where a request stands."""

    OPEN = "open"
    GRANTED = "granted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class OwnRequest:
    """One request.

    Attributes:
        words: keyed hash (hex) of what should stand. document: SHA-256 (hex) of proof, or empty.
        decided_by: an account; never the expert's own.
    """

    id: str
    expert_id: ExpertId
    asked: Asked
    fact: Fact
    words: str
    document: str
    asked_at: datetime
    outcome: Outcome = Outcome.OPEN
    reason: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None


Body = Mapping[str, Any]


def asked_of(body: Body) -> OwnRequest:
    """The request in the body of `own_request.asked`."""
    return OwnRequest(
        id=body["id"],
        expert_id=ExpertId(body["expert_id"]),
        asked=Asked(body["asked"]),
        fact=Fact(body["fact"]),
        words=body["words"],
        document=body["document"],
        asked_at=datetime.fromisoformat(body["at"]),
    )


def decided(before: OwnRequest, body: Body) -> OwnRequest:
    """The request after `own_request.decided`.

    Raises:
        RequestDecided: it was decided before.
    """
    if before.outcome is not Outcome.OPEN:
        raise RequestDecided(outcome=before.outcome.value)
    return replace(
        before,
        outcome=Outcome(body["outcome"]),
        reason=body["reason"],
        decided_by=body["by"],
        decided_at=datetime.fromisoformat(body["at"]),
    )


def fold(entries: Iterable[tuple[str, Body | None]]) -> dict[str, OwnRequest]:
    """Every request by id; erased entries are passed over.

    Raises:
        ValueError: an entry of a type that the stream does not have.
    """
    found: dict[str, OwnRequest] = {}
    for type_, body in entries:
        if type_ not in {"own_request.asked", "own_request.decided"}:
            raise ValueError(f"the stream has no entry of type {type_}")
        if body is None:
            continue
        if type_ == "own_request.asked":
            found[body["id"]] = asked_of(body)
        elif body["id"] in found:
            found[body["id"]] = decided(found[body["id"]], body)
    return found
