"""The tables of the specification, read from `fields.csv`: a table of fields, and nothing by hand.

A format is one of `C18` (exactly), `C..50` (at most), `C..ul` (any length), `N..2` and `N..12,6`
(digits, of them behind the point), `yyyyMMdd`, `yyyyMMddHHmmss` (China Standard Time).

Source: fields.csv, README.md beside it; R-E-3.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Final

from foundation.errors import Kind, ServiceError
from foundation.instants import CHINA_STANDARD_TIME

Value = str | Decimal | date | datetime
Record = Mapping[str, Value]

LONGEST_TEXT: Final = 100_000
_FORMAT: Final = re.compile(r"(?P<kind>[CN])(?P<upto>\.\.)?(?P<size>\d+|ul)(?:,(?P<places>\d+))?")
_DIGITS: Final = {"yyyyMMdd": 8, "yyyyMMddHHmmss": 14}
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?", re.ASCII)
_UNSPEAKABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 can't hold, or would give back as something else."""


class UnknownTable(ServiceError):
    """The specification, as far as it is here, has no such table."""

    code = "dataspec.unknown_table"
    kind = Kind.INVALID
    rule = "R-E-3"


class FieldUnfit(ServiceError):
    """A field is missing, unknown or not of its format; `record` counts from 1. Never the value."""

    code = "dataspec.field_unfit"
    kind = Kind.INVALID
    rule = "R-E-3"

    def __init__(self, table: str, record: int, field: str, why: str) -> None:
        super().__init__(table=table, record=record, field=field, why=why)


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name, and what it takes."""

    name: str
    format: str
    required: bool

    def read(self, text: str) -> Value:
        """The value that a text spells.

        Raises:
            ValueError: with one word, where it spells none.
        """
        if self.format in _DIGITS:
            return self._instant(text)
        kind, upto, size, places = self._shape()
        if kind == "N":
            return _number(text, size, places)
        if _UNSPEAKABLE.search(text):
            raise ValueError("character")
        if not text or (len(text) > size if upto else len(text) != size):
            raise ValueError("length")
        return text

    def write(self, value: Value) -> str:
        """The text that spells a value; what it spells is this value again.

        Raises:
            ValueError: with one word, where the field does not take it.
        """
        text = self._spelt(value)
        if self.read(text) != value:
            raise ValueError("format")
        return text

    @property
    def number(self) -> bool:
        """Whether it holds a number."""
        return self.format.startswith("N")

    def _spelt(self, value: Value) -> str:
        if self.format == "yyyyMMddHHmmss" and isinstance(value, datetime) and value.tzinfo:
            return value.astimezone(CHINA_STANDARD_TIME).strftime("%Y%m%d%H%M%S")
        if self.format == "yyyyMMdd" and type(value) is date:
            return value.strftime("%Y%m%d")
        if self.number and isinstance(value, Decimal) and value.is_finite():
            return f"{value:f}"
        if self.format.startswith("C") and isinstance(value, str):
            return value
        raise ValueError("type")

    def _instant(self, text: str) -> date | datetime:
        if not (text.isascii() and text.isdigit() and len(text) == _DIGITS[self.format]):
            raise ValueError("format")
        year, month, day = int(text[:4]), int(text[4:6]), int(text[6:8])
        if self.format == "yyyyMMdd":
            return date(year, month, day)
        rest = int(text[8:10]), int(text[10:12]), int(text[12:])
        return datetime(year, month, day, *rest, tzinfo=CHINA_STANDARD_TIME)

    def _shape(self) -> tuple[str, bool, int, int]:
        found = _FORMAT.fullmatch(self.format)
        if found is None:
            raise LookupError(self.format)
        size = LONGEST_TEXT if found["size"] == "ul" else int(found["size"])
        upto = bool(found["upto"]) or found["size"] == "ul"
        return found["kind"], upto, size, int(found["places"] or 0)


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the specification."""

    number: str
    name: str
    fields: Mapping[str, Field]

    def read(self, record: Mapping[str, str], at: int, lacks: frozenset[str]) -> Record:
        """The values of a record of texts.

        Args:
            at: its number, for a refusal.
            lacks: required fields that the whole document says it does not have.

        Raises:
            FieldUnfit: names the field.
        """
        self._check(record, at, lacks)
        found: dict[str, Value] = {}
        for name, text in record.items():
            try:
                found[name] = self.fields[name].read(text)
            except ValueError as unfit:
                raise FieldUnfit(self.name, at, name, _word(unfit)) from unfit
        return found

    def write(self, record: Record, at: int, lacks: frozenset[str]) -> dict[str, str]:
        """The texts of a record, in the order of the specification; refusals as `read`."""
        self._check(record, at, lacks)
        found: dict[str, str] = {}
        for name, field in self.fields.items():
            if name in record:
                try:
                    found[name] = field.write(record[name])
                except ValueError as unfit:
                    raise FieldUnfit(self.name, at, name, _word(unfit)) from unfit
        return found

    def _check(self, record: Mapping[str, object], at: int, lacks: frozenset[str]) -> None:
        for name in record:
            if name not in self.fields:
                raise FieldUnfit(self.name, at, "-", "unknown")
            if name in lacks:
                raise FieldUnfit(self.name, at, name, "said to be lacking")
        for name, field in self.fields.items():
            if field.required and name not in record and name not in lacks:
                raise FieldUnfit(self.name, at, name, "missing")


@cache
def tables() -> Mapping[str, Table]:
    """Every table by its name."""
    text = (resources.files("foundation.dataspec") / "fields.csv").read_text("utf-8")
    found: dict[str, tuple[str, dict[str, Field]]] = {}
    for row in csv.DictReader(text.splitlines()):
        fields = found.setdefault(row["table"], (row["dataset_no"], {}))[1]
        fields[row["field"]] = Field(row["field"], row["format"], row["required"] == "yes")
    return {name: Table(number, name, fields) for name, (number, fields) in found.items()}


def table_of(name: str) -> Table:
    """The table of a name.

    Raises:
        UnknownTable.
    """
    if name not in tables():
        raise UnknownTable
    return tables()[name]


def _number(text: str, size: int, places: int) -> Decimal:
    if len(text) > LONGEST_TEXT or not _NUMBER.fullmatch(text):
        raise ValueError("format")
    whole, _, part = text.lstrip("-").partition(".")
    if len(part) > places or len(whole) + len(part) > size:
        raise ValueError("length")
    return Decimal(text)


def _word(unfit: ValueError) -> str:
    """One word of ours; a word of Python's could hold the value."""
    said = str(unfit)
    return said if said in {"format", "length", "character", "type"} else "format"
