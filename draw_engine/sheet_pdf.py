"""Sheets for the file as PDF/A-2b: the same words and fonts give the same pages anywhere."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import typst

from foundation.glyphs import folders, spelled
from foundation.ledger.signer import Checkpoint

TEMPLATE: Final = Path(__file__).with_name("sheet.typ")


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is printed: a heading, facts, one table with relative widths, notes, who signs.

    Attributes:
        by_hand: people write into the table, so its rows are tall.
    """

    id: str
    title: str
    subtitle: str
    facts: Sequence[tuple[str, str]]
    columns: Sequence[str]
    widths: Sequence[int]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()
    sign: Sequence[str] = ()
    by_hand: bool = False


def render(sheet: Sheet, checkpoint: Checkpoint, at: datetime, *, demonstration: bool) -> bytes:
    """The PDF of a sheet.

    Args:
        checkpoint: the newest of the log; its fingerprint stands in the footer.
        at: the instant of printing, as the file's metadata say it.
        demonstration: as the database is stamped; every page then says so.
    """
    told = {
        **asdict(sheet),
        "fingerprint": checkpoint.fingerprint,
        "checkpoint_size": checkpoint.size,
        "demonstration": demonstration,
    }
    return typst.compile(
        TEMPLATE,
        font_paths=list(folders()),
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards=["a-2b"],
        timestamp=at.replace(microsecond=0),
        sys_inputs={"sheet": json.dumps(spelled(_plain(told)), ensure_ascii=False)},
    )


def _plain(told: dict[str, object]) -> object:
    return json.loads(json.dumps(told, ensure_ascii=False))
