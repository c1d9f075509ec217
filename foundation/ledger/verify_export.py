"""Recheck an export of some streams: every leaf under its checkpoint, every payload under its leaf.

What an auditor carries home needs neither the database nor trust in it.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from foundation.digest import NotCanonical, parse_canon
from foundation.ledger.entry import SALT_BYTES, Body, BrokenEntry, header_of, public_time, unseal
from foundation.ledger.note import NoteUnreadable, log_signed, read_note
from foundation.ledger.tree import leaf_hash, verify_inclusion
from foundation.ledger.verify import Verdict


def verify_export(data: bytes, log_key: bytes | None = None) -> Verdict:
    """Check an export: every leaf is under its checkpoint, every payload under its leaf.

    An export tells whole streams: a number that is left out shows. What was written after
    its last entry is not in it and can't be missed.

    Args:
        data: JSON with `origin`, `log_key`, `checkpoint` (a signed note) and `entries`
            of `index`, `leaf`, `at`, `salt`, `body` (both null where the body is withheld or
            erased), `path`; bytes in hex.
        log_key: the key to pin; without it the one in the export is believed.
    """
    try:
        export: Any = json.loads(data)
        key = log_key or bytes.fromhex(export["log_key"])
        note = read_note(export["checkpoint"])
        checkpoint = note.checkpoint
        if checkpoint.origin != export["origin"] or not log_signed(note, checkpoint.origin, key):
            return Verdict(0, 0, 0, None, "checkpoint")
        erased, before = 0, -1
        heads: dict[str, int] = defaultdict(int)
        for count, entry in enumerate(export["entries"]):
            why = "" if entry["index"] > before else "index"
            why = why or _broken(entry, checkpoint.size, checkpoint.root, heads)
            if why:
                return Verdict(count, erased, 1, entry["index"], why)
            erased += entry["body"] is None
            before = entry["index"]
        return Verdict(len(export["entries"]), erased, 1)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, NoteUnreadable):
        return Verdict(0, 0, 0, None, "export")


def _broken(entry: Any, size: int, root: bytes, heads: dict[str, int]) -> str:
    index, leaf = entry["index"], bytes.fromhex(entry["leaf"])
    path = [bytes.fromhex(node) for node in entry["path"]]
    if not verify_inclusion(leaf_hash(leaf), index, size, path, root):
        return "path"
    try:
        if _is_protocol(leaf):  # the leaf says everything
            return ""
        header = header_of(index, leaf)
        _check_place(index, header, entry["at"], heads)
        _check_body(index, leaf, entry["at"], (entry["salt"], entry["body"]))
    except NotCanonical:
        return "leaf"
    except BrokenEntry as broken:
        return str(broken.facts["why"])
    return ""


def _is_protocol(leaf: bytes) -> bool:
    value = parse_canon(leaf)
    return isinstance(value, Mapping) and "v" not in value


def _check_place(index: int, header: Body, at: int, heads: dict[str, int]) -> None:
    if header["seq"] != heads[header["stream"]] + 1:
        raise BrokenEntry(index=index, why="seq")
    heads[header["stream"]] = header["seq"]
    if header["at"] != public_time(header["v"], at):
        raise BrokenEntry(index=index, why="at")


def _check_body(index: int, leaf: bytes, at: int, payload: tuple[str | None, str | None]) -> None:
    salt, body = payload
    if (salt is None) != (body is None):
        raise BrokenEntry(index=index, why="body")
    if salt is not None and body is not None:
        if len(salt) != 2 * SALT_BYTES:
            raise BrokenEntry(index=index, why="digest")
        unseal(index, leaf, at, bytes.fromhex(salt), bytes.fromhex(body))
