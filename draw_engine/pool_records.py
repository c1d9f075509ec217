"""The record of imports: which began, which of them runs, how each ended.

It is what tells a restart, and then a person, whether an import that was cut off has
taken anything: a record still `running` when the service starts took nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlmodel import Session, col, select

from draw_engine.pool_tables import ImportRow
from foundation.db import ReadSession, WriteSession
from foundation.errors import Fact, Kind, ServiceError
from foundation.instants import CHINA_STANDARD_TIME

MOST_SHOWN: Final = 20


class State(StrEnum):
    """How an import stands."""

    RUNNING = "running"
    COMPLETED = "completed"
    REFUSED = "refused"
    INTERRUPTED = "interrupted"


class ImportRunning(ServiceError):
    """Another import runs; two at once could not both be all or nothing."""

    code = "pool.import_running"
    kind = Kind.CONFLICT


class ImportInterrupted(ServiceError):
    """The import was cut off before its end; nothing of it was taken."""

    code = "pool.import_interrupted"
    kind = Kind.UNAVAILABLE


class UnknownImport(ServiceError):
    """There is no import by this id."""

    code = "pool.unknown_import"
    kind = Kind.NOT_FOUND


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """One import. `refusal` is the code of what it was refused for, "" otherwise."""

    id: str
    file: str
    by: str
    floor: str
    state: State
    began_at: datetime
    ended_at: datetime | None
    imported: int
    skipped: int
    problems: int
    refusal: str

    def facts(self) -> dict[str, Fact]:
        """What the words of its refusal need."""
        began = self.began_at.astimezone(CHINA_STANDARD_TIME)
        counts: dict[str, Fact] = {"rows": self.skipped, "problems": self.problems}
        return {"file": self.file, "at": f"{began:%Y-%m-%d %H:%M}", **counts}


def begin(db: WriteSession, id_: str, *, file: str, by: str, floor: str, at: datetime) -> None:
    """Write that an import begins.

    Raises:
        ImportRunning: another one has not ended.
    """
    if floor_of(db) is not None:
        raise ImportRunning
    state = State.RUNNING.value
    db.add(ImportRow(id=id_, file=file, by=by, floor=floor, state=state, began_at=at))


def end(
    db: WriteSession,
    id_: str,
    state: State,
    at: datetime,
    *,
    imported: int = 0,
    skipped: int = 0,
    problems: int = 0,
    refusal: str = "",
) -> None:
    """Write how an import ended."""
    row = db.get_one(ImportRow, id_)
    row.state, row.ended_at = state.value, at
    row.imported, row.skipped, row.problems, row.refusal = imported, skipped, problems, refusal
    db.add(row)


def floor_of(db: Session) -> str | None:
    """From this id upward nobody is in the pool yet; None where no import runs."""
    running = select(ImportRow.floor).where(ImportRow.state == State.RUNNING.value)
    return db.exec(running).first()


def running(db: ReadSession) -> list[ImportRecord]:
    """Those without an end; at the start of the service, those that were cut off."""
    rows = db.exec(select(ImportRow).where(ImportRow.state == State.RUNNING.value))
    return [_record(row) for row in rows]


def newest(db: ReadSession, most: int = MOST_SHOWN) -> list[ImportRecord]:
    """The last imports, newest first."""
    rows = db.exec(select(ImportRow).order_by(col(ImportRow.id).desc()).limit(most))
    return [_record(row) for row in rows]


def get(db: ReadSession, id_: str) -> ImportRecord:
    """One import.

    Raises:
        UnknownImport: none by this id.
    """
    row = db.get(ImportRow, id_)
    if row is None:
        raise UnknownImport
    return _record(row)


def _record(row: ImportRow) -> ImportRecord:
    return ImportRecord(
        id=row.id,
        file=row.file,
        by=row.by,
        floor=row.floor,
        state=State(row.state),
        began_at=row.began_at,
        ended_at=row.ended_at,
        imported=row.imported,
        skipped=row.skipped,
        problems=row.problems,
        refusal=row.refusal,
    )
