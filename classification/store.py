"""Lines of imported versions: kept for ever, written in the transaction of their entry."""

from collections.abc import Iterable
from typing import ClassVar

from sqlalchemy import insert
from sqlmodel import Field, Session, SQLModel, col, select

from classification.core.catalogue import Catalogue, Specialty, Status
from classification.core.code import SpecialtyCode
from classification.core.crosswalk import Certainty, Crosswalk, Kind, Row
from foundation.db import WriteSession


class EditionLineRow(SQLModel, table=True):
    """One specialty of one imported version."""

    __tablename__: ClassVar[str] = "classification_line"

    version: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    name: str
    status: str
    note: str
    pinyin: str


class CrosswalkRow(SQLModel, table=True):
    """What comparing an imported version with the one before it found about one code."""

    __tablename__: ClassVar[str] = "classification_crosswalk"

    old: str = Field(primary_key=True)
    new: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    kind: str
    certainty: str
    heir: str


def put(db: WriteSession, catalogue: Catalogue, crosswalk: Crosswalk) -> None:
    """Write a whole version and the crosswalk that leads to it."""
    connection = db.connection()
    connection.execute(
        insert(EditionLineRow),
        [
            {
                "version": line.code.version,
                "code": line.code.code,
                "name": line.name,
                "status": line.status.value,
                "note": line.note,
                "pinyin": line.pinyin,
            }
            for line in catalogue
        ],
    )
    connection.execute(
        insert(CrosswalkRow),
        [
            {
                "old": crosswalk.old,
                "new": crosswalk.new,
                "code": row.code,
                "kind": row.kind.value,
                "certainty": row.certainty.value,
                "heir": row.heir,
            }
            for row in crosswalk
        ],
    )


def catalogue(db: Session, version: str) -> Catalogue:
    """An imported version."""
    rows = db.exec(select(EditionLineRow).where(EditionLineRow.version == version))
    return Catalogue(version, map(_line, rows))


def crosswalk(db: Session, old: str, new: str) -> Crosswalk:
    """The crosswalk to an imported version."""
    rows = db.exec(
        select(CrosswalkRow).where(CrosswalkRow.old == old, col(CrosswalkRow.new) == new)
    )
    return Crosswalk(old, new, _rows(rows))


def _line(row: EditionLineRow) -> Specialty:
    code = SpecialtyCode(row.version, row.code)
    return Specialty(code, row.name, Status(row.status), row.note, row.pinyin)


def _rows(rows: Iterable[CrosswalkRow]) -> Iterable[Row]:
    for row in rows:
        yield Row(row.code, Kind(row.kind), Certainty(row.certainty), row.heir)
