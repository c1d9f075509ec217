"""What README and docs say, taken apart: links, pictures, command lines, words of the screen."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.house.source import ROOT

LANGUAGES = ("zh-CN", "en")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
LINK = re.compile(r"!?\[(?:[^\[\]]|!\[[^\]]*\]\([^)]*\))*\]\(([^)\s]+)\)")
IMAGE = re.compile(r"!\[[^\]]*\]\(([^)\s]+)\)|<img [^>]*?src=\"([^\"]+)\"")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
ON_THE_SCREEN = {
    "zh-CN": re.compile(r"「([^」]+)」"),
    "en": re.compile(r"(?<![*\w])\*([^*\n]+)\*(?!\*)"),
}
"""How the guides mark what stands on a button or a page."""


def papers(root: Path = ROOT) -> list[Path]:
    """README in both languages, the papers beside it, and every page of docs."""
    return [*sorted(root.glob("*.md")), *sorted((root / "docs").rglob("*.md"))]


def prose(text: str) -> str:
    """A paper without its blocks of code."""
    return FENCE.sub("", text)


def pictures(text: str) -> list[str]:
    """Where each picture of a paper lies, as written."""
    return [one or other for one, other in IMAGE.findall(text)]


def links(text: str) -> list[str]:
    """Where each link and picture of a paper leads, as written; addresses of the web left out."""
    plain = SPAN.sub("", prose(text))
    found = dict.fromkeys([*LINK.findall(plain), *pictures(plain)])
    return [one for one in found if not re.match(r"[a-z]+:", one)]


def anchors(text: str) -> set[str]:
    """The names of a paper's headings, as a page of a repository gives them."""
    lowered = (re.sub(r"[^\w\- ]", "", one.lower()) for one in HEADING.findall(prose(text)))
    return {one.strip().replace(" ", "-") for one in lowered}


def command_lines(text: str) -> Iterator[str]:
    """Every line of a shell block, and every span that begins like a command of ours."""
    for kind, block in FENCE.findall(text):
        if kind in {"sh", "bash", "shell"}:
            for line in block.replace("\\\n", " ").splitlines():
                plain = re.sub(r"(^|\s)#.*$", "", line).strip()
                yield from filter(None, (one.strip() for one in re.split(r"&&|;", plain)))
    for span in SPAN.findall(prose(text)):
        first = span.split()[0].rpartition("/")[2]
        if len(span.split()) > 1 and first in {"expert-draw", "make", "python", "pytest"}:
            yield span


@cache
def said_on_screen(language: str) -> str:
    """All words of the page and of the service in a language, one text a line."""
    folders = (ROOT / "web" / "src" / "locales" / language, ROOT / "app" / "locales" / language)
    files = [file for folder in folders for file in sorted(folder.glob("*.json"))]
    return "\n".join(one for file in files for one in _texts(json.loads(file.read_text("utf-8"))))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    else:
        yield str(value)
