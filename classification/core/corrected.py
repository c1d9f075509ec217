"""Checks a corrected list in one pass: every cell that cannot be taken, why, and the way out.

Nothing is mended silently. A code that would mean another thing than before is refused
until its row says so: experts who hold it would change their specialty unseen.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from classification.core.catalogue import Status
from classification.core.code import CODE_FORM, above_of
from classification.core.errors import Problem
from classification.core.likeness import ALIKE, likeness
from foundation.errors import Fact

MOST_NAME: Final = 100
MOST_NOTE: Final = 300
YES: Final = ("是", "yes", "y")
NO: Final = ("否", "no", "n")
FORMULA_MARKS: Final = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the template."""

    field: str
    heading: str
    required: bool
    about: str


COLUMNS: Final = (
    Column("code", "代码", True, "一个大写字母加至多三组两位数字，例如 A080205。"),
    Column("name", "名称", True, "与公布的标准一致。"),
    Column("parent", "上级代码", False, "可不填；填写时须是去掉末两位的代码，类别留空。"),
    Column("level", "级别", False, "可不填；1 至 4。"),
    Column("note", "说明", False, "可不填。"),
    Column("reused", "改用", False, "原代码改指另一专业时填“是”；只是更名时填“否”；其余不填。"),
)
"""In the order of the template."""

HEADING: Final = {column.field: column.heading for column in COLUMNS}


@dataclass(frozen=True, slots=True)
class Written:
    """One row of the file as written; `row` counts from 1 as the spreadsheet shows it."""

    row: int
    cells: Mapping[str, str]

    def __getitem__(self, field_: str) -> str:
        return self.cells.get(field_, "")


@dataclass(frozen=True, slots=True)
class Taken:
    """One good row; `code` is bare."""

    code: str
    name: str
    note: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file holds: the lines if there are no problems, and the codes it re-uses."""

    problems: tuple[Problem, ...]
    lines: tuple[Taken, ...]
    reused: tuple[str, ...]
    status: Status = Status.IMPORTED


def check(rows: Sequence[Written], version: str, known: Mapping[str, str]) -> Checked:
    """Check a whole list.

    Args:
        version: what the list is to be called; codes may carry it and no other.
        known: bare code -> last name, of every code that any version held here has.
    """
    codes = {row.row: _code(row["code"], version) for row in rows}
    first = _first_rows(rows, codes)
    problems = [problem for row in rows for problem in _of_cells(row, codes[row.row], version)]
    problems += _twice(rows, codes, first)
    problems += _of_parents(rows, codes, first)
    reused, unsaid = _reused(rows, codes, known, first)
    problems += unsaid
    lines = [Taken(codes[row.row], _name(row["name"]), row["note"].strip()) for row in rows]
    return Checked(
        tuple(sorted(problems, key=lambda one: (one.row, _place(one.column)))),
        () if problems else tuple(lines),
        tuple(sorted(reused)),
    )


def _of_cells(row: Written, code: str, version: str) -> Iterator[Problem]:
    written = unicodedata.normalize("NFKC", row["code"]).strip()
    if not written:
        yield _problem(row, "code", "classification.code_missing")
    elif not CODE_FORM.fullmatch(code):
        other = ":" in written and CODE_FORM.fullmatch(code.rpartition(":")[2])
        reason = "classification.code_of_another_version" if other else "classification.code_shape"
        yield _problem(row, "code", reason, version=version)
    name = _name(row["name"])
    if not name:
        yield _problem(row, "name", "classification.name_missing")
    elif _odd(name, MOST_NAME):
        yield _problem(row, "name", "classification.name_shape", most=MOST_NAME)
    if _odd(row["note"].strip(), MOST_NOTE):
        yield _problem(row, "note", "classification.note_shape", most=MOST_NOTE)
    level = row["level"].strip()
    if level and CODE_FORM.fullmatch(code) and level != str(1 + len(code) // 2):
        yield _problem(row, "level", "classification.level_differs", level=1 + len(code) // 2)
    if _mark(row) is None and row["reused"].strip():
        yield _problem(row, "reused", "classification.reused_mark")


def _twice(
    rows: Sequence[Written], codes: Mapping[int, str], first: Mapping[str, int]
) -> Iterator[Problem]:
    for row in rows:
        code = codes[row.row]
        if code in first and first[code] != row.row:
            yield _problem(
                row, "code", "classification.code_twice", specialty=code, first=first[code]
            )


def _of_parents(
    rows: Sequence[Written], codes: Mapping[int, str], first: Mapping[str, int]
) -> Iterator[Problem]:
    """Orphans, parents that are not the beginning of the code, and rings of parents."""
    written = {codes[row.row]: _bare(row["parent"]) for row in rows if codes[row.row] in first}
    for row in rows:
        code = codes[row.row]
        if code not in first:
            continue
        parent, above = _bare(row["parent"]), above_of(code)
        if ring := _ring(code, written):
            way = " → ".join((*ring, ring[0]))
            yield _problem(
                row, "parent", "classification.parent_ring", ring=way, above=above or "—"
            )
        elif parent and parent != above:
            yield _problem(
                row, "parent", "classification.parent_differs", specialty=code, above=above or "—"
            )
        elif above and above not in first:
            yield _problem(
                row, "code", "classification.parent_missing", specialty=code, above=above
            )


def _reused(
    rows: Sequence[Written],
    codes: Mapping[int, str],
    known: Mapping[str, str],
    first: Mapping[str, int],
) -> tuple[set[str], list[Problem]]:
    """Codes said to mean another thing from now on, and rows that should say so and don't."""
    now: dict[str, set[str]] = {}
    for row in rows:
        now.setdefault(_name(row["name"]), set()).add(codes[row.row])
    reused, unsaid = set[str](), list[Problem]()
    for row in rows:
        code, name, mark = codes[row.row], _name(row["name"]), _mark(row)
        before = known.get(code)
        if before is None or code not in first or not name:
            continue
        if mark is True:
            reused.add(code)
        elif mark is None and name != before and not row["reused"].strip():
            # the old name stands elsewhere now, or has nothing in common with the new one
            left = bool(now.get(before, set()) - {code})
            if left or likeness(before, name) < ALIKE:
                unsaid.append(
                    _problem(
                        *(row, "reused", "classification.code_reused"),
                        specialty=code,
                        before=before,
                        after=name,
                    )
                )
    return reused, unsaid


def _ring(code: str, parents: Mapping[str, str]) -> tuple[str, ...]:
    """The ring of parents that `code` itself stands on, beginning with it."""
    way = [code]
    while parent := parents.get(way[-1], ""):
        if parent == code:
            return tuple(way)
        if parent in way:
            return ()
        way.append(parent)
    return ()


def _first_rows(rows: Sequence[Written], codes: Mapping[int, str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in rows:
        if CODE_FORM.fullmatch(codes[row.row]):
            found.setdefault(codes[row.row], row.row)
    return found


def _code(text: str, version: str) -> str:
    return _bare(text).removeprefix(f"{version.upper()}:")


def _bare(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()


def _name(text: str) -> str:
    return text.strip()


def _odd(text: str, most: int) -> bool:
    # a leading = + - @ would run as a formula in whatever list is written from this one
    strange = any(unicodedata.category(letter) in {"Cc", "Cn", "Co", "Cs"} for letter in text)
    return len(text) > most or strange or text.startswith(FORMULA_MARKS)


def _mark(row: Written) -> bool | None:
    word = row["reused"].strip().casefold()
    return True if word in YES else False if word in NO else None


def _problem(row: Written, field_: str, code: str, **facts: Fact) -> Problem:
    return Problem(row.row, HEADING[field_], code, facts)


def _place(heading: str) -> int:
    return list(HEADING.values()).index(heading)
