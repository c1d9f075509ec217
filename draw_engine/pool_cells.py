"""A cell of a list of experts, and what a file as a whole may be refused for.

A cell keeps how it was written: a number cell in the identity column has lost digits
before we ever saw it, and a formula's value depends on a program we did not run.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import islice
from typing import Final, TypeVar

from foundation.errors import Kind, ServiceError

T = TypeVar("T")


class NotAWorkbook(ServiceError):
    """Neither an XLSX workbook nor a CSV text that we can read."""

    code = "pool.not_a_workbook"
    kind = Kind.INVALID


class FileTooLarge(ServiceError):
    """More bytes or rows than one import takes."""

    code = "pool.file_too_large"
    kind = Kind.TOO_LARGE


class HeaderMissing(ServiceError):
    """No sheet has the columns of the template in its first rows."""

    code = "pool.header_missing"
    kind = Kind.INVALID


class Form(StrEnum):
    """How a value was written."""

    EMPTY = "empty"
    TEXT = "text"
    NUMBER = "number"
    DAY = "date"
    FORMULA = "formula"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Cell:
    """One value as text; numbers without a fraction are written without one."""

    form: Form
    text: str
    day: date | None = None

    @property
    def hint(self) -> str:
        """How it was written and how long it is, such as `text:17`; never the value."""
        return f"{self.form}:{len(self.text)}"


EMPTY: Final = Cell(Form.EMPTY, "")

Row = Mapping[int, Cell]
"""Cells by their place, from 0; empty ones are left out."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row below the header; `row` counts from 1 as the spreadsheet shows it."""

    sheet: str
    row: int
    cells: Mapping[str, Cell]

    def __getitem__(self, column: str) -> Cell:
        return self.cells.get(column, EMPTY)


def text_cell(text: str) -> Cell:
    """A text as a cell; blanks around it are no part of it."""
    text = text.strip()
    return Cell(Form.TEXT, text) if text else EMPTY


def number_cell(value: float) -> Cell:
    """A number as a cell."""
    whole = value.is_integer() and abs(value) < 1e15
    return Cell(Form.NUMBER, str(int(value)) if whole else str(value))


def day_cell(day: date) -> Cell:
    """A day as a cell."""
    return Cell(Form.DAY, day.isoformat(), day)


def portions(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of `size`, the last one shorter."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some
