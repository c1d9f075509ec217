"""Rows and tables of the assessment: projections of the streams `rating/…` and `points`.

A row that names an expert tells the evaluation only under a key: `occasion` is a blind
index, `sealed` holds the rest (ABUSE B9).
"""

import json
import tomllib
from dataclasses import asdict, fields
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Any, ClassVar, Final

from sqlalchemy import literal
from sqlmodel import Field, Session, SQLModel, col, func, select

from blacklist.core.points import Act, Point, Reached, Scheme, Turn
from blacklist.core.rating import Fact
from blacklist.core.rating_errors import TableUnusable
from blacklist.core.rating_tables import read_facts, read_scheme
from foundation.db import UtcDateTime, WriteSession

NONE: Final = "none"


class RoundRow(SQLModel, table=True):
    """One rating round. `people`, `given`, `missing` and `weighed` are JSON lists; names in them
    are seats of the room or "clerk"."""

    __tablename__: ClassVar[str] = "rating_round"

    evaluation_id: str = Field(primary_key=True)
    draw_id: str
    title: str
    starts_at: datetime = Field(sa_type=UtcDateTime)
    place: str
    opened_at: datetime = Field(sa_type=UtcDateTime)
    due_on: date
    raters: str
    given: str = "[]"
    missing: str = "[]"
    weighed: str = "[]"
    locked_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)

    def list_of(self, name: str) -> list[Any]:
        """One of the JSON lists."""
        found: list[Any] = json.loads(getattr(self, name))
        return found


class BookedRow(SQLModel, table=True):
    """What has been put on accounts already: `draw/<id>`, `round/<id>`, `year/<year>`."""

    __tablename__: ClassVar[str] = "rating_booked"

    what: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)


class PointRow(SQLModel, table=True):
    """One point of an account; never deleted."""

    __tablename__: ClassVar[str] = "rating_point"

    id: str = Field(primary_key=True)
    expert_id: str = Field(index=True)
    fact: str
    points: str
    scheme: str
    happened_on: date = Field(index=True)
    occasion: str
    sealed: str
    given_at: datetime = Field(sa_type=UtcDateTime)
    dispute: str = ""
    disputed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decision: str = ""
    decision_reason: str = ""
    decided_by: str = ""
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    taken_back_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    taken_back_reason: str = ""


class TurnRow(SQLModel, table=True):
    """One time an expert was drawn."""

    __tablename__: ClassVar[str] = "rating_turn"

    id: str = Field(primary_key=True)
    expert_id: str = Field(index=True)
    outcome: str
    late: bool
    happened_on: date = Field(index=True)
    occasion: str
    sealed: str
    recorded_at: datetime = Field(sa_type=UtcDateTime)


class ReachedRow(SQLModel, table=True):
    """A threshold that an account reached."""

    __tablename__: ClassVar[str] = "rating_reached"

    id: str = Field(primary_key=True)
    expert_id: str = Field(index=True)
    threshold: str
    year: int
    period: str
    act: str
    months: int
    total: str
    at: datetime = Field(sa_type=UtcDateTime)
    case_id: str = ""
    left_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


def put(db: WriteSession, value: Point | Turn | Reached) -> None:
    """Write the row of a value, new or changed."""
    rows: dict[type, type[SQLModel]] = {Point: PointRow, Turn: TurnRow, Reached: ReachedRow}
    db.merge(rows[type(value)](**asdict(value)))


def round_of(db: Session, evaluation_id: str) -> RoundRow | None:
    """The round of an evaluation."""
    return db.get(RoundRow, evaluation_id)


def rounds(db: Session, *, still_open: bool = False) -> list[RoundRow]:
    """Every round, newest first; only those not locked where asked for."""
    statement = select(RoundRow).order_by(
        col(RoundRow.opened_at).desc(), col(RoundRow.evaluation_id)
    )
    if still_open:
        statement = statement.where(col(RoundRow.locked_at).is_(None))
    return list(db.exec(statement))


def round_ids(db: Session) -> set[str]:
    """Evaluations that have a round."""
    return set(db.exec(select(RoundRow.evaluation_id)))


def unbooked(db: Session) -> list[RoundRow]:
    """Locked rounds that are not on accounts yet, of draws that are."""
    done = select(BookedRow.what)
    statement = select(RoundRow).where(
        col(RoundRow.locked_at).is_not(None),
        (literal("round/") + col(RoundRow.evaluation_id)).not_in(done),
        (literal("draw/") + col(RoundRow.draw_id)).in_(done),
    )
    return list(db.exec(statement.order_by(col(RoundRow.evaluation_id))))


def is_booked(db: Session, what: str) -> bool:
    """Whether this has been put on accounts."""
    return db.get(BookedRow, what) is not None


def booked(db: Session) -> set[str]:
    """Everything that has been put on accounts."""
    return set(db.exec(select(BookedRow.what)))


def points(db: Session, expert_id: str | None = None, year: int | None = None) -> list[Point]:
    """Points, newest first; of one expert, of one year."""
    statement = select(PointRow).order_by(col(PointRow.given_at).desc(), col(PointRow.id).desc())
    if expert_id is not None:
        statement = statement.where(PointRow.expert_id == expert_id)
    if year is not None:
        statement = statement.where(PointRow.happened_on >= date(year, 1, 1))
        statement = statement.where(PointRow.happened_on <= date(year, 12, 31))
    return [Point(**_plain(row, Point)) for row in db.exec(statement)]


def disputed(db: Session) -> list[Point]:
    """Points that somebody disputes, the undecided first, then the newest."""
    statement = (
        select(PointRow)
        .where(col(PointRow.disputed_at).is_not(None))
        .order_by(
            col(PointRow.decided_at).is_not(None),
            col(PointRow.disputed_at).desc(),
            col(PointRow.id),
        )
    )
    return [Point(**_plain(row, Point)) for row in db.exec(statement)]


def point(db: Session, id_: str) -> Point | None:
    """The point with this id."""
    row = db.get(PointRow, id_)
    return None if row is None else Point(**_plain(row, Point))


def turns(db: Session, expert_id: str | None = None, year: int | None = None) -> list[Turn]:
    """Turns, newest first; of one expert, of one year."""
    statement = select(TurnRow).order_by(col(TurnRow.recorded_at).desc(), col(TurnRow.id).desc())
    if expert_id is not None:
        statement = statement.where(TurnRow.expert_id == expert_id)
    if year is not None:
        statement = statement.where(TurnRow.happened_on >= date(year, 1, 1))
        statement = statement.where(TurnRow.happened_on <= date(year, 12, 31))
    return [Turn(**_plain(row, Turn)) for row in db.exec(statement)]


def outcomes(db: Session, year: int) -> dict[str, int]:
    """How the turns of everybody ended in a year: the base rate."""
    statement = (
        select(TurnRow.outcome, func.count())
        .where(TurnRow.happened_on >= date(year, 1, 1), TurnRow.happened_on <= date(year, 12, 31))
        .group_by(TurnRow.outcome)
    )
    return dict(db.exec(statement).all())


def reached(db: Session, expert_id: str | None = None) -> list[Reached]:
    """Thresholds reached, newest first; of one expert where one is given."""
    statement = select(ReachedRow).order_by(col(ReachedRow.at).desc(), col(ReachedRow.id).desc())
    if expert_id is not None:
        statement = statement.where(ReachedRow.expert_id == expert_id)
    return [Reached(**_plain(row, Reached)) for row in db.exec(statement)]


def asking(db: Session) -> list[str]:
    """Ids of proposals on record that hold and have no case."""
    statement = select(ReachedRow.id).where(
        ReachedRow.act != Act.WARN, ReachedRow.case_id == "", col(ReachedRow.left_at).is_(None)
    )
    return list(db.exec(statement.order_by(col(ReachedRow.id))))


def reached_of(db: Session, id_: str) -> Reached | None:
    """The threshold on record under this id."""
    row = db.get(ReachedRow, id_)
    return None if row is None else Reached(**_plain(row, Reached))


def _plain(row: SQLModel, of: type[Point] | type[Turn] | type[Reached]) -> dict[str, Any]:
    return {one.name: getattr(row, one.name) for one in fields(of)}


@cache
def load_facts() -> dict[str, Fact]:
    """The closed list that the program carries.

    Raises:
        TableUnusable: the file does not fit.
    """
    return read_facts(_parsed("facts", _bytes("facts")))


def load_scheme(name: str) -> Scheme | None:
    """The table of demerit points that an overlay names; None for "none".

    Raises:
        TableUnusable: there is none of this name, or it does not fit.
    """
    if name == NONE:
        return None
    data = _bytes(name)
    return read_scheme(name, sha256(data).hexdigest(), _parsed(name, data), load_facts())


def _bytes(name: str) -> bytes:
    file = resources.files("blacklist") / "schemes" / f"{name}.toml"
    if not name.isidentifier() or not file.is_file():
        raise TableUnusable(name, "missing")
    return file.read_bytes()


def _parsed(name: str, data: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(data.decode())
    except ValueError as bad:
        raise TableUnusable(name, "form") from bad
