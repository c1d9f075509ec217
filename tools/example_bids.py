"""Writes examples/*.pdf: tender documents and three generated bids of an invented project.

python -m tools.example_bids [FOLDER]
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

import typst

from foundation.glyphs import folders

BIDS = {
    "tender": (
        "招标文件",
        "城东片区排水管网改造工程（演示）",
        ("投标须知", "评标办法", "技术要求"),
    ),
    "bid-1": ("投标文件", "甲方案（演示生成）", ("施工组织设计", "基坑支护与降水", "质量保证措施")),
    "bid-2": ("投标文件", "乙方案（演示生成）", ("施工组织设计", "基坑支护与降水", "质量保证措施")),
    "bid-3": ("投标文件", "丙方案（演示生成）", ("施工组织设计", "基坑支护与降水", "质量保证措施")),
}
TEXT = "本段为演示生成的文字，用于练习阅读、引用页码和评分，不对应任何真实项目、单位或个人。"
PAGE = """#set page(paper: "a4", margin: 24mm, numbering: "1 / 1")
#set text(font: ("Noto Serif SC", "Noto Serif JP"), lang: "zh", size: 11pt)
#set document(title: "%(kind)s")
#align(center + horizon)[#text(24pt)[%(kind)s] \\ #v(6mm) %(title)s]
%(chapters)s
"""


def source(kind: str, title: str, chapters: tuple[str, ...]) -> str:
    """One document: a cover, then a page for each chapter."""
    pages = (
        f"#pagebreak()\n= 第{number}章　{chapter}\n\n" + f"{TEXT}\n\n" * 8
        for number, chapter in enumerate(chapters, start=1)
    )
    return PAGE % {"kind": kind, "title": title, "chapters": "\n".join(pages)}


def main() -> None:
    """Write every document."""
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "examples")
    out.mkdir(parents=True, exist_ok=True)
    for name, parts in BIDS.items():
        text = out / f"{name}.typ"
        text.write_text(source(*parts))
        pdf = typst.compile(
            text,
            font_paths=list(folders()),
            ignore_system_fonts=True,
            format="pdf",
            timestamp=datetime(2026, 1, 1, tzinfo=UTC),
        )
        text.unlink()
        (out / f"{name}.pdf").write_bytes(pdf)


if __name__ == "__main__":
    main()
