"""Use cases that only look: an evaluation, its documents, its report, its log, an export."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from evaluation_room import errors
from evaluation_room.core.page_views import PAGES_READ, are_shown
from evaluation_room.core.room import Room, apply
from evaluation_room.core.values import Document
from evaluation_room.core.views import SUPERVISOR, Viewer, ViewerRole, may_read, project
from evaluation_room.desk import Desk
from evaluation_room.media_book import media_stream_of
from evaluation_room.store import EvaluationRow, evaluations
from evaluation_room.stream import stream_of
from foundation.ids import AccountId
from foundation.instants import seconds
from foundation.ledger.store import LeafRow, PayloadRow

SECRET = frozenset({"room.ballot_cast"})
"""Facts whose payload no export holds: a secret ballot stays one (87号令 art. 45)."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """A fact as a supervisor reads it; `facts` is what that role may see."""

    index: int
    seq: int
    type: str
    at: str
    facts: dict[str, Any]


class Reading:
    """Looks at evaluations; changes nothing."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def all(self, by: AccountId | None = None) -> list[tuple[EvaluationRow, Room]]:
        """Every evaluation, or those that one clerk planned, newest first."""
        with self._desk.books.read() as book:
            rows = [row for row in evaluations(book.db) if by in (None, row.created_by)]
        return [(row, self._desk.hub.room(row.id)) for row in rows]

    def one(self, evaluation_id: str) -> tuple[EvaluationRow, Room]:
        """One evaluation.

        Raises:
            UnknownEvaluation: there is none.
        """
        return self._desk.row(evaluation_id), self._desk.hub.room(evaluation_id)

    def document(
        self, evaluation_id: str, viewer: Viewer, document_id: str
    ) -> tuple[Document, bytes]:
        """A filed PDF, for whom it is open now.

        Raises:
            UnknownDocument: there is none, or not for this viewer.
        """
        room = self._desk.hub.room(evaluation_id)
        for document in room.documents:
            if document.document_id == document_id and may_read(room, viewer, document_id):
                return document, self._desk.files.get(document.sha256)
        raise errors.UnknownDocument

    def report(self, evaluation_id: str, viewer: Viewer) -> tuple[str, bytes]:
        """SHA-256 and bytes of the newest report: the final one once it is there.

        Raises:
            UnknownDocument: none yet, or not for this viewer.
        """
        room = self._desk.hub.room(evaluation_id)
        seat = room.seat(viewer.seat) if viewer.seat else None
        hidden = viewer.role is ViewerRole.SEAT and (seat is None or seat.opened is None)
        if room.report is None or hidden:
            raise errors.UnknownDocument
        sha256 = room.completed.sha256 if room.completed else room.report.sha256
        return sha256, self._desk.files.get(sha256)

    def log(self, evaluation_id: str) -> list[LogLine]:
        """Every entry as the supervisor may see it, with its log index.

        Raises:
            UnknownEvaluation: there is none.
        """
        self._desk.row(evaluation_id)
        room = Room()
        lines: list[LogLine] = []
        for fact in self._desk.hub.facts(evaluation_id):
            room = apply(room, fact)
            told = project(fact, room, SUPERVISOR)  # a supervisor is shown something of each
            facts = told[0].model_dump(mode="json", exclude={"type"}, exclude_none=True)
            at = fact.at.isoformat().replace("+00:00", "Z")
            lines.append(LogLine(fact.index, fact.seq, fact.event.type, at, facts))
        return lines

    def export(self, evaluation_id: str) -> bytes:
        """Every entry of the room and of its sound and picture, with payload and inclusion proof.

        `foundation.ledger.verify` rechecks it.

        Raises:
            UnknownEvaluation: there is none.
        """
        self._desk.row(evaluation_id)
        books = self._desk.books
        checkpoint = books.checkpoint()
        statement = (
            select(LeafRow, PayloadRow)
            .join(PayloadRow, col(PayloadRow.number) == col(LeafRow.number), isouter=True)
            .where(
                col(LeafRow.stream).in_((stream_of(evaluation_id), media_stream_of(evaluation_id))),
                LeafRow.number < checkpoint.size,
            )
            .order_by(col(LeafRow.number))
        )
        # What members look at is not told while they judge; afterwards it is part of the file.
        shown = are_shown(self._desk.hub.room(evaluation_id))
        withheld = SECRET if shown else SECRET | {PAGES_READ}
        with books.read() as book:
            entries = [
                _exported(leaf, payload, books.inclusion(leaf.number, checkpoint.size), withheld)
                for leaf, payload in book.db.exec(statement)
            ]
        whole = {
            "origin": checkpoint.note.partition("\n")[0],
            "log_key": self._desk.log_key.hex(),
            "checkpoint": checkpoint.note,
            "evaluation_id": evaluation_id,
            "demonstration": self._desk.demonstration,
            "entries": entries,
        }
        return json.dumps(whole, ensure_ascii=False).encode()


def _exported(
    leaf: LeafRow, payload: PayloadRow | None, path: Sequence[bytes], withheld: frozenset[str]
) -> dict[str, Any]:
    kept = payload is not None and leaf.type not in withheld
    return {
        "index": leaf.number,
        "leaf": leaf.leaf.hex(),
        "at": seconds(leaf.at),
        "salt": payload.salt.hex() if payload is not None and kept else None,
        "body": payload.body.hex() if payload is not None and kept else None,
        "path": [node.hex() for node in path],
    }
