"""The draw certificate as PDF/A-2b: the same facts and fonts give the same pages anywhere."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import typst

from foundation.glyphs import folders, spelled

TEMPLATE: Final = Path(__file__).with_name("certificate.typ")


def render(told: Mapping[str, Any], at: datetime) -> bytes:
    """The PDF of what `Certificates.told` composed.

    Args:
        at: the instant that the file's metadata say.
    """
    return typst.compile(
        TEMPLATE,
        font_paths=list(folders()),
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards=["a-2b"],
        timestamp=at.replace(microsecond=0),
        sys_inputs={"certificate": json.dumps(spelled(dict(told)), ensure_ascii=False)},
    )
