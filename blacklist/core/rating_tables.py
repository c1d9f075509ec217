"""Reads the tables of the assessment; whatever does not fit refuses, so that the start does.

A row marked K? is law that nobody here has read: it stays off, unless an authority has
named the document by which it switches it on (`ordered_by`).
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, Final

from blacklist.core import log_facts
from blacklist.core.points import Act, Counts, On, Row, Scheme, Threshold, Unsupported
from blacklist.core.rating import PROTECTED, Fact, Party, Source
from blacklist.core.rating_errors import TableUnusable
from foundation.rulebook.rules import Mark

COUNTABLE: Final = frozenset(
    {log_facts.LATE, log_facts.ABSENT, log_facts.DECLINED, log_facts.UNANSWERED}
)
"""Facts whose times in a year a threshold can count."""

_SCHEME: Final = {
    "version": str,
    "title_zh": str,
    "title_en": str,
    "demonstration": bool,
    "counts": str,
    "start": str,
    "late_minutes": int,
    "points": list,
    "thresholds": list,
}
_LINE: Final = frozenset(
    ("id", "on", "at", "below", "fact", "act", "months", "published", "source", "source_en", "mark")
)


def read_facts(table: Mapping[str, Any]) -> dict[str, Fact]:
    """The closed list of facts in a parsed file.

    Raises:
        TableUnusable: a row is malformed, names a party or source there is none of, rests on a
            protected right, or the facts of the log are not exactly those that the log states.
    """
    try:
        facts = {code: _fact(code, row) for code, row in table.items()}
    except (KeyError, TypeError, ValueError, AttributeError) as bad:
        raise TableUnusable("facts", str(bad)) from bad
    for one in facts.values():
        if one.shown_by & PROTECTED:
            raise TableUnusable("facts", f"{one.code}: {sorted(one.shown_by & PROTECTED)[0]}")
        if (one.source is Source.RATER) is not bool(one.by and one.of and one.shown_by):
            raise TableUnusable("facts", one.code)
    if {one.code for one in facts.values() if one.source is Source.LOG} != log_facts.CODES:
        raise TableUnusable("facts", "log")
    return facts


def _fact(code: str, row: Mapping[str, Any]) -> Fact:
    if row.keys() - {"source", "article", "article_en", "mark", "by", "of", "shown_by"}:
        raise ValueError(code)
    return Fact(
        code,
        Source(row["source"]),
        str(row["article"]),
        str(row["article_en"]),
        Mark(row["mark"]).value,
        frozenset(Party(one) for one in row.get("by", ())),
        frozenset(Party(one) for one in row.get("of", ())),
        frozenset(str(one) for one in row.get("shown_by", ())),
    )


def read_scheme(
    id_: str, hash_: str, table: Mapping[str, Any], facts: Mapping[str, Fact]
) -> Scheme:
    """The table of demerit points in a parsed file.

    Raises:
        TableUnusable: a value is missing, unknown or of the wrong kind; a fact is not on the
            closed list, or stands there twice; a K? row is on without an authority's document.
    """
    if odd := _odd(table):
        raise TableUnusable(id_, odd)
    try:
        scheme = Scheme(
            id=id_,
            version=table["version"],
            hash=hash_,
            title_zh=table["title_zh"],
            title_en=table["title_en"],
            demonstration=table["demonstration"],
            counts=Counts(table["counts"]),
            start=_number(table["start"]),
            late_minutes=table["late_minutes"],
            rows=tuple(_row(row) for row in table["points"]),
            thresholds=tuple(_threshold(row) for row in table["thresholds"]),
            unsupported=tuple(Unsupported(**row) for row in table.get("unsupported", ())),
        )
    except (KeyError, TypeError, ValueError, InvalidOperation, AttributeError) as bad:
        raise TableUnusable(id_, str(bad)) from bad
    _check(scheme, facts)
    return scheme


def _odd(table: Mapping[str, Any]) -> str:
    """The first member that is missing, unknown or of the wrong kind; "" where all fit."""
    odd = (_SCHEME.keys() ^ table.keys()) - {"unsupported"}
    wrong = [name for name, kind in _SCHEME.items() if type(table.get(name)) is not kind]
    return min([*odd, *wrong], default="")


def _row(row: Mapping[str, Any]) -> Row:
    mark, on = Mark(row["mark"]), row["on"]
    if row.keys() - {"fact", "points", "source", "source_en", "mark", "on", "ordered_by"}:
        raise ValueError(f"{row['fact']}: unknown member")
    if type(on) is not bool or (on and mark is Mark.UNSURE and not row.get("ordered_by")):
        raise ValueError(f"{row['fact']}: on")
    points = _number(row["points"])
    if points < 0 or (on and not points):
        raise ValueError(f"{row['fact']}: points")
    ordered = row.get("ordered_by")
    source, source_en = ordered or row["source"], ordered or row["source_en"]
    return Row(str(row["fact"]), points, str(source), str(source_en), mark.value, on)


def _threshold(row: Mapping[str, Any]) -> Threshold:
    if row.keys() - _LINE:
        raise ValueError(f"{row['id']}: unknown member")
    on = On(row["on"])
    if ("below" in row) is not (on is On.SHARE) or ("at" in row) is (on is On.SHARE):
        raise ValueError(f"{row['id']}: at")
    if ("fact" in row) is not (on is On.TIMES) or row.get("fact", "late") not in COUNTABLE:
        raise ValueError(f"{row['id']}: fact")
    months = row.get("months", 0)
    if type(months) is not int or months < 0:
        raise ValueError(f"{row['id']}: months")
    return Threshold(
        id=str(row["id"]),
        on=on,
        act=Act(row["act"]),
        source=str(row["source"]),
        source_en=str(row["source_en"]),
        mark=Mark(row["mark"]).value,
        at=_number(row.get("at", "0")),
        below=Fraction(row.get("below", "0")),
        fact=str(row.get("fact", "")),
        months=months,
        published=bool(row.get("published", False)),
    )


def _number(text: Any) -> Decimal:
    """An exact number; a float of the file is none."""
    if not isinstance(text, str):
        raise ValueError(f"{text} is not written as text")
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError(text)
    return number


def _check(scheme: Scheme, facts: Mapping[str, Fact]) -> None:
    named = [one.fact for one in scheme.rows]
    unknown = {*named, *(one.fact for one in scheme.thresholds if one.fact)} - facts.keys()
    if unknown or len(set(named)) < len(named):
        raise TableUnusable(scheme.id, min(unknown, default="points"))
    if any(Party.EXPERT not in facts[one].of and facts[one].by for one in named):
        raise TableUnusable(scheme.id, "of")
    ids = [one.id for one in scheme.thresholds]
    if len(set(ids)) < len(ids):
        raise TableUnusable(scheme.id, "thresholds")
