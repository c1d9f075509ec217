"""The columns of an outside list (外部名单), each with the one reading of its cell.

A reading returns the value or names the reason; it never repeats what stood in the cell.
Courts print numbers with stars in them: such a number is kept as it is written and never
completed.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Protocol

from blacklist.core.grounds import GROUNDS, KINDS, Kind, Status
from foundation import identity_number
from foundation.errors import Fact
from foundation.identity_number import Fault

NAME, NUMBER, KIND, GROUND = "姓名", "身份证号", "类别", "事由"
DOCUMENT, STARTS, ENDS = "文书号", "起始日", "截止日"

MOST_NAME_CHARACTERS: Final = 50
MOST_DOCUMENT_CHARACTERS: Final = 100
FEWEST_SHOWN: Final = 4
"""Digits that a number with stars must show; fewer tell nothing about a person."""
NUMBER_LENGTH: Final = 18
MASKS: Final = re.compile(r"[*＊●•×○X]")
STARRED: Final = re.compile(r"[\d*]+[\dX*]")
DIGITS_EATEN: Final = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
DAY: Final = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?")
RUNS_IN_A_SPREADSHEET: Final = tuple("=+-@＝＋－＠")
FAULTS: Final[Mapping[Fault, str]] = {
    Fault.MALFORMED: "pool.identity_malformed",
    Fault.CHECK_DIGIT: "pool.identity_check_digit",
}

LISTED: Final = tuple(kind for kind, rule in KINDS.items() if rule.status is Status.BARRED)
"""The kinds of R-ELIG-6; an outside list puts nobody on leave and suspends nobody."""


class Cell(Protocol):
    """A cell as the reader of files gives it."""

    @property
    def form(self) -> str:
        """How it was written: empty, text, number, date, formula, other."""
        ...

    @property
    def text(self) -> str:
        """What stands in it."""
        ...

    @property
    def day(self) -> date | None:
        """The day, where it is a date."""
        ...

    @property
    def hint(self) -> str:
        """Form and length, never the value."""
        ...


class Unfit(ValueError):
    """A cell that cannot be taken; `reason` is a code of ours, facts hold no personal value."""

    def __init__(self, reason: str, facts: Mapping[str, Fact] | None = None) -> None:
        self.reason = reason
        self.facts = dict(facts or {})
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Words:
    """What kinds and grounds are called in the lists of people: word -> code."""

    kinds: Mapping[str, Kind]
    grounds: Mapping[str, str]

    @classmethod
    def of(cls, kinds: Mapping[str, str], grounds: Mapping[str, str]) -> "Words":
        """From the catalogue of words, code -> word; a code itself is understood too."""
        named = {one: one for one in LISTED} | {kinds[one]: one for one in LISTED if one in kinds}
        fit = [code for code, one in GROUNDS.items() if one.kinds & set(LISTED)]
        called = {one: one for one in fit} | {grounds[one]: one for one in fit if one in grounds}
        return cls({str(word): kind for word, kind in named.items()}, called)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the template."""

    heading: str
    field: str
    required: bool
    read: Callable[[Cell, Words], Any]
    about: str


def read_name(cell: Cell, _: Words) -> str:
    """A name as written; no control characters, no digits, nothing that a spreadsheet runs."""
    name = cell.text
    _refuse_runnable(name)
    odd = any(unicodedata.category(letter) in {"Cc", "Cn", "Co", "Cs", "Nd"} for letter in name)
    if cell.form != "text" or len(name) > MOST_NAME_CHARACTERS or odd:
        raise Unfit("pool.name_malformed")
    return name


def read_number(cell: Cell, _: Words) -> str:
    """A whole identity number, one with stars (`1101**********0011`), or "" where none is given."""
    number = identity_number.plain(cell.text)
    if not number:
        return ""
    # A spreadsheet keeps 15 digits of a number: the rest are already zeros or gone.
    if cell.form == "number" or DIGITS_EATEN.fullmatch(number):
        raise Unfit("pool.identity_digits_lost")
    if MASKS.search(number[:-1]):
        return _starred(number)
    fault = identity_number.fault_of(number)
    if fault is Fault.CHECK_DIGIT and number.endswith("000"):
        raise Unfit("pool.identity_digits_lost")
    if fault is not None:
        raise Unfit(FAULTS[fault])
    return number


def _starred(number: str) -> str:
    # some lists print x for a star: then the X at the end is one too
    last = "*" if number[-1] == "X" and "X" in number[:-1] else number[-1]
    plain = MASKS.sub("*", number[:-1]) + (last if last == "X" else MASKS.sub("*", last))
    one_gap = len(re.findall(r"\*+", plain)) == 1 and len(plain) < NUMBER_LENGTH
    shown = sum(letter != "*" for letter in plain)
    fits = (len(plain) == NUMBER_LENGTH or one_gap) and shown >= FEWEST_SHOWN
    if not fits or not STARRED.fullmatch(plain):
        raise Unfit("blacklist.list_number_starred")
    return plain


def is_whole(number: str) -> bool:
    """Is every digit of the number there?"""
    return bool(number) and "*" not in number


def agrees(written: str, number: str) -> bool:
    """Do the digits that a number with stars shows stand in `number` at their places?

    Where stars were left out in print, what stands before them begins it and what stands
    behind them ends it.
    """
    before, _, rest = written.partition("*")
    behind = rest.lstrip("*")
    if "*" not in behind:
        return number.startswith(before) and number.endswith(behind)
    return all(one in ("*", other) for one, other in zip(written, number, strict=True))


def read_kind(cell: Cell, words: Words) -> Kind:
    """One of the five kinds of R-ELIG-6, by its word or its code."""
    try:
        return words.kinds[cell.text]
    except KeyError as unknown:
        raise Unfit("blacklist.list_kind_unknown") from unknown


def read_ground(cell: Cell, words: Words) -> str:
    """A ground of the closed list, by its word or its code."""
    try:
        return words.grounds[cell.text]
    except KeyError as unknown:
        raise Unfit("blacklist.list_ground_unknown") from unknown


def read_document(cell: Cell, _: Words) -> str:
    """The number of the decision or judgment: text of up to 100 characters."""
    _refuse_runnable(cell.text)
    if len(cell.text) > MOST_DOCUMENT_CHARACTERS:
        raise Unfit("pool.text_too_long")
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in cell.text):
        raise Unfit("pool.control_character")
    return cell.text


def read_day(cell: Cell, _: Words) -> date | None:
    """A date cell, or 2027-12-31, 2027/12/31, 20271231, 2027年12月31日; None where it is empty."""
    if cell.day is not None or cell.form == "empty":
        return cell.day
    if (found := DAY.fullmatch(cell.text)) is None:
        raise Unfit("pool.date_malformed")
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError as no_such_day:
        raise Unfit("pool.date_malformed") from no_such_day


def _refuse_runnable(text: str) -> None:
    if text.startswith(RUNS_IN_A_SPREADSHEET):
        raise Unfit("pool.begins_like_formula", {"sign": text[0]})


COLUMNS: Final[tuple[Column, ...]] = (
    Column(NAME, "name", True, read_name, "与来源名单一致。"),
    Column(NUMBER, "number", False, read_number, "18 位；来源名单打了星号的照写，没有的留空。"),
    Column(KIND, "kind", True, read_kind, "五类之一，见下表。"),
    Column(GROUND, "ground", True, read_ground, "事由，见下表。"),
    Column(DOCUMENT, "document", True, read_document, "裁判文书、处罚决定书等的文号。"),
    Column(STARTS, "starts_on", True, read_day, "生效日，例如 2026-03-01；不得晚于今天。"),
    Column(ENDS, "ends_on", False, read_day, "最后一天；没有期限的留空。"),
)
"""In the order of the template. Each `field` is one of `Row`."""

HEADINGS: Final = tuple(column.heading for column in COLUMNS)
NEEDED: Final = tuple(one for one in HEADINGS if one != ENDS)
"""Headings without which a sheet is no list; a number may be missing in a row, its column not."""
