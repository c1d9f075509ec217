"""The list of the pool manager: narrowed, page by page, at once however large the pool is.

No page is reached by counting rows up to it: a page begins after the id that the page
before ended with. Every step reads a range of one index. A condition that few fulfil is
answered from its own index and exactly; one that many fulfil is walked along the list, where
a page is full soon, and its count is then a lower bound.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, select
from sqlmodel import Session, SQLModel

from draw_engine import pool_tables
from draw_engine.core.columns import ExpertFacts

MOST_PER_PAGE: Final = 200
FEW: Final = 30_000
FEW_EMPLOYERS: Final = 500
STEP: Final = 500
PORTION: Final = 500
STEPS_COUNTED: Final = 20
LONGEST_CODE: Final = 7
LONGEST_ID: Final = 32


@dataclass(frozen=True, slots=True)
class Listing:
    """One line of the pool manager's list; `employer` is the organisation's name."""

    facts: ExpertFacts
    employer: str


@dataclass(frozen=True, slots=True)
class Query:
    """What the list is narrowed to, and where in it the page lies.

    Args:
        text: an id or its beginning, a credit code, or part of an employer's name.
        code: a specialty with all below it.
        after: the page begins behind this id; before: it ends ahead of this one. Neither:
            the first page. `last`: the last one.
    """

    text: str = ""
    code: str = ""
    region: int = 0
    after: str = ""
    before: str = ""
    last: bool = False
    size: int = 50


@dataclass(frozen=True, slots=True)
class Found:
    """Ids of one page, ascending. `total` matched, or more where `at_least`."""

    ids: list[str]
    total: int
    at_least: bool
    has_earlier: bool
    has_later: bool


class Narrowed:
    """What a query leaves of the pool, page by page; good until the pool changes.

    Args:
        floor: ids from here upward are not in the pool yet.
        experts: how many there are in all; regions: in each province.
    """

    def __init__(
        self,
        db: Session,
        query: Query,
        *,
        classification: str,
        floor: str | None,
        experts: int,
        regions: Mapping[int, int],
    ) -> None:
        self._classification = classification
        self._floor = floor
        self._text, self._region, self._code = query.text.strip(), query.region, query.code.upper()
        if self._text[:3].lower() == "ex_":  # ids are typed in either case
            self._text = self._text.lower()
        # Conditions that many fulfil; those of the others are in `few`.
        self._many = _Many()
        few = self._sifted(db)
        self._few = None if few is None else sorted(self._allowed(db, sorted(few)))
        self.total, self.at_least = self._counted(db, experts, regions)

    def page(self, db: Session, query: Query) -> Found:
        """The page that the query asks for."""
        size = min(max(query.size, 1), MOST_PER_PAGE)
        if self._few is not None:
            return _among(self._few, query, size)
        backward = bool(query.before) or query.last
        ids = list(islice(self._walk(db, query.after, query.before, backward), size + 1))
        more, ids = len(ids) > size, ids[:size]
        if backward:
            ids.reverse()
        earlier, later = (more, bool(query.before)) if backward else (bool(query.after), more)
        return Found(ids, max(self.total, len(ids)), self.at_least, earlier, later)

    def _walk(self, db: Session, after: str, before: str, backward: bool) -> Iterator[str]:
        """Matching ids in order, a step along the list at a time."""
        while True:
            rows = self._step(db, after, before, backward)
            yield from self._allowed(db, rows)
            if len(rows) < STEP:
                return
            after, before = ("", rows[-1]) if backward else (rows[-1], "")

    def _step(self, db: Session, after: str, before: str, backward: bool) -> list[str]:
        wanted = select(id_of).order_by(id_of.desc() if backward else id_of.asc()).limit(STEP)
        many = self._many
        if many.region:
            wanted = wanted.where(region_of == many.region)
        for low in filter(None, (after, many.prefix)):
            wanted = wanted.where(id_of > low)
        if many.prefix:
            wanted = wanted.where(id_of <= _longest(many.prefix))
        for high in filter(None, (before, self._floor)):
            wanted = wanted.where(id_of < high)
        return [row[0] for row in db.connection().execute(wanted)]

    def _allowed(self, db: Session, ids: Sequence[str]) -> Iterator[str]:
        """Those of the ids, in their order, who fulfil what many fulfil."""
        many = self._many
        for at in range(0, len(ids), PORTION):
            some = ids[at : at + PORTION]
            allowed = set(some)
            if many.employers is not None or many.region:
                rows = select(id_of, employer_of, region_of).where(id_of.in_(some))
                allowed = {
                    one
                    for one, employer, region in db.connection().execute(rows)
                    if (many.employers is None or employer in many.employers)
                    and many.region in {0, region}
                }
            if many.code:
                holders = self._holders(many.code).where(holder_of.in_(some))
                allowed &= {row[0] for row in db.connection().execute(holders)}
            yield from (one for one in some if one in allowed and one.startswith(many.prefix))

    def _sifted(self, db: Session) -> set[str] | None:
        """Who fulfils every condition that few fulfil; None where each is fulfilled by many."""
        sets: list[set[str]] = []

        def few(wanted: Select[Any], by: ColumnElement[str]) -> bool:
            if self._floor is not None:
                wanted = wanted.where(by < self._floor)
            found = {row[0] for row in db.connection().execute(wanted.limit(FEW + 1))}
            if len(found) <= FEW:
                sets.append(found)
            return len(found) <= FEW

        if self._text.startswith("ex_"):
            between = select(id_of).where(id_of >= self._text, id_of <= _longest(self._text))
            if not few(between, id_of):
                self._many.prefix = self._text
        elif self._text:
            employers = _named(db, self._text)
            by_index = select(id_of).where(employer_of.in_(sorted(employers)[:FEW_EMPLOYERS]))
            if len(employers) > FEW_EMPLOYERS or not few(by_index, id_of):
                self._many.employers = employers
        if self._region and not few(select(id_of).where(region_of == self._region), id_of):
            self._many.region = self._region
        if self._code and not few(self._holders(self._code).distinct(), holder_of):
            self._many.code = self._code
        return set.intersection(*sets) if sets else None

    def _counted(self, db: Session, experts: int, regions: Mapping[int, int]) -> tuple[int, bool]:
        """How many match, and whether that is only what was counted so far."""
        if self._few is not None:
            return len(self._few), False
        many = self._many
        if not (self._text or self._code):
            return (regions.get(many.region, 0) if many.region else experts), False
        alone = (bool(self._text), bool(self._code), bool(self._region)).count(True) == 1
        if alone and (many.employers is None or len(many.employers) <= FEW_EMPLOYERS):
            return FEW, True
        counted, after = 0, ""
        for _ in range(STEPS_COUNTED):
            rows = self._step(db, after, "", backward=False)
            counted += sum(1 for _ in self._allowed(db, rows))
            if len(rows) < STEP:
                return counted, False
            after = rows[-1]
        return counted, True

    def _holders(self, code: str) -> Select[Any]:
        # A specialty and all below it are a range: codes are a letter and digits.
        low, high = code, code.ljust(LONGEST_CODE, "9")
        ours = version_of == self._classification
        return select(holder_of).where(ours, code_of >= low, code_of <= high)


@dataclass(slots=True)
class _Many:
    """Conditions that are looked up for each expert on the way; each one may be absent."""

    prefix: str = ""
    region: int = 0
    code: str = ""
    employers: AbstractSet[str] | None = None


def _among(ids: Sequence[str], query: Query, size: int) -> Found:
    start = bisect_right(ids, query.after) if query.after else 0
    end = min(start + size, len(ids))
    if query.before or query.last:
        end = bisect_left(ids, query.before) if query.before else len(ids)
        start = max(0, end - size)
    return Found(list(ids[start:end]), len(ids), False, start > 0, end < len(ids))


def _named(db: Session, text: str) -> set[str]:
    """Credit codes of the employers whose name holds the text, and the text as a code."""
    named = _ORGANISATION.c.name.icontains(text, autoescape=True)
    wanted = select(_ORGANISATION.c.unified_credit_code).where(named)
    return {row[0] for row in db.connection().execute(wanted)} | {text.upper()}


def _longest(beginning: str) -> str:
    return beginning.ljust(LONGEST_ID, "z")


_TABLES = SQLModel.metadata.tables
_EXPERT = _TABLES[pool_tables.ExpertRow.__tablename__]
_SPECIALTY = _TABLES[pool_tables.ExpertSpecialtyRow.__tablename__]
_ORGANISATION = _TABLES[pool_tables.OrganisationRow.__tablename__]
id_of, region_of, employer_of = _EXPERT.c.expert_id, _EXPERT.c.region, _EXPERT.c.employer
holder_of, version_of = _SPECIALTY.c.expert_id, _SPECIALTY.c.classification
code_of = _SPECIALTY.c.code
