"""The statements of a remapping: temporary tables of fates, and what moves experts by them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Final

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    Select,
    String,
    Table,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.schema import CreateTable, DropTable
from sqlmodel import Field, Session, SQLModel

from draw_engine.pool_tables import ExpertRow, ExpertSpecialtyRow

OUTCOMES: Final = ("sure", "decided", "partly", "undecided", "given_up")
AT_ONCE: Final = 10_000

Fated = tuple[str, str, str]
"""Bare code of the older version, an heir or nothing, and why (`classification` How)."""


class ExpertRemapRow(SQLModel, table=True):
    """What the newest remapping did with one expert; the ledger holds the hash of the list."""

    __tablename__: ClassVar[str] = "expert_remap"

    expert_id: str = Field(primary_key=True)
    old: str = Field(primary_key=True)
    new: str
    outcome: str


_HERE: Final = MetaData()
_FATE: Final = Table(
    "remap_fate",
    _HERE,
    Column("code", String, primary_key=True),
    Column("heir", String, primary_key=True),
    Column("how", String, nullable=False),
    prefixes=["TEMPORARY"],
)
_WANTED: Final = Table(
    "remap_wanted",
    _HERE,
    Column("expert_id", String, primary_key=True),
    Column("code", String, primary_key=True),
    prefixes=["TEMPORARY"],
)
_CHANGED: Final = Table(
    "remap_changed",
    _HERE,
    Column("expert_id", String, primary_key=True),
    prefixes=["TEMPORARY"],
)
_TABLES: Final = (_FATE, _WANTED, _CHANGED)
_HELD: Final = SQLModel.metadata.tables[ExpertSpecialtyRow.__tablename__]
_EXPERT: Final = SQLModel.metadata.tables[ExpertRow.__tablename__]
_LIST: Final = SQLModel.metadata.tables[ExpertRemapRow.__tablename__]


def begin(db: Session) -> None:
    """Make the temporary tables; they belong to this connection alone."""
    connection = db.connection()
    for table in _TABLES:
        # a connection that served before may still have one
        connection.execute(DropTable(table, if_exists=True))
        connection.execute(CreateTable(table))


def fill_fates(db: Session, fates: Sequence[Fated]) -> None:
    """What became of every code of one version."""
    connection = db.connection()
    connection.execute(delete(_FATE))
    if fates:
        rows = [{"code": code, "heir": heir, "how": how} for code, heir, how in fates]
        connection.execute(insert(_FATE), rows)


def counts(db: Session, old: str) -> Counter[str]:
    """How many holders of codes of `old` have each outcome."""
    each = _outcomes(old).subquery()
    rows = db.connection().execute(select(each.c.outcome, func.count()).group_by(each.c.outcome))
    return Counter({outcome: n for outcome, n in rows})  # noqa: C416 - rows, not pairs


def forget(db: Session) -> None:
    """Drop the list of the remapping before."""
    db.connection().execute(delete(_LIST))


def note_outcomes(db: Session, old: str, new: str) -> None:
    """Write the list of one step."""
    each = _outcomes(old).subquery()
    found = select(each.c.expert_id, literal(old), literal(new), each.c.outcome)
    statement = insert(_LIST).from_select(["expert_id", "old", "new", "outcome"], found)
    db.connection().execute(statement)


def carry(db: Session, old: str, new: str) -> None:
    """Make the codes of `new` that came from `old` exactly those that the fates give."""
    connection = db.connection()
    connection.execute(delete(_WANTED))
    given = (
        select(_HELD.c.expert_id, _FATE.c.heir)
        .join(_FATE, _FATE.c.code == _HELD.c.code)
        .where(_HELD.c.classification == old, _FATE.c.heir != "")
        .distinct()
    )
    connection.execute(insert(_WANTED).from_select(["expert_id", "code"], given))
    wanted = exists().where(
        _WANTED.c.expert_id == _HELD.c.expert_id, _WANTED.c.code == _HELD.c.code
    )
    gone = (_HELD.c.classification == new, _HELD.c.source == old, not_(wanted))
    held = exists().where(
        _HELD.c.expert_id == _WANTED.c.expert_id,
        _HELD.c.classification == new,
        _HELD.c.code == _WANTED.c.code,
    )
    _note_changed(connection, select(_HELD.c.expert_id).where(*gone))
    _note_changed(connection, select(_WANTED.c.expert_id).where(not_(held)))
    connection.execute(delete(_HELD).where(*gone))
    come = select(_WANTED.c.expert_id, literal(new), _WANTED.c.code, literal(old)).where(not_(held))
    names = ["expert_id", "classification", "code", "source"]
    connection.execute(insert(_HELD).from_select(names, come))


def finish(db: Session) -> int:
    """Raise the version of every expert whose codes changed; how many they are."""
    connection = db.connection()
    changed = connection.execute(select(func.count()).select_from(_CHANGED)).scalar_one()
    connection.execute(
        update(_EXPERT)
        .where(_EXPERT.c.expert_id.in_(select(_CHANGED.c.expert_id)))
        .values(version=_EXPERT.c.version + 1)
    )
    end(db)
    return int(changed)


def end(db: Session) -> None:
    """Drop the temporary tables."""
    for table in _TABLES:
        db.connection().execute(DropTable(table, if_exists=True))


def experts(db: Session) -> int:
    """How many experts the pool has."""
    return int(db.connection().execute(select(func.count()).select_from(_EXPERT)).scalar_one())


def without(db: Session, classification: str) -> int:
    """How many experts hold no code of a version."""
    holds = exists().where(
        _HELD.c.expert_id == _EXPERT.c.expert_id, _HELD.c.classification == classification
    )
    statement = select(func.count()).select_from(_EXPERT).where(not_(holds))
    return int(db.connection().execute(statement).scalar_one())


def listed(db: Session) -> Iterator[tuple[str, str, str, str]]:
    """The list, by version and id; read in a stream, never as a whole."""
    statement = select(_LIST.c.expert_id, _LIST.c.old, _LIST.c.new, _LIST.c.outcome).order_by(
        _LIST.c.old, _LIST.c.expert_id
    )
    found = db.connection().execution_options(yield_per=AT_ONCE).execute(statement)
    for row in found:
        yield tuple(row)


def _outcomes(old: str) -> Select[Any]:
    """Per holder of codes of `old` the outcome; a code that has no fate counts as open."""
    heirs = func.sum(case((_FATE.c.heir != "", 1), else_=0))
    still_open = func.sum(case((or_(_FATE.c.how.is_(None), _FATE.c.how == "open"), 1), else_=0))
    said = func.sum(case((_FATE.c.how.in_(("decided", "with_class")), 1), else_=0))
    outcome = case(
        ((heirs == 0) & (still_open > 0), "undecided"),
        (heirs == 0, "given_up"),
        (still_open > 0, "partly"),
        (said > 0, "decided"),
        else_="sure",
    )
    return (
        select(_HELD.c.expert_id, outcome.label("outcome"))
        .select_from(_HELD.outerjoin(_FATE, _FATE.c.code == _HELD.c.code))
        .where(_HELD.c.classification == old)
        .group_by(_HELD.c.expert_id)
    )


def _note_changed(connection: Connection, ids: Select[Any]) -> None:
    known = exists().where(_CHANGED.c.expert_id == ids.selected_columns.expert_id)
    new = ids.where(not_(known)).distinct()
    connection.execute(insert(_CHANGED).from_select(["expert_id"], new))
