"""Recheck a whole ledger, or an export of some of its entries, from the bytes alone.

The first entry that is not what it claims is named with its index; nothing after it is
believed. Used by `expert-draw ledger verify`, by the tests and by auditors.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlmodel import col, select

from foundation.db import Database, ReadSession
from foundation.digest import NotCanonical, parse_canon
from foundation.engines import POSTGRESQL
from foundation.ledger.book import ERASED, ERASURES
from foundation.ledger.entry import BrokenEntry, header_of, public_time, unseal
from foundation.ledger.forest import Forest
from foundation.ledger.note import NoteUnreadable, cosigned_at, log_signed, read_note
from foundation.ledger.signer import Witness
from foundation.ledger.store import CheckpointRow, CosignatureRow, LeafRow, PayloadRow

_MISSHAPEN_ENTRY: Final = """
    SELECT l.number FROM ledger_leaf l LEFT JOIN ledger_payload p ON p.number = l.number
    WHERE typeof(l.leaf) != 'blob' OR typeof(l.stream) != 'text' OR typeof(l.type) != 'text'
       OR typeof(l.seq) != 'integer' OR l.protocol NOT IN (0, 1)
       OR strftime('%Y-%m-%d %H:%M:%S', substr(l.at, 1, 19), '+0 days') IS NOT substr(l.at, 1, 19)
       OR substr(l.at, 20) NOT GLOB '.[0-9][0-9][0-9][0-9][0-9][0-9]'
       OR (p.number IS NOT NULL AND (typeof(p.salt) != 'blob' OR typeof(p.body) != 'blob'))
    ORDER BY l.number LIMIT 1
"""
_MISSHAPEN_CHECKPOINT: Final = """
    SELECT size FROM ledger_checkpoint
    WHERE typeof(root) != 'blob' OR typeof(text) != 'text' OR typeof(line) != 'text'
       OR strftime('%Y-%m-%d %H:%M:%S', substr(at, 1, 19), '+0 days') IS NOT substr(at, 1, 19)
       OR substr(at, 20) NOT GLOB '.[0-9][0-9][0-9][0-9][0-9][0-9]'
    ORDER BY size LIMIT 1
"""
"""SQLite keeps whatever type it is given: a forged column would stop the reading of all rows."""

_BEYOND_TIME: Final = "at < '0001-01-01 00:00:00+00' OR at >= '9999-12-31 00:00:00+00'"
_MISTIMED_ENTRY: Final = f"SELECT min(number) FROM ledger_leaf WHERE {_BEYOND_TIME}"  # noqa: S608 # no values
_MISTIMED_CHECKPOINT: Final = f"SELECT min(size) FROM ledger_checkpoint WHERE {_BEYOND_TIME}"  # noqa: S608 # no values
"""PostgreSQL keeps to its types; only its endless times have no counterpart here."""

Companion = Callable[[Mapping[str, Any], Mapping[str, Any] | None], bool]
"""Whether a protocol entry and its private companion (None: there is none) belong together."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found: how much was checked, and the first thing that is broken."""

    entries: int
    erased: int
    checkpoints: int
    broken: int | None = None
    why: str = ""

    @property
    def sound(self) -> bool:
        """Whether nothing is broken."""
        return not self.why


class _Broken(Exception):
    """The first thing that is not what it claims: where, and one word."""

    def __init__(self, at: int, why: str) -> None:
        self.at = at
        self.why = why
        super().__init__(why)


def verify_database(
    database: Database,
    origin: str,
    log_key: bytes,
    *,
    companion: Companion | None = None,
    witnesses: Iterable[Witness] = (),
) -> Verdict:
    """Check leaves, payloads, stream numbers, every checkpoint and every cosignature.

    A payload may be missing only where an erasure tells of it.

    Args:
        origin: the log's name as the checkpoints must carry it.
        log_key: the log's Ed25519 public key, 32 bytes.
        companion: what the owner of the protocol's entries says of their companions.
        witnesses: everybody who was ever registered to cosign.
    """
    found = _Recheck(companion)
    try:
        with database.read() as db:
            found.entries(db)
            found.checkpoints(db, origin, log_key)
            found.cosignatures(db, tuple(witnesses))
    except _Broken as broken:
        count = min(len(found.forest), broken.at) if broken.why == "payload" else None
        return found.verdict(broken.at, broken.why, count)
    return found.verdict()


class _Recheck:
    """One pass over a database; each part believes nothing that the part before did not see."""

    def __init__(self, companion: Companion | None) -> None:
        self.forest = Forest()
        self._companion = companion
        self._heads: dict[str, int] = defaultdict(int)
        self._missing: list[int] = []
        self._sound_checkpoints: dict[int, str] = {}

    def verdict(self, at: int | None = None, why: str = "", entries: int | None = None) -> Verdict:
        checked = len(self.forest) if entries is None else entries
        return Verdict(checked, len(self._missing), len(self._sound_checkpoints), at, why)

    def entries(self, db: ReadSession) -> None:
        misshapen = _first(db, _MISSHAPEN_ENTRY, _MISTIMED_ENTRY)
        statement = select(LeafRow, PayloadRow).join(
            PayloadRow, col(PayloadRow.number) == col(LeafRow.number), isouter=True
        )
        if misshapen is not None:
            statement = statement.where(LeafRow.number < misshapen)
        told: set[object] = set()
        for row, payload in db.exec(statement.order_by(col(LeafRow.number))):
            if why := _broken(row, payload, len(self.forest), self._heads, self._companion):
                raise _Broken(len(self.forest), why)
            if payload is None and not row.protocol:
                self._missing.append(row.number)
            elif payload is not None and (row.stream, row.type) == (ERASURES, ERASED):
                second = int(row.at.timestamp())
                told.add(unseal(row.number, row.leaf, second, payload.salt, payload.body)["index"])
            self._heads[row.stream] = row.seq
            self.forest.append(row.leaf)
        for number in self._missing:
            if number not in told:
                raise _Broken(number, "payload")
        if misshapen is not None:
            raise _Broken(misshapen, "form")

    def checkpoints(self, db: ReadSession, origin: str, log_key: bytes) -> None:
        if (size := _first(db, _MISSHAPEN_CHECKPOINT, _MISTIMED_CHECKPOINT)) is not None:
            raise _Broken(size, "checkpoint.form")
        for row in db.exec(select(CheckpointRow).order_by(col(CheckpointRow.size))):
            if why := _broken_checkpoint(row, self.forest, origin, log_key):
                raise _Broken(row.size, why)
            self._sound_checkpoints[row.size] = row.text

    def cosignatures(self, db: ReadSession, witnesses: tuple[Witness, ...]) -> None:
        for row in db.exec(select(CosignatureRow).order_by(col(CosignatureRow.size))):
            if not _cosigned(self._sound_checkpoints.get(row.size), row, witnesses):
                raise _Broken(row.size, "checkpoint.cosignature")


def first_misshapen(database: Database) -> int | None:
    """Index of the first entry whose row can't even be read as an entry's."""
    with database.read() as db:
        return _first(db, _MISSHAPEN_ENTRY, _MISTIMED_ENTRY)


def _first(db: ReadSession, in_sqlite: str, in_postgresql: str) -> int | None:
    connection = db.connection()
    statement = in_postgresql if connection.dialect.name == POSTGRESQL else in_sqlite
    found = connection.exec_driver_sql(statement).scalar()
    return None if found is None else int(found)


def _broken(
    row: LeafRow,
    payload: PayloadRow | None,
    index: int,
    heads: dict[str, int],
    companion: Companion | None,
) -> str:
    if row.number != index:
        return "index"
    if row.seq != heads[row.stream] + 1:
        return "seq"
    try:
        return _broken_leaf(row, payload, companion)
    except NotCanonical:
        return "leaf"
    except BrokenEntry as broken:
        return str(broken.facts["why"])


def _broken_leaf(row: LeafRow, payload: PayloadRow | None, companion: Companion | None) -> str:
    if row.protocol:
        entry = parse_canon(row.leaf)
        if not isinstance(entry, dict) or entry.get("type") != row.type or "v" in entry:
            return "leaf"
        return _broken_companion(entry, payload, companion)
    header = header_of(row.number, row.leaf)
    second = int(row.at.timestamp())
    told = (row.stream, row.seq, row.type, public_time(header["v"], second))
    if told != (header["stream"], header["seq"], header["type"], header["at"]):
        return "leaf"
    if payload is not None:
        unseal(row.number, row.leaf, second, payload.salt, payload.body)
    return ""


def _broken_companion(
    entry: Mapping[str, Any], payload: PayloadRow | None, companion: Companion | None
) -> str:
    if companion is None:
        return ""
    try:
        body = None if payload is None else parse_canon(payload.body)
    except NotCanonical:
        return "companion"
    if payload is not None and not isinstance(body, dict):
        return "companion"
    return "" if companion(entry, body if isinstance(body, dict) else None) else "companion"


def _broken_checkpoint(row: CheckpointRow, forest: Forest, origin: str, log_key: bytes) -> str:
    if row.size > len(forest):
        return "checkpoint.size"
    try:
        note = read_note(row.text + "\n" + row.line)
        if note.checkpoint.root != forest.root(row.size) or note.checkpoint.size != row.size:
            return "checkpoint.root"
    except NoteUnreadable:
        return "checkpoint.text"
    return "" if log_signed(note, origin, log_key) else "checkpoint.signature"


def _cosigned(text: str | None, row: CosignatureRow, witnesses: tuple[Witness, ...]) -> bool:
    """Whether somebody registered under the row's name signed this checkpoint at that time."""
    if text is None:
        return False
    try:
        note = read_note(f"{text}\n{row.line}")
    except NoteUnreadable:
        return False
    return row.time in {
        cosigned_at(note, one.name, one.key) for one in witnesses if one.name == row.name
    }
