"""Set the papers of the practice room in type: `python tools/practice_papers.py`.

The same words and fonts give the same bytes; the files lie beside the page that shows them.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import typst

from foundation.glyphs import folders

ROOT: Final = Path(__file__).parents[1]
WORDS: Final = ROOT / "web" / "practice" / "papers.typ"
FOLDER: Final = ROOT / "web" / "src" / "practice" / "papers"
PAPERS: Final = ("tender", "bid-a", "bid-b", "report")
MADE: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""What the files say of their making; no clock, so that nothing changes by itself."""


def rendered(paper: str) -> bytes:
    """One paper as PDF."""
    return typst.compile(
        WORDS,
        font_paths=list(folders()),
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards=["a-2b"],
        timestamp=MADE,
        sys_inputs={"paper": paper},
    )


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in PAPERS:
        (FOLDER / f"{name}.pdf").write_bytes(rendered(name))
