"""The expert pool as columns: what screening reads, one array per fact.

A specialty code becomes a number such that everything below a code is one range of
numbers; the holders of a whole subtree are then one slice of a sorted array.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from draw_engine.core.texts import Ints, Names, cells_of
from foundation.ids import ExpertId
from foundation.instants import CHINA_STANDARD_TIME

_BASE: Final = 101
_PAIRS: Final = 3
_PLAIN: Final = (
    "ids", "region", "employer", "org", "title", "valid_to", "admitted", "code", "holder",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ExpertFacts:
    """What the pool holds about one expert (评标专家); never who it is.

    Args:
        version: starts at 1, rises with every change of any other field.
        region: GB/T 2260 code of the province, such as 110000.
        employer: unified credit code (统一社会信用代码) of the employer.
        group: credit code of the parent group, the employer's own where it has none.
        codes: specialty codes without their version, ascending.
        valid_to: last day of the appointment (聘期), inclusive.
        admitted_at: when the expert entered the pool, UTC.
    """

    expert_id: ExpertId
    version: int
    region: int
    employer: str
    group: str
    classification: str
    codes: tuple[str, ...]
    title: str
    valid_to: date
    admitted_at: datetime
    generated: bool = False

    def qualification(self) -> dict[str, Any]:
        """The object behind F_q of the snapshot (DRAW_PROTOCOL section 2)."""
        codes = sorted(self.codes)
        return {"codes": codes, "title": self.title, "valid_to": self.valid_to.isoformat()}


@dataclass(frozen=True, slots=True, eq=False)
class PoolColumns:
    """Experts as parallel arrays; row numbers are indices into them.

    Args:
        ids: expert ids, ascending.
        region: province codes. employer, org, title: indices into the names in the plural;
            `orgs` are groups, the units of the cap.
        valid_to, admitted: proleptic ordinals of days in China Standard Time.
        code: numbers of specialty codes, ascending; `holder`: the row that has it.
    """

    classification: str
    ids: Names
    region: Ints
    employer: Ints
    employers: Names
    org: Ints
    orgs: Names
    title: Ints
    titles: Names
    valid_to: Ints
    admitted: Ints
    code: Ints
    holder: Ints

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def of(cls, classification: str, facts: Iterable[ExpertFacts]) -> Self:
        """Columns of `facts`; specialties of another version of the standard are left out."""
        growing = Growing(classification)
        growing.add(sorted(facts, key=lambda one: one.expert_id))
        return cls(**growing.arrays())

    @property
    def rows(self) -> Names:
        """Who is in the pool: `one in columns.rows`."""
        return self.ids

    def holders(self, codes: Iterable[str]) -> Ints:
        """Rows of whom some code begins with one of `codes`, some of them more than once."""
        found = [np.empty(0, np.int32)]
        for code in codes:
            start, end = np.searchsorted(self.code, np.array(subtree(code), np.int32))
            found.append(self.holder[start:end])
        return np.concatenate(found)

    def amended(self, facts: Iterable[ExpertFacts]) -> Self:
        """The columns with other facts of some experts, or with experts who are new.

        A million rows are not read again for one that changed. Names that nobody bears any more
        stay; nothing reads a name that no row points to.
        """
        some = sorted(facts, key=lambda one: one.expert_id)
        new = [one.expert_id for one, row in zip(some, self._rows_of(some), strict=True) if row < 0]
        ids, at, moved = _with_names(self.ids, new)
        made: dict[str, Any] = {"classification": self.classification, "ids": ids}
        rows = ids.find([one.expert_id for one in some])
        plain = {
            "region": [one.region for one in some],
            "valid_to": [one.valid_to.toordinal() for one in some],
            "admitted": [_admitted(one) for one in some],
        }
        for name, values in plain.items():
            made[name] = np.insert(getattr(self, name), at, 0)
            made[name][rows] = np.array(values, np.int32)
        named = {
            "employer": [one.employer for one in some],
            "org": [one.group for one in some],
            "title": [one.title for one in some],
        }
        for name, words in named.items():
            names, _, renumbered = _with_names(getattr(self, f"{name}s"), words)
            made[name] = np.insert(renumbered[getattr(self, name)], at, 0)
            made[name][rows] = names.find(words)
            made[f"{name}s"] = names
        holder = moved[self.holder]
        stays = ~np.isin(holder, rows)
        own = [one.codes if one.classification == self.classification else () for one in some]
        codes = _ints(subtree(code)[0] for every in own for code in every)
        code = np.concatenate([self.code[stays], codes])
        holder = np.concatenate([holder[stays], np.repeat(rows, [len(every) for every in own])])
        order = np.lexsort((holder, code))
        made["code"], made["holder"] = code[order], holder[order]
        return type(self)(**made)

    def _rows_of(self, facts: Sequence[ExpertFacts]) -> Ints:
        return self.ids.find([one.expert_id for one in facts])


class Growing:
    """Columns in the making; experts come by ascending id, some thousand at a time."""

    def __init__(self, classification: str) -> None:
        self._classification = classification
        self._numbers: dict[str, int] = {}
        self._known: dict[str, dict[str, int]] = {"employer": {}, "org": {}, "title": {}}
        self._parts: dict[str, list[npt.NDArray[Any]]] = {name: [] for name in _PLAIN}
        self._rows = 0

    def add(self, experts: Sequence[ExpertFacts]) -> None:
        """Take in the next experts."""
        part = {
            "ids": cells_of([one.expert_id for one in experts]),
            "region": _ints(one.region for one in experts),
            "employer": self._coded("employer", (one.employer for one in experts)),
            "org": self._coded("org", (one.group for one in experts)),
            "title": self._coded("title", (one.title for one in experts)),
            "valid_to": _ints(one.valid_to.toordinal() for one in experts),
            "admitted": _ints(_admitted(one) for one in experts),
        }
        own = [one.codes if one.classification == self._classification else () for one in experts]
        part["code"] = _ints(self._number(code) for codes in own for code in codes)
        counts = [len(codes) for codes in own]
        first = self._rows
        part["holder"] = np.repeat(np.arange(first, first + len(own), dtype=np.int32), counts)
        for name, array in part.items():
            self._parts[name].append(array)
        self._rows += len(experts)

    def arrays(self) -> dict[str, Any]:
        """The members of `PoolColumns`."""
        whole = {name: _joined(self._parts.pop(name)) for name in _PLAIN}
        order = np.lexsort((whole["holder"], whole["code"]))
        whole["code"], whole["holder"] = whole["code"][order], whole["holder"][order]
        made: dict[str, Any] = {"classification": self._classification, **whole}
        made["ids"] = Names(whole["ids"] if self._rows else cells_of([]))
        for name, known in self._known.items():
            distinct = sorted(known)
            rank = np.zeros(len(known), np.int32)
            rank[[known[value] for value in distinct]] = np.arange(len(known))
            made[name] = rank[whole[name]] if known else whole[name]
            made[f"{name}s"] = Names.of(distinct)
        return made

    def _coded(self, name: str, values: Iterable[str]) -> Ints:
        known = self._known[name]
        return _ints(known.setdefault(value, len(known)) for value in values)

    def _number(self, code: str) -> int:
        found = self._numbers.get(code)
        if found is None:
            found = self._numbers[code] = subtree(code)[0]
        return found


def subtree(code: str) -> tuple[int, int]:
    """First number of `code` and the first beyond everything that begins with it.

    Raises:
        ValueError: not a letter A-Z with up to three pairs of digits.
    """
    pairs = code[1:]
    if not ("A" <= code[:1] <= "Z") or len(pairs) % 2 or len(pairs) > 2 * _PAIRS:
        raise ValueError("a specialty code is a letter and up to three pairs of digits")
    number = ord(code[0]) - ord("A") + 1
    for at in range(_PAIRS):
        pair = pairs[2 * at : 2 * at + 2]
        number = number * _BASE + (int(pair) + 1 if pair else 0)
    return number, int(number + _BASE ** (_PAIRS - len(pairs) // 2))


def _admitted(one: ExpertFacts) -> int:
    return one.admitted_at.astimezone(CHINA_STANDARD_TIME).toordinal()


def _with_names(names: Names, wanted: Iterable[str]) -> tuple[Names, Ints, Ints]:
    """Names with the missing ones, where each was put, and the new number of every old one."""
    some = sorted(set(wanted))
    missing = [one for one, row in zip(some, names.find(some), strict=True) if row < 0]
    cells, more = names.cells, cells_of(missing)
    if not missing:
        return names, np.empty(0, np.int32), np.arange(len(names), dtype=np.int32)
    at = np.searchsorted(cells, more).astype(np.int32)
    wide = max(cells.dtype, more.dtype, key=lambda kind: kind.itemsize)
    old = np.arange(len(cells), dtype=np.int32)
    moved = (old + np.searchsorted(at, old, side="right")).astype(np.int32)
    return Names(np.insert(cells.astype(wide), at, more.astype(wide))), at, moved


def _joined(parts: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    return np.concatenate(parts) if parts else np.empty(0, np.int32)


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int32)
