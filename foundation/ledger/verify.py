"""Recheck a whole ledger, or an export of some of its entries, from the bytes alone.

The first entry that is not what it claims is named with its index; nothing after it is
believed. Used by `expert-draw ledger verify`, by the tests and by auditors.
"""

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import TextClause, text
from sqlmodel import col, select

from foundation.db import Database, ReadSession
from foundation.digest import NotCanonical, parse_canon
from foundation.ledger.entry import BrokenEntry, header_of, public_time, unseal
from foundation.ledger.forest import Forest
from foundation.ledger.note import NoteUnreadable, log_signed, read_note
from foundation.ledger.store import CheckpointRow, LeafRow, PayloadRow
from foundation.ledger.tree import leaf_hash, verify_inclusion

_MISSHAPEN_ENTRY: Final = text("""
    SELECT l.number FROM ledger_leaf l LEFT JOIN ledger_payload p ON p.number = l.number
    WHERE typeof(l.leaf) != 'blob' OR typeof(l.stream) != 'text' OR typeof(l.type) != 'text'
       OR typeof(l.seq) != 'integer' OR l.protocol NOT IN (0, 1)
       OR strftime('%Y-%m-%d %H:%M:%S', substr(l.at, 1, 19), '+0 days') IS NOT substr(l.at, 1, 19)
       OR substr(l.at, 20) NOT GLOB '.[0-9][0-9][0-9][0-9][0-9][0-9]'
       OR (p.number IS NOT NULL AND (typeof(p.salt) != 'blob' OR typeof(p.body) != 'blob'))
    ORDER BY l.number LIMIT 1
""")
_MISSHAPEN_CHECKPOINT: Final = text("""
    SELECT size FROM ledger_checkpoint
    WHERE typeof(root) != 'blob' OR typeof(text) != 'text' OR typeof(line) != 'text'
       OR strftime('%Y-%m-%d %H:%M:%S', substr(at, 1, 19), '+0 days') IS NOT substr(at, 1, 19)
       OR substr(at, 20) NOT GLOB '.[0-9][0-9][0-9][0-9][0-9][0-9]'
    ORDER BY size LIMIT 1
""")
"""SQLite keeps whatever type it is given: a forged column would stop the reading of all rows."""


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


def verify_database(database: Database, origin: str, log_key: bytes) -> Verdict:
    """Check leaves, payloads, stream numbers and every checkpoint of a database.

    Args:
        origin: the log's name as the checkpoints must carry it.
        log_key: the log's Ed25519 public key, 32 bytes.
    """
    forest = Forest()
    heads: dict[str, int] = defaultdict(int)
    erased = 0
    with database.read() as db:
        misshapen = _first(db, _MISSHAPEN_ENTRY)
        statement = select(LeafRow, PayloadRow).join(
            PayloadRow, col(PayloadRow.number) == col(LeafRow.number), isouter=True
        )
        if misshapen is not None:
            statement = statement.where(LeafRow.number < misshapen)
        for row, payload in db.exec(statement.order_by(col(LeafRow.number))):
            if why := _broken(row, payload, len(forest), heads):
                return Verdict(len(forest), erased, 0, len(forest), why)
            erased += payload is None and not row.protocol
            heads[row.stream] = row.seq
            forest.append(row.leaf)
        if misshapen is not None:
            return Verdict(len(forest), erased, 0, misshapen, "form")
        if (size := _first(db, _MISSHAPEN_CHECKPOINT)) is not None:
            return Verdict(len(forest), erased, 0, size, "checkpoint.form")
        checkpoints = list(db.exec(select(CheckpointRow).order_by(col(CheckpointRow.size))))
    for count, checkpoint in enumerate(checkpoints):
        if why := _broken_checkpoint(checkpoint, forest, origin, log_key):
            return Verdict(len(forest), erased, count, checkpoint.size, why)
    return Verdict(len(forest), erased, len(checkpoints))


def first_misshapen(database: Database) -> int | None:
    """Index of the first entry whose row can't even be read as an entry's."""
    with database.read() as db:
        return _first(db, _MISSHAPEN_ENTRY)


def verify_export(data: bytes, log_key: bytes | None = None) -> Verdict:
    """Check an export: every leaf is under its checkpoint, every payload under its leaf.

    Args:
        data: JSON with `origin`, `log_key`, `checkpoint` (a signed note) and `entries`
            of `index`, `leaf`, `at`, `salt`, `body` (null when erased), `path`; bytes in hex.
        log_key: the key to pin; without it the one in the export is believed.
    """
    try:
        export: Any = json.loads(data)
        key = log_key or bytes.fromhex(export["log_key"])
        note = read_note(export["checkpoint"])
        checkpoint = note.checkpoint
        if checkpoint.origin != export["origin"] or not log_signed(note, checkpoint.origin, key):
            return Verdict(0, 0, 0, None, "checkpoint")
        erased = 0
        for count, entry in enumerate(export["entries"]):
            if why := _broken_export(entry, checkpoint.size, checkpoint.root):
                return Verdict(count, erased, 1, entry["index"], why)
            erased += entry["body"] is None
        return Verdict(len(export["entries"]), erased, 1)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, NoteUnreadable):
        return Verdict(0, 0, 0, None, "export")


def _first(db: ReadSession, statement: TextClause) -> int | None:
    found = db.connection().execute(statement).scalar()
    return None if found is None else int(found)


def _broken(row: LeafRow, payload: PayloadRow | None, index: int, heads: dict[str, int]) -> str:
    if row.number != index:
        return "index"
    if row.seq != heads[row.stream] + 1:
        return "seq"
    try:
        return _broken_leaf(row, payload)
    except NotCanonical:
        return "leaf"
    except BrokenEntry as broken:
        return str(broken.facts["why"])


def _broken_leaf(row: LeafRow, payload: PayloadRow | None) -> str:
    if row.protocol:
        entry = parse_canon(row.leaf)
        return "" if isinstance(entry, dict) and entry.get("type") == row.type else "leaf"
    header = header_of(row.number, row.leaf)
    second = int(row.at.timestamp())
    told = (row.stream, row.seq, row.type, public_time(header["v"], second))
    if told != (header["stream"], header["seq"], header["type"], header["at"]):
        return "leaf"
    if payload is not None:
        unseal(row.number, row.leaf, second, payload.salt, payload.body)
    return ""


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


def _broken_export(entry: Any, size: int, root: bytes) -> str:
    leaf = bytes.fromhex(entry["leaf"])
    path = [bytes.fromhex(node) for node in entry["path"]]
    if not verify_inclusion(leaf_hash(leaf), entry["index"], size, path, root):
        return "path"
    try:
        if entry["body"] is not None and entry["salt"]:
            salt, body = bytes.fromhex(entry["salt"]), bytes.fromhex(entry["body"])
            unseal(entry["index"], leaf, entry["at"], salt, body)
    except (BrokenEntry, NotCanonical):
        return "digest"
    return ""
