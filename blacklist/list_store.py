"""Rows of outside lists, their entries, matches and cross-checks, and every query on them.

Lists, matches and checks are projections of the stream `lists`. Entries are committed to by
the hash in `blacklist.list_taken`; no column can hold a name or an identity number.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar, Final

from sqlalchemy import Index, UniqueConstraint, and_, delete, insert, not_, or_
from sqlalchemy import select as select_columns
from sqlmodel import Field, Session, SQLModel, col, func, select

from blacklist.core.grounds import Kind
from blacklist.core.outside_list import Check, Decision, How, ListEntry, Match, OutsideList, Source
from foundation.db import UtcDateTime, WriteSession
from foundation.ids import ExpertId

PORTION: Final = 500
MOST_SHOWN: Final = 50


class Stage(StrEnum):
    """How an intake stands. Only a taken one has its list in force."""

    RUNNING = "running"
    TAKEN = "taken"
    REFUSED = "refused"
    INTERRUPTED = "interrupted"


class IntakeRow(SQLModel, table=True):
    """One file on its way in and how that ended; no fact of the ledger until it is taken."""

    __tablename__: ClassVar[str] = "outside_intake"

    id: str = Field(primary_key=True)
    source: str
    issuing_body: str
    dated_on: date
    document: str
    by: str
    stage: str = Field(index=True)
    began_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    rows: int = 0
    skipped: int = 0
    problems: int = 0
    refusal: str = ""


class ListRow(SQLModel, table=True):
    """One list that was taken; never deleted."""

    __tablename__: ClassVar[str] = "outside_list"

    id: str = Field(primary_key=True)
    source: str
    issuing_body: str
    dated_on: date
    document: str = Field(index=True)
    rows: int
    skipped: int
    entries: str
    taken_by: str
    taken_at: datetime = Field(sa_type=UtcDateTime)
    withdrawn_by: str = ""
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str = ""


class ListEntryRow(SQLModel, table=True):
    """One entry of a list, nameless."""

    __tablename__: ClassVar[str] = "outside_list_entry"

    list_id: str = Field(primary_key=True)
    n: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    row: int
    kind: str
    ground: str
    document: str
    starts_on: date
    ends_on: date | None = None
    blind: bytes


class MatchRow(SQLModel, table=True):
    """One match of an entry with an expert."""

    __tablename__: ClassVar[str] = "outside_match"
    __table_args__ = (
        UniqueConstraint("list_id", "n", "expert_id", name="uq_outside_match_pair"),
        Index("ix_outside_match_expert", "expert_id"),
        Index("ix_outside_match_decided", "decided_at"),
    )

    id: str = Field(primary_key=True)
    list_id: str
    n: int
    expert_id: str
    how: str
    check_id: str
    found_at: datetime = Field(sa_type=UtcDateTime)
    decision: str = ""
    reason: str = ""
    decided_by: str = ""
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    proposal: str = ""
    proposed_by: str = ""
    proposed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class CheckRow(SQLModel, table=True):
    """One cross-check; `lists` are ids with a blank between them."""

    __tablename__: ClassVar[str] = "outside_check"

    id: str = Field(primary_key=True)
    day: date
    lists: str
    rows: int
    experts: int
    exact: int
    near: int
    common: int
    by: str
    at: datetime = Field(sa_type=UtcDateTime)


@dataclass(frozen=True, slots=True)
class Intake:
    """One intake as its row tells."""

    id: str
    source: Source
    issuing_body: str
    dated_on: date
    document: str
    by: str
    stage: Stage
    began_at: datetime
    ended_at: datetime | None
    rows: int
    skipped: int
    problems: int
    refusal: str


def begin(
    db: WriteSession,
    id_: str,
    *,
    source: Source,
    issuing_body: str,
    dated_on: date,
    document: str,
    by: str,
    at: datetime,
) -> None:
    """Write that an intake begins."""
    db.add(
        IntakeRow(
            id=id_,
            source=source.value,
            issuing_body=issuing_body,
            dated_on=dated_on,
            document=document,
            by=by,
            stage=Stage.RUNNING.value,
            began_at=at,
        )
    )


def end(
    db: WriteSession,
    id_: str,
    stage: Stage,
    at: datetime,
    *,
    rows: int = 0,
    skipped: int = 0,
    problems: int = 0,
    refusal: str = "",
) -> None:
    """Write how an intake ended."""
    row = db.get_one(IntakeRow, id_)
    row.stage, row.ended_at = stage.value, at
    row.rows, row.skipped, row.problems, row.refusal = rows, skipped, problems, refusal
    db.add(row)


def intakes(db: Session, stage: Stage | None = None, most: int = MOST_SHOWN) -> list[Intake]:
    """The last intakes, newest first; those of one stage where one is given."""
    statement = select(IntakeRow).order_by(col(IntakeRow.id).desc()).limit(most)
    if stage is not None:
        statement = statement.where(IntakeRow.stage == stage.value)
    return [_intake(row) for row in db.exec(statement)]


def intake(db: Session, id_: str) -> Intake | None:
    """One intake."""
    row = db.get(IntakeRow, id_)
    return None if row is None else _intake(row)


def stage_entries(db: WriteSession, list_id: str, entries: Sequence[ListEntry]) -> None:
    """Write entries of a list that is not taken yet; nobody reads them before it is."""
    rows = [asdict(one) | {"list_id": list_id, "kind": one.kind.value} for one in entries]
    if rows:
        db.connection().execute(insert(ListEntryRow), rows)


def drop_entries(db: WriteSession, list_id: str) -> None:
    """Take back the entries of a list that was never taken."""
    db.connection().execute(delete(ListEntryRow).where(col(ListEntryRow.list_id) == list_id))


def put(db: WriteSession, value: OutsideList | Match) -> None:
    """Write the row of a value, new or changed."""
    if isinstance(value, OutsideList):
        db.merge(ListRow(**asdict(value)))
    else:
        db.merge(MatchRow(**_match_columns(value)))


def put_matches(db: WriteSession, found: Sequence[Match]) -> None:
    """Write the rows of many new matches."""
    if found:
        db.connection().execute(insert(MatchRow), [_match_columns(one) for one in found])


def put_check(db: WriteSession, check: Check) -> None:
    """Write the row of a cross-check."""
    db.add(CheckRow(**(asdict(check) | {"lists": " ".join(check.lists)})))


def lists(db: Session, *, in_force: bool = False) -> list[OutsideList]:
    """The lists that were taken, newest first."""
    statement = select(ListRow).order_by(col(ListRow.id).desc())
    if in_force:
        statement = statement.where(col(ListRow.withdrawn_at).is_(None))
    return [_list(row) for row in db.exec(statement)]


def one_list(db: Session, id_: str) -> OutsideList | None:
    """One list."""
    row = db.get(ListRow, id_)
    return None if row is None else _list(row)


def with_document(db: Session, document: str) -> OutsideList | None:
    """A list in force with this very file."""
    statement = select(ListRow).where(
        ListRow.document == document, col(ListRow.withdrawn_at).is_(None)
    )
    row = db.exec(statement).first()
    return None if row is None else _list(row)


def entries(db: Session, list_id: str, numbers: Iterable[int]) -> dict[int, ListEntry]:
    """Entries of a list by their numbers."""
    wanted, found = sorted(set(numbers)), dict[int, ListEntry]()
    for at in range(0, len(wanted), PORTION):
        some = wanted[at : at + PORTION]
        statement = select(ListEntryRow).where(
            ListEntryRow.list_id == list_id, col(ListEntryRow.n).in_(some)
        )
        found |= {row.n: _entry(row) for row in db.exec(statement)}
    return found


def each_entry(db: Session, list_id: str) -> Iterator[ListEntry]:
    """Every entry of a list by ascending number."""
    statement = (
        select(ListEntryRow).where(ListEntryRow.list_id == list_id).order_by(col(ListEntryRow.n))
    )
    return (_entry(row) for row in db.exec(statement).yield_per(PORTION))


def pairs(db: Session, list_id: str) -> set[tuple[int, str]]:
    """Entry and expert of every match of a list."""
    statement = select(MatchRow.n, MatchRow.expert_id).where(MatchRow.list_id == list_id)
    return {(n, expert) for n, expert in db.exec(statement)}


def match(db: Session, id_: str) -> Match | None:
    """One match."""
    row = db.get(MatchRow, id_)
    return None if row is None else _match(row)


class Which(StrEnum):
    """Which matches of the report."""

    ALL = "all"
    NEAR = "near"  # nobody has decided them
    WAITING = "waiting"  # the same person, and no measure proposed
    DONE = "done"  # proposed, or another person


def matches(
    db: Session, which: Which = Which.ALL, *, after: str = "", most: int = 0
) -> list[Match]:
    """Matches by id; those of withdrawn lists are in `all` and in `done` only."""
    same = or_(
        col(MatchRow.how) == How.NUMBER.value, col(MatchRow.decision) == Decision.SAME_PERSON.value
    )
    waiting = and_(same, col(MatchRow.proposal) == "")
    near = and_(col(MatchRow.how) != How.NUMBER.value, col(MatchRow.decision) == "")
    statement = select(MatchRow).order_by(col(MatchRow.id)).where(col(MatchRow.id) > after)
    if which is Which.DONE:
        statement = statement.where(not_(waiting), not_(near))
    elif which is not Which.ALL:
        statement = (
            statement.join(ListRow, col(ListRow.id) == col(MatchRow.list_id))
            .where(col(ListRow.withdrawn_at).is_(None))
            .where(waiting if which is Which.WAITING else near)
        )
    if most:
        statement = statement.limit(most)
    return [_match(row) for row in db.exec(statement)]


@dataclass(frozen=True, slots=True)
class Counts:
    """Matches by what is to be done with them."""

    exact_waiting: int
    near_open: int
    same_waiting: int
    proposed: int
    other_person: int


def counts(db: Session) -> Counts:
    """How many matches wait for what; those of withdrawn lists wait for nothing."""
    is_number, same = How.NUMBER.value, Decision.SAME_PERSON.value
    has_one = col(MatchRow.proposal) != ""
    by = (col(MatchRow.how), col(MatchRow.decision), has_one)
    rows = db.connection().execute(
        select_columns(*by, func.count())
        .join(ListRow, col(ListRow.id) == col(MatchRow.list_id))
        .where(col(ListRow.withdrawn_at).is_(None))
        .group_by(*by)
    )
    exact = near = confirmed = done = other = 0
    for how, decision, has_proposal, n in rows:
        if has_proposal:
            done += n
        elif how == is_number:
            exact += n
        elif not decision:
            near += n
        elif decision == same:
            confirmed += n
        else:
            other += n
    return Counts(exact, near, confirmed, done, other)


def checks(db: Session, most: int = MOST_SHOWN) -> list[Check]:
    """The last cross-checks, newest first."""
    rows = db.exec(select(CheckRow).order_by(col(CheckRow.id).desc()).limit(most))
    return [_check(row) for row in rows]


def _intake(row: IntakeRow) -> Intake:
    plain: dict[str, Any] = {one.name: getattr(row, one.name) for one in fields(Intake)}
    return Intake(**(plain | {"source": Source(row.source), "stage": Stage(row.stage)}))


def _list(row: ListRow) -> OutsideList:
    plain: dict[str, Any] = {one.name: getattr(row, one.name) for one in fields(OutsideList)}
    return OutsideList(**(plain | {"source": Source(row.source)}))


def _entry(row: ListEntryRow) -> ListEntry:
    plain: dict[str, Any] = {one.name: getattr(row, one.name) for one in fields(ListEntry)}
    return ListEntry(**(plain | {"kind": Kind(row.kind)}))


def _match(row: MatchRow) -> Match:
    plain: dict[str, Any] = {one.name: getattr(row, one.name) for one in fields(Match)}
    typed = {
        "expert_id": ExpertId(row.expert_id),
        "how": How(row.how),
        "decision": Decision(row.decision) if row.decision else None,
    }
    return Match(**(plain | typed))


def _match_columns(one: Match) -> dict[str, Any]:
    decision = one.decision.value if one.decision else ""
    return asdict(one) | {"how": one.how.value, "decision": decision}


def _check(row: CheckRow) -> Check:
    plain: dict[str, Any] = {one.name: getattr(row, one.name) for one in fields(Check)}
    return Check(**(plain | {"lists": tuple(row.lists.split())}))
