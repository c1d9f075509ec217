"""Outside lists to play with: a generated pool, the vault beside it, and files by a few words."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from stdnum.cn import ric

from app.words import Language, catalogue
from blacklist.core.list_columns import HEADINGS, Words
from blacklist.core.outside_list import STREAM, Check, Lists, OutsideList, Source, fold
from blacklist.list_intake import About
from blacklist.list_service import ListService, Proposed
from draw_engine.core.pool_record import PoolRecord
from draw_engine.list_persons import ListPersons
from draw_engine.pool_generate import MARK
from draw_engine.pool_sheets import Source as SheetSource
from foundation.ids import AccountId, ExpertId
from foundation.keys import KeyRing
from tests.draw_engine.pool.bench import NOW, TODAY, PoolBench, generated, open_pool
from tests.stores.places import Stores

UPLOADER, DECIDER, OTHER = (AccountId(f"acc_{who}") for who in ("u", "d", "o"))
_STRANGER = "11010119500101996"
STRANGER = _STRANGER + ric.calc_check_digit(f"{_STRANGER}0")
ABOUT = About(Source.COURT, "某市中级人民法院", date(2026, 11, 20))
KEYS = ("name", "number", "kind", "ground", "document", "starts_on", "ends_on")


def a_row(person: PoolRecord | None = None, **changes: str) -> dict[str, str]:
    """A conviction of a person, or of nobody in the pool, as a list prints it."""
    row = {
        "name": "欧阳无此人",
        "number": STRANGER,
        "kind": "刑事处罚",
        "ground": "受到刑事处罚",
        "document": "（2026）某刑初1号",
        "starts_on": "2026-03-01",
        "ends_on": "",
    }
    if person is not None:
        row |= {"name": person.name, "number": person.id_number}
    return row | changes


def a_file(*rows: dict[str, str], headings: Sequence[str] = HEADINGS) -> io.BytesIO:
    """Rows as a CSV file."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(headings)
    writer.writerows([row[key] for key in KEYS] for row in rows)
    return io.BytesIO(out.getvalue().encode("utf-8-sig"))


def starred(number: str) -> str:
    """A number as courts print it."""
    return number[:4] + "*" * 10 + number[-4:]


@dataclass
class ListBench:
    """The lists, the pool that they are checked against, and what was proposed."""

    pool: PoolBench
    matcher: ListPersons
    lists: ListService
    people: list[PoolRecord]
    ids: list[ExpertId]
    proposals: list[Proposed] = field(default_factory=list)
    drawn: dict[ExpertId, list[datetime]] = field(default_factory=dict)

    def take(self, *rows: dict[str, str], skip_bad: bool = False, **changes: Any) -> OutsideList:
        """Take a list of rows."""
        words: dict[str, Any] = {"about": ABOUT, "by": UPLOADER} | changes
        return self.lists.intake.take(a_file(*rows), skip_bad=skip_bad, **words).taken

    def check(self) -> Check:
        """Cross-check."""
        return self.lists.crosscheck.run()

    def folded(self) -> Lists:
        """The state that the stream adds up to."""
        with self.pool.books.read() as book:
            entries = book.entries(STREAM)
        return fold((one.type, one.body or {}) for one in entries)

    def rows_are_the_fold(self) -> None:
        """The rows are what the entries add up to."""
        state = self.folded()
        assert {one.id: one for one in self.lists.lists()} == state.lists
        assert {one.match.id: one.match for one in self.lists.report(most=500)} == state.matches
        checks = {one.id: one for one in self.lists.checks()}
        assert checks == {one.id: one for one in state.checks}

    def close(self) -> None:
        """Give files back."""
        self.pool.close()


def open_lists(home: Path, stores: Stores | None = None, *, experts: int = 12) -> ListBench:
    """A pool of generated experts and no list; what is there already stays."""
    pool = open_pool(home, stores)
    people = generated(experts)
    ids = pool.enrol(experts) if pool.pool.is_empty() else sorted(pool.pool.ids())
    matcher = ListPersons(pool.vault, KeyRing(home / "keys").fields("persons"), pool.persons)
    proposals: list[Proposed] = []
    drawn: dict[ExpertId, list[datetime]] = {}

    def propose(one: Proposed) -> str:
        proposals.append(one)
        return f"bl_{len(proposals)}"

    def drawn_since(expert: ExpertId, since: date) -> list[datetime]:
        return [at for at in drawn.get(expert, []) if at.date() >= since]

    lists = ListService(
        pool.books,
        pool.clock,
        matcher,
        read=SheetSource,
        words=Words.of(
            catalogue(Language.CHINESE, "measure"), catalogue(Language.CHINESE, "ground")
        ),
        experts=lambda: pool.pool.summary().experts,
        propose=propose,
        drawn_since=drawn_since,
    )
    return ListBench(pool, matcher, lists, people, ids, proposals, drawn)


def names(rows: Iterable[PoolRecord]) -> set[str]:
    """Names without the mark of generated people."""
    return {one.name.removesuffix(MARK) for one in rows}


__all__ = ["ABOUT", "DECIDER", "NOW", "OTHER", "TODAY", "UPLOADER"]
