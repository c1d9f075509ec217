"""The stamp: the ledger's first entry says whether this is a demonstration, for good.

Not a setting and not a flag: a real database can't be served as a demonstration, nor the
reverse, and every export carries the entry. It drives the banner, the log's origin and
one-click sign-in.
"""

from dataclasses import dataclass
from typing import Final

from sqlmodel import col, select

from app.errors import OriginDiffers, OriginNeeded, StampDiffers
from foundation.db import Database
from foundation.digest import parse_canon
from foundation.ledger.book import Books, entries_of
from foundation.ledger.store import LeafRow, PayloadRow

STREAM: Final = "service"
TYPE: Final = "service.created"
DEMONSTRATION_ORIGIN: Final = "demo.expert-draw.example/log"
DEMONSTRATION_OPERATOR: Final = "Demonstration operator / 演示运行单位"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What the service was made as."""

    demonstration: bool
    origin: str

    @property
    def operator(self) -> str:
        """Who runs the machine, where the settings name nobody."""
        return DEMONSTRATION_OPERATOR if self.demonstration else self.origin


def read_stamp(database: Database) -> Stamp | None:
    """The stamp of a database, or None where nothing was written yet."""
    with database.read() as db:
        entries = entries_of(db, STREAM, 0)
    if not entries or entries[0].body is None:
        return None
    return Stamp(bool(entries[0].body["demonstration"]), str(entries[0].body["origin"]))


def demonstrates(database: Database, *, otherwise: bool) -> bool:
    """Whether the stamp says demonstration, read from tables of any age.

    Args:
        otherwise: the answer where nothing was written yet.
    """
    if not {LeafRow.__tablename__, PayloadRow.__tablename__} <= database.tables():
        return otherwise
    first = (
        select(PayloadRow.body)
        .join(LeafRow, col(LeafRow.number) == col(PayloadRow.number))
        .where(LeafRow.stream == STREAM, LeafRow.seq == 1)
    )
    with database.read() as db:
        body = db.exec(first).first()
    said = otherwise if body is None else parse_canon(body)
    return bool(said["demonstration"]) if isinstance(said, dict) else otherwise


def agree(found: Stamp | None, *, demonstration: bool | None, origin: str) -> Stamp:
    """The stamp to work under: the one found, or the one to be made.

    Args:
        demonstration: what the caller wants to serve; None takes what is there, or a real
            service where there is nothing.
        origin: the log origin of the settings; empty where none is set.

    Raises:
        StampDiffers: the database was made for the other kind.
        OriginDiffers: the settings name another origin than the log has.
        OriginNeeded: a new real service without a log origin.
    """
    if found is None:
        if not demonstration and not origin:
            raise OriginNeeded
        return Stamp(bool(demonstration), origin or DEMONSTRATION_ORIGIN)
    if demonstration is not None and found.demonstration != demonstration:
        raise StampDiffers(is_demonstration=found.demonstration)
    if origin and origin != found.origin:
        raise OriginDiffers(is_origin=found.origin, wanted=origin)
    return found


def put(books: Books, stamp: Stamp) -> None:
    """Write the stamp as the first entry; a second call changes nothing."""
    with books.write() as book:
        if book.head(STREAM) == 0:
            body = {"demonstration": stamp.demonstration, "origin": stamp.origin}
            book.append(STREAM, TYPE, body, after=0)
