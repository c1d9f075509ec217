"""Tables and files of an evaluation; rows never leave the room."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select

from foundation.db import UtcDateTime


class EvaluationRow(SQLModel, table=True):
    """One evaluation of one draw. `representatives` is JSON: seat -> account id.

    `created_by` is the clerk whose room it is: who planned it, or to whom it was handed over.
    """

    __tablename__ = "evaluation"

    id: str = Field(primary_key=True)
    draw_id: str = Field(unique=True)
    created_by: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    representatives: str = "{}"
    over: bool = False

    def seat_accounts(self) -> dict[str, str]:
        """Seat -> account of the owner's representatives."""
        seats: dict[str, str] = json.loads(self.representatives)
        return seats

    def seat(self, accounts: Mapping[str, str]) -> None:
        """Set who represents the owner in which seat."""
        self.representatives = json.dumps(dict(accounts), sort_keys=True)


class OpeningKeyRow(SQLModel, table=True):
    """The room's X25519 key, the private half sealed by the key ring."""

    __tablename__ = "evaluation_opening_key"

    evaluation_id: str = Field(primary_key=True)
    public_key: str
    sealed: bytes


class DraftRow(SQLModel, table=True):
    """A seat's unfinished sheet, sealed; `done` of its cells are filled.

    The row goes in the transaction that seals the sheet or voids the seat: what nobody may
    read before opening must not lie beside its envelope.
    """

    __tablename__ = "evaluation_draft"

    evaluation_id: str = Field(primary_key=True)
    seat: str = Field(primary_key=True)
    revision: int
    done: int
    sealed: bytes
    saved_at: datetime = Field(sa_type=UtcDateTime)


class HolderRow(SQLModel, table=True):
    """Whose seat it is since check-in, as a blind index: nobody else can take it over."""

    __tablename__ = "evaluation_holder"

    evaluation_id: str = Field(primary_key=True)
    seat: str = Field(primary_key=True)
    holder: bytes


class CommandRow(SQLModel, table=True):
    """A command that became true, so that a retry is answered and not done again."""

    __tablename__ = "evaluation_command"

    evaluation_id: str = Field(primary_key=True)
    actor: str = Field(primary_key=True)
    command_id: str = Field(primary_key=True)
    seq: int


class VacancyRow(SQLModel, table=True):
    """A void seat on its way to the draw: the draw's step that had filled it.

    Written before the draw is asked. After a crash the draw's present step tells whether
    it was asked already, so that the newcomer is never taken for the one who left.
    """

    __tablename__ = "evaluation_vacancy"

    evaluation_id: str = Field(primary_key=True)
    seat: str = Field(primary_key=True)
    step: int


def evaluations(db: Session) -> list[EvaluationRow]:
    """Every evaluation, newest first."""
    statement = select(EvaluationRow).order_by(
        col(EvaluationRow.created_at).desc(), col(EvaluationRow.id).desc()
    )
    return list(db.exec(statement))


def drafts(db: Session, evaluation_id: str) -> Iterator[DraftRow]:
    """The drafts of one evaluation."""
    yield from db.exec(select(DraftRow).where(DraftRow.evaluation_id == evaluation_id))


def drop_draft(db: Session, evaluation_id: str, seat: str) -> None:
    """Forget a seat's draft, if there is one."""
    if (row := db.get(DraftRow, (evaluation_id, seat))) is not None:
        db.delete(row)
