"""The manifest's `book.version`: the overlay, and which lists the draw used.

    national-2026.1 lists:2026-11-27:3f2a…        64 hex characters

The strings of the member `book` are the rule book's own (SPEC.md section 3), so M commits to
the day and the hash of the lists and no verifier has to change. Draws from before have no lists.

Source: blacklist/SPEC.md section 5; R-ELIG-6.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

LINE: Final = re.compile(r"(.*) lists:(\d{4}-\d{2}-\d{2}):([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists that a draw used: their day, and the hash (32 bytes) of everybody they stop."""

    day: date
    hash: bytes


def book_line(overlay_version: str, lists: Lists) -> str:
    """The member `book.version` of a manifest."""
    return f"{overlay_version} lists:{lists.day.isoformat()}:{lists.hash.hex()}"


def lists_of(book_version: str) -> Lists | None:
    """The lists named in a manifest's `book.version`; None where it names none."""
    found = LINE.fullmatch(book_version)
    if found is None:
        return None
    return Lists(date.fromisoformat(found[2]), bytes.fromhex(found[3]))
