"""What a refusal is: a stable code for machines, facts for the reader, words elsewhere.

The words live in `app/locales/<language>/*.json`, keyed by code; the HTTP status in
`app/replies.py`, keyed by kind. Nothing here knows either.
"""

from enum import StrEnum
from typing import ClassVar

Fact = str | int | bool


class Kind(StrEnum):
    """How a refusal feels to the caller; one table turns it into a status."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    GONE = "gone"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    UNAVAILABLE = "unavailable"


class ServiceError(Exception):
    """A refusal that a person can read and a program can match.

    Subclasses set `code` (`room.fact`), `kind`, and `rule` where one of the rule book
    decides. Facts never hold a name, a telephone number or an identity number.
    """

    code: ClassVar[str]
    kind: ClassVar[Kind]
    rule: ClassVar[str | None] = None

    def __init__(self, **facts: Fact) -> None:
        self.facts = facts
        super().__init__(f"{self.code} {facts}" if facts else self.code)
