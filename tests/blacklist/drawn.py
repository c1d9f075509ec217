"""Many draws in a few lines: their streams are written by hand, the assessment reads them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from blacklist import rating_store as store
from blacklist.core.points import fold
from blacklist.rating_accounts import STREAM, Account
from blacklist.rating_ports import Ended
from blacklist.rating_service import RatingService
from foundation.auth.errors import NotPermitted
from foundation.auth.principal import Principal
from foundation.clock import FixedClock, seconds
from foundation.db import Database
from foundation.ids import ExpertId
from foundation.keys import KeyRing
from foundation.ledger.book import Books
from foundation.ledger.signer import LogSigner
from foundation.rulebook.overlay import load_overlay
from tests.blacklist.bench import NOW
from tests.stores.places import Stores

CAME = "came"
PLACE = "第三评标室"
LATE_MINUTES = 20


@dataclass
class Drawn:
    """The port of the assessment, as the test says: every draw is open, every room is over."""

    people: dict[str, dict[tuple[int, int], ExpertId]] = field(default_factory=dict)

    def ended(self) -> Sequence[Ended]:
        return [Ended(f"ev_{one}", one) for one in self.people]

    def opened_draws(self) -> Sequence[str]:
        return list(self.people)

    def evaluation_of(self, draw_id: str) -> str | None:
        return f"ev_{draw_id}"

    def name_of(self, evaluation_id: str, who: Principal) -> str:
        raise NotPermitted

    def asked(self, draw_id: str) -> Mapping[tuple[int, int], ExpertId]:
        return self.people[draw_id]


class DrawnBench:
    """A ledger with draws in it, and the assessment on top."""

    def __init__(self, stores: Stores, scheme: str) -> None:
        self.clock = FixedClock(NOW)
        self.database = Database(stores.main)
        self.database.create_tables()
        self.keys = KeyRing(stores.home / "keys")
        signer = LogSigner("test.example/log", self.keys.signing("log"))
        self.books = Books(self.database, self.clock, signer)
        self.overlay = replace(load_overlay("demonstration"), rating_scheme=scheme)
        self.port = Drawn()
        self.begin()

    def begin(self) -> None:
        """The assessment as after a start."""
        fields = self.keys.fields("ratings")
        self.ratings = RatingService(self.books, self.overlay, fields, self.port)

    def drawn(self, **turns: str) -> str:
        """A draw of these experts: each "came", "late", or left by a class of the protocol."""
        number = len(self.port.people) + 1
        draw, room, now = f"dr_{number}", f"evaluation/ev_dr_{number}", self.clock.now()
        asked = {"starts_at": seconds(now), "place": PLACE}
        stream = f"draw/{draw}"
        here = {
            seat: name for seat, (name, how) in enumerate(turns.items()) if how in {CAME, "late"}
        }
        with self.books.write() as book:
            book.append(stream, "draw.requested", {"request": asked})
            for seat, how in enumerate(turns.values()):
                book.append(stream, "draw.invited", {"seat": seat, "step": 0})
                if seat in here:
                    book.append(stream, "draw.seat_accepted", {"seat": seat, "step": 0})
                else:
                    left = {"seat": seat, "step": seat + 1, "class": how}
                    book.append(stream, "draw.seat_vacated", left)
            planned = {
                "starts_at": now.isoformat(),
                "title": f"第{number}次",
                "place": "第三评标室",
            }
            book.append(room, "room.planned", planned)
            seats = [
                {"seat": f"e{n + 1}", "kind": "expert", "alias": f"专家{n + 1}", "draw_seat": n}
                for n in here
            ]
            book.append(room, "room.made_ready", {"seats": seats})
            for n in here:
                if turns[here[n]] == CAME:
                    book.append(room, "room.checked_in", {"seat": f"e{n + 1}"})
        self.clock.advance(timedelta(minutes=LATE_MINUTES))
        with self.books.write() as book:
            for n in here:
                if turns[here[n]] != CAME:
                    book.append(room, "room.checked_in", {"seat": f"e{n + 1}"})
            book.append(room, "room.report_completed", {})
        self.port.people[draw] = {(n, 0): ExpertId(f"ex_{one}") for n, one in enumerate(turns)}
        self.clock.advance(timedelta(days=7))
        return draw

    def tick(self) -> None:
        self.ratings.tick(self.clock.now())

    def account(self, name: str, year: int = NOW.year) -> Account:
        return self.ratings.accounts.account(ExpertId(f"ex_{name}"), year)

    def reached(self, name: str) -> list[str]:
        """Thresholds on record and still held."""
        return [one.threshold for one in self.account(name).reached if one.left_at is None]

    def check(self) -> None:
        """The rows are what the entries add up to."""
        with self.books.read() as book:
            register = fold((one.type, one.body) for one in book.entries(STREAM))
            assert {one.id: one for one in store.points(book.db)} == register.points
            assert {one.id: one for one in store.turns(book.db)} == register.turns
            assert {one.id: one for one in store.reached(book.db)} == register.reached
