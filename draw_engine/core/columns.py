"""The expert pool as columns: what screening reads, one array per fact.

A specialty code becomes a number such that everything below a code is one range of
numbers; the holders of a whole subtree are then one slice of a sorted array.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from foundation.ids import ExpertId
from foundation.instants import CHINA_STANDARD_TIME

Ints = npt.NDArray[np.int32]

_BASE: Final = 101
_PAIRS: Final = 3


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
        ids: expert ids, ascending; `rows` is the inverse.
        region: province codes. employer, org, title: indices into the tuples of the same
            name in the plural; `orgs` are groups, the units of the cap.
        valid_to, admitted: proleptic ordinals of days in China Standard Time.
        code: numbers of specialty codes, ascending; `holder`: the row that has it.
    """

    classification: str
    ids: tuple[ExpertId, ...]
    rows: Mapping[ExpertId, int]
    region: Ints
    employer: Ints
    employers: tuple[str, ...]
    org: Ints
    orgs: tuple[str, ...]
    title: Ints
    titles: tuple[str, ...]
    valid_to: Ints
    admitted: Ints
    code: Ints
    holder: Ints

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def of(cls, classification: str, facts: Iterable[ExpertFacts]) -> Self:
        """Columns of `facts`; specialties of another version of the standard are left out."""
        experts = sorted(facts, key=lambda one: one.expert_id)
        employer, employers = _coded([one.employer for one in experts])
        org, orgs = _coded([one.group for one in experts])
        title, titles = _coded([one.title for one in experts])
        code, holder = _links(classification, experts)
        return cls(
            classification=classification,
            ids=tuple(one.expert_id for one in experts),
            rows={one.expert_id: row for row, one in enumerate(experts)},
            region=_ints(one.region for one in experts),
            employer=employer,
            employers=employers,
            org=org,
            orgs=orgs,
            title=title,
            titles=titles,
            valid_to=_ints(one.valid_to.toordinal() for one in experts),
            admitted=_ints(
                one.admitted_at.astimezone(CHINA_STANDARD_TIME).toordinal() for one in experts
            ),
            code=code,
            holder=holder,
        )

    def holding(self, codes: Iterable[str]) -> npt.NDArray[np.bool_]:
        """Per row: does some code of the expert begin with one of `codes`?"""
        found = np.zeros(len(self), dtype=np.bool_)
        for code in codes:
            start, end = np.searchsorted(self.code, subtree(code))
            found[self.holder[start:end]] = True
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


def _coded(values: Sequence[str]) -> tuple[Ints, tuple[str, ...]]:
    distinct = tuple(sorted(set(values)))
    place = {value: at for at, value in enumerate(distinct)}
    return _ints(place[value] for value in values), distinct


def _links(classification: str, experts: Sequence[ExpertFacts]) -> tuple[Ints, Ints]:
    numbers: dict[str, int] = {}
    pairs = [
        (numbers.get(code) or numbers.setdefault(code, subtree(code)[0]), row)
        for row, one in enumerate(experts)
        if one.classification == classification
        for code in one.codes
    ]
    pairs.sort()
    return _ints(number for number, _ in pairs), _ints(row for _, row in pairs)


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int32)
