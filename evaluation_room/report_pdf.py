"""The evaluation report as PDF/A-2b: the same words and fonts give the same pages anywhere."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import typst

from foundation.glyphs import folders, spelled
from foundation.ledger.signer import Checkpoint

TEMPLATE: Final = Path(__file__).with_name("report.typ")


def render(
    report: Mapping[str, Any], checkpoint: Checkpoint, at: datetime, *, demonstration: bool
) -> bytes:
    """The PDF of a composed report.

    Args:
        report: what `core.report.compose` gave.
        checkpoint: the newest checkpoint of the ledger; printed in the footer.
        at: the instant of writing, as the file's metadata say it.
        demonstration: as the database is stamped; every page then says so.
    """
    told = {
        **spelled(dict(report)),
        "fingerprint": checkpoint.fingerprint,
        "checkpoint_size": checkpoint.size,
        "checkpoint_root": checkpoint.root.hex(),
        "demonstration": demonstration,
    }
    return typst.compile(
        TEMPLATE,
        font_paths=list(folders()),
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards=["a-2b"],
        timestamp=at.replace(microsecond=0),
        sys_inputs={"report": json.dumps(told, ensure_ascii=False)},
    )
