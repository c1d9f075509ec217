"""Wires the outside lists: facts in the main database, whom they are about in the vault's.

The lists lie below the draw engine: how files are read, who people are and when somebody was
drawn reach them from here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from app.wiring_pool import PoolParts
from app.words import Language, catalogue
from blacklist.core.list_columns import Words
from blacklist.core.terms import Terms
from blacklist.list_desk import ListDesk
from blacklist.list_service import ListService, Proposed
from blacklist.list_store import Intake
from blacklist.service import StandingService
from draw_engine import store as draws
from draw_engine.list_persons import ListPersons
from draw_engine.pool_sheets import Source
from draw_engine.vault_seats import Seats
from foundation.clock import Clock
from foundation.ids import ExpertId
from foundation.instants import CHINA_STANDARD_TIME
from foundation.ledger.book import Books


@dataclass(frozen=True, slots=True)
class ListParts:
    """The lists and the desk that does long work.

    `cut_off`: intakes that the process before did not finish; they have been taken back.
    """

    lists: ListService
    desk: ListDesk
    cut_off: tuple[Intake, ...]

    def close(self) -> None:
        """Cut off what runs."""
        self.desk.close()


def build_lists(
    books: Books, clock: Clock, pool: PoolParts, standing: StandingService, seats: Seats
) -> ListParts:
    """Join the lists with the pool; what a crash left of an intake is taken back here."""
    keys = pool.vault_keys.fields("persons")

    def drawn_since(expert_id: ExpertId, day: date) -> Sequence[datetime]:
        since = datetime.combine(day, time(), CHINA_STANDARD_TIME)
        found = seats.drawn_since(expert_id, since)
        with books.read() as book:
            over = draws.unsealed(book.db, (draw for draw, _ in found))
        return [at for draw, at in found if draw in over]

    def propose(one: Proposed) -> str:
        terms = Terms(
            kind=one.kind,
            ground=one.ground,
            basis=one.basis,
            deciding_body=one.deciding_body,
            starts_on=one.starts_on,
            ends_on=one.ends_on,
            basis_sha256=one.document,
        )
        return standing.propose(one.expert_id, terms, one.by, origin=one.origin).id

    lists = ListService(
        books,
        clock,
        ListPersons(pool.vault_database, keys, pool.persons),
        read=Source,
        words=list_words(),
        experts=lambda: pool.pool.summary().experts,
        propose=propose,
        drawn_since=drawn_since,
    )
    cut_off = lists.recover()
    return ListParts(lists, ListDesk(lists, clock), tuple(cut_off))


def list_words() -> Words:
    """What kinds and grounds are called in a list: the Chinese words of the pages."""
    return Words.of(catalogue(Language.CHINESE, "measure"), catalogue(Language.CHINESE, "ground"))
