"""A letter as PDF/A-2b: the same words and fonts give the same pages anywhere."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import typst

from foundation.glyphs import folders, spelled
from foundation.ledger.signer import Checkpoint

TEMPLATE: Final = Path(__file__).with_name("letter.typ")


@dataclass(frozen=True, slots=True)
class Letter:
    """What is printed.

    Attributes:
        id: of what it is about; stands in the footer. number: what the letter is filed under.
        to: whom it is for; empty: a line to be filled by hand.
        rights: paragraphs behind the facts. sender: the body whose seal it bears.
    """

    id: str
    title: str
    number: str
    to: str
    paragraphs: Sequence[str]
    facts: Sequence[tuple[str, str]]
    rights: Sequence[str]
    sender: str
    day: str


def render(letter: Letter, checkpoint: Checkpoint, at: datetime, *, demonstration: bool) -> bytes:
    """The PDF of a letter.

    Args:
        checkpoint: the newest of the log; its fingerprint stands in the footer.
        at: the instant of printing, as the file's metadata say it.
        demonstration: as the database is stamped; every page then says so.
    """
    told = {
        **asdict(letter),
        "from": letter.sender,
        "fingerprint": checkpoint.fingerprint,
        "checkpoint_size": checkpoint.size,
        "demonstration": demonstration,
    }
    plain = spelled(json.loads(json.dumps(told, ensure_ascii=False)))
    return typst.compile(
        TEMPLATE,
        font_paths=list(folders()),
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards=["a-2b"],
        timestamp=at.replace(microsecond=0),
        sys_inputs={"letter": json.dumps(plain, ensure_ascii=False)},
    )
