"""What the assessment needs of the floors above, and what both its services read of the log."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from blacklist.core.points import Point, Reached, Threshold
from blacklist.core.rating import Link, Logged, Said
from foundation.auth.principal import Principal
from foundation.ids import ExpertId
from foundation.ledger.book import Book, ReadBook


@dataclass(frozen=True, slots=True)
class Ended:
    """An evaluation that is over, and the draw it used."""

    evaluation_id: str
    draw_id: str


class Evaluations(Protocol):
    """What the assessment needs of the floors above; wired in app/wiring_rating.py."""

    def ended(self) -> Sequence[Ended]:
        """Evaluations that are closed or stopped."""
        ...

    def opened_draws(self) -> Sequence[str]:
        """Draws that are opened or refused: what links them to persons is no secret of theirs."""
        ...

    def evaluation_of(self, draw_id: str) -> str | None:
        """The evaluation that a draw led to."""
        ...

    def name_of(self, evaluation_id: str, who: Principal) -> str:
        """Who an account is in a room: "clerk" or a seat. A ServiceError for anybody else."""
        ...

    def asked(self, draw_id: str) -> Mapping[tuple[int, int], ExpertId]:
        """(seat, step) -> the expert whom a draw asked."""
        ...


Shown = Sequence[tuple[str, Link]]
"""Codes of facts, each with an entry that shows it."""

OpenCase = Callable[[Book, Reached, Threshold, Sequence[Point], Shown], str]
"""Opens a case on a threshold, in the transaction of the caller: what was reached, the line of the
table, the points behind it and the entries that show them. Returns the case's id."""


def stream_of(evaluation_id: str) -> str:
    """The stream of a rating round."""
    return f"rating/{evaluation_id}"


def log_of(book: Book | ReadBook, stream: str) -> list[Logged]:
    """The entries of a stream as plain values."""
    return [
        Logged(one.stream, one.seq, one.index, one.at, one.type, one.body or {})
        for one in book.entries(stream)
    ]


def room_log(book: Book | ReadBook, evaluation_id: str) -> list[Logged]:
    """The entries of an evaluation's room; none where there was none."""
    return log_of(book, f"evaluation/{evaluation_id}") if evaluation_id else []


def said_in(book: Book | ReadBook, evaluation_id: str) -> list[tuple[str, tuple[Said, ...]]]:
    """What the locking entry of a round holds: rater and what they stated."""
    for one in book.entries(stream_of(evaluation_id)):
        if one.type == "rating.locked" and one.body is not None:
            return [(each["rater"], tuple(map(_said, each["said"]))) for each in one.body["given"]]
    return []


def _said(plain: Mapping[str, Any]) -> Said:
    links = tuple(Link(one["stream"], one["seq"]) for one in plain["links"])
    return Said(plain["of"], plain["fact"], links, plain["reason"])
