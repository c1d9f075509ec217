"""Tables of appointments and profiles in the main database; none can hold a person's name.

An application itself is the fold of its stream; its row only finds it. What a profile says is
never changed in place: rows are added, each with its instant, so that the past can be asked.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from typing import ClassVar, Final

from sqlalchemy import func
from sqlalchemy import select as select_columns
from sqlmodel import Field, Session, SQLModel, col, select

from draw_engine.core.appointment import Application, fold
from draw_engine.core.appointment_errors import UnknownApplication
from foundation.db import UtcDateTime, WriteSession
from foundation.ids import ExpertId
from foundation.ledger.book import Book, ReadBook

PORTION: Final = 500
CONFIRMED, TRAINED = "confirmed", "trained"


class ApplicationRow(SQLModel, table=True):
    """Where an application is found: its stream is `appointment:<id>`."""

    __tablename__: ClassVar[str] = "appointment"

    id: str = Field(primary_key=True)
    extends: bool
    state: str = Field(index=True)
    waits_for: str
    filed_at: datetime = Field(sa_type=UtcDateTime)
    expert_id: str = Field(index=True)


class AppointedRow(SQLModel, table=True):
    """On what an expert's place in the pool rests; who was imported has no such row.

    `bases` are the trades whose conditions were met, parted by blanks.
    """

    __tablename__: ClassVar[str] = "expert_appointment"

    expert_id: str = Field(primary_key=True)
    application_id: str
    bases: str = Field(index=True)
    unit: str
    appointed_at: datetime = Field(sa_type=UtcDateTime)


class ProfileDayRow(SQLModel, table=True):
    """A profile was confirmed, or a training attended, on a day; `seq` is the entry's."""

    __tablename__: ClassVar[str] = "expert_profile_day"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    expert_id: str = Field(index=True)
    kind: str
    on: date
    at: datetime = Field(sa_type=UtcDateTime)


class FormerEmployerRow(SQLModel, table=True):
    """Where an expert worked before, and until when; it recuses for three years (R-REC-1)."""

    __tablename__: ClassVar[str] = "expert_former_employer"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    n: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    expert_id: str = Field(index=True)
    unified_credit_code: str = Field(index=True)
    grouped: str = Field(index=True)
    name: str
    from_on: date | None
    to_on: date
    at: datetime = Field(sa_type=UtcDateTime)


class ReminderRow(SQLModel, table=True):
    """An expert was told once that the profile is due on a day."""

    __tablename__: ClassVar[str] = "expert_profile_reminder"

    expert_id: str = Field(primary_key=True)
    due_on: date = Field(primary_key=True)


def stream_of(application_id: str) -> str:
    """The stream of an application."""
    return f"appointment:{application_id}"


def load(book: Book | ReadBook, application_id: str) -> Application:
    """One application as its entries have it.

    Raises:
        UnknownApplication: none by this id.
    """
    if book.db.get(ApplicationRow, application_id) is None:
        raise UnknownApplication
    entries = book.entries(stream_of(application_id))
    found = fold((one.type, one.body) for one in entries)
    if found is None:
        raise UnknownApplication
    return found


def put(db: WriteSession, one: Application) -> None:
    """Keep the row that finds an application."""
    row = db.get(ApplicationRow, one.id) or ApplicationRow(
        id=one.id, extends=one.extends, state="", waits_for="", filed_at=one.filed_at, expert_id=""
    )
    row.state, row.waits_for, row.expert_id = one.state.value, one.waits_for, one.expert_id
    db.add(row)


def applications(
    db: Session, states: Collection[str] = (), expert_id: str = "", most: int = 200
) -> list[ApplicationRow]:
    """The newest applications, of some states or of one expert where given."""
    wanted = select(ApplicationRow).order_by(col(ApplicationRow.id).desc()).limit(most)
    if states:
        wanted = wanted.where(col(ApplicationRow.state).in_(sorted(states)))
    if expert_id:
        wanted = wanted.where(ApplicationRow.expert_id == expert_id)
    return list(db.exec(wanted))


def state_counts(db: Session) -> dict[str, int]:
    """How many applications wait for whom, or have ended how."""
    key = func.coalesce(func.nullif(ApplicationRow.waits_for, ""), ApplicationRow.state)
    rows = db.exec(select(key, func.count()).group_by(key))
    return {str(name): int(n) for name, n in rows}


def without_base(db: Session, base: str, at: datetime) -> set[ExpertId]:
    """Experts whose appointment does not reach to a trade, as of an instant."""
    wanted = select(AppointedRow.expert_id, AppointedRow.bases).where(
        AppointedRow.appointed_at <= at
    )
    pairs = db.exec(wanted.where(~col(AppointedRow.bases).contains(base)))
    return {ExpertId(id_) for id_, bases in pairs if base not in bases.split()}


def worked_for(
    db: Session, codes: Collection[str], groups: Collection[str], since: date, at: datetime
) -> set[ExpertId]:
    """Experts who left one of these employers, or one of these groups, on `since` or later."""
    found = set[ExpertId]()
    for column, names in (
        (col(FormerEmployerRow.unified_credit_code), sorted(codes)),
        (col(FormerEmployerRow.grouped), sorted(groups)),
    ):
        for start in range(0, len(names), PORTION):
            wanted = select(FormerEmployerRow.expert_id).where(
                column.in_(names[start : start + PORTION]),
                FormerEmployerRow.to_on >= since,
                FormerEmployerRow.at <= at,
            )
            found |= {ExpertId(one) for one in db.exec(wanted)}
    return found


def former_employers(db: Session, expert_id: str) -> list[FormerEmployerRow]:
    """Where one expert worked before, the last first."""
    wanted = select(FormerEmployerRow).where(FormerEmployerRow.expert_id == expert_id)
    rows = db.exec(wanted.order_by(col(FormerEmployerRow.to_on).desc(), col(FormerEmployerRow.seq)))
    return list(rows)


def newest_days(db: Session, expert_id: str, at: datetime | None = None) -> dict[str, date]:
    """The newest day of each kind for one expert, as of an instant."""
    wanted = select(ProfileDayRow.kind, func.max(ProfileDayRow.on)).where(
        ProfileDayRow.expert_id == expert_id
    )
    if at is not None:
        wanted = wanted.where(ProfileDayRow.at <= at)
    rows = db.exec(wanted.group_by(ProfileDayRow.kind))
    return {kind: on for kind, on in rows if on is not None}


def days_since(
    db: Session, seq: int, until: datetime | None = None
) -> Iterator[tuple[int, str, str, date]]:
    """(seq, expert, kind, day) of what was entered behind an entry, in its order."""
    wanted = select_columns(_DAYS.c.seq, _DAYS.c.expert_id, _DAYS.c.kind, _DAYS.c.on)
    wanted = wanted.where(_DAYS.c.seq > seq).order_by(_DAYS.c.seq)
    if until is not None:
        wanted = wanted.where(_DAYS.c.at <= until)
    for row in db.connection().execute(wanted):
        yield row[0], row[1], row[2], row[3]


def reminded(db: Session, expert_ids: Iterable[str]) -> set[tuple[str, date]]:
    """Who of some was told already, and of which day."""
    wanted, found = sorted(set(expert_ids)), set[tuple[str, date]]()
    for start in range(0, len(wanted), PORTION):
        some = col(ReminderRow.expert_id).in_(wanted[start : start + PORTION])
        found |= {(row.expert_id, row.due_on) for row in db.exec(select(ReminderRow).where(some))}
    return found


_DAYS: Final = SQLModel.metadata.tables["expert_profile_day"]
