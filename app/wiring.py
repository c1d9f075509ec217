"""Which service gets which store, clock and key; `House` holds them all.

Built bottom up, one line per service, so that a reader sees who knows whom.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from anyio import CapacityLimiter
from fastapi import FastAPI
from pwdlib import PasswordHash
from sqlmodel import select

from app.demo.accounts import DemoAccounts
from app.demo.stamp import Stamp, agree, demonstrates, put, read_stamp
from app.errors import OverlayIsForDemonstration
from app.jobs import Jobs, Tick
from app.migrate import MAIN, VAULT, Chain, fit
from app.pages import verifier_sha256
from app.wiring_appointment import AppointmentParts, build_appointment, outside_of
from app.wiring_feeds import build_credit_records, build_feeds, share_credentials
from app.wiring_lists import ListParts, build_lists
from app.wiring_media import build_media
from app.wiring_pool import PoolParts, build_pool
from app.wiring_rating import RatedEvaluations, build_ratings
from app.wiring_record import RecordParts, build_record
from blacklist.case_service import CaseService
from blacklist.core.grounds import Status
from blacklist.feed_routes import FeedDesk
from blacklist.rating_service import RatingService
from blacklist.service import StandingService
from classification.edition_desk import EditionDesk
from classification.service import ClassificationService
from draw_engine.build import DrawRooms, build_draw_engine
from draw_engine.erasure import Erasure
from draw_engine.remapping import Remapping
from draw_engine.vault import Vault
from draw_engine.vault_seats import InboxAlone
from evaluation_room.archive.recordings import Recordings
from evaluation_room.committee import DrawCommittee
from evaluation_room.core.media_events import STREAM as MEDIA
from evaluation_room.media_book import MediaBook
from evaluation_room.media_desk import MediaDesk
from evaluation_room.papers import Papers
from evaluation_room.service import RoomService
from evaluation_room.store import EvaluationRow
from evaluation_room.watch import Watch
from foundation.auth.accounts import Accounts
from foundation.auth.limits import Attempts
from foundation.auth.passkey_losses import Losses
from foundation.auth.passkeys import Passkeys
from foundation.clock import Clock, SystemClock
from foundation.db import Database
from foundation.files import Files, SealedFiles
from foundation.keys import KeyRing
from foundation.ledger.book import Books
from foundation.ledger.entry import Entry
from foundation.ledger.signer import LogSigner
from foundation.notify.outbox import Outbox
from foundation.rulebook.overlay import Overlay, load_overlay
from foundation.settings import Settings

HASHING_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class House:
    """Every service of one installation."""

    settings: Settings
    clock: Clock
    stamp: Stamp
    overlay: Overlay
    database: Database
    keys: KeyRing
    books: Books
    accounts: Accounts
    passkeys: Passkeys
    losses: Losses
    classification: ClassificationService
    editions: EditionDesk
    remapping: Remapping
    erasure: Erasure
    pool: PoolParts
    appointment: AppointmentParts
    blacklist: StandingService
    feeds: FeedDesk
    cases: CaseService
    draw: DrawRooms
    outside: ListParts
    record: RecordParts
    rooms: RoomService
    media_book: MediaBook
    media: MediaDesk | None
    recordings: Recordings
    ratings: RatingService
    demo: DemoAccounts
    jobs: Jobs

    def move_in(self, app: FastAPI) -> None:
        """Hang every service where the routes look for it."""
        state = app.state
        state.house = self
        state.settings, state.clock, state.stamp = self.settings, self.clock, self.stamp
        state.demonstration, state.overlay = self.stamp.demonstration, self.overlay
        state.database, state.books, state.accounts = self.database, self.books, self.accounts
        state.passkeys, state.losses = self.passkeys, self.losses
        state.classification, state.blacklist = self.classification, self.blacklist
        state.feed_desk = self.feeds
        state.credit_records = build_credit_records(self.books, self.pool, self.blacklist)
        state.lists, state.list_desk = self.outside.lists, self.outside.desk
        state.cases = self.cases
        state.editions, state.remapping = self.editions, self.remapping
        state.pool, state.pool_desk = self.pool.pool, self.pool.desk
        state.appointments, state.profiles = self.appointment.desk, self.appointment.profiles
        state.draws, state.holders = self.draw.draws, self.draw.holders
        state.publisher, state.parties = self.draw.publisher, self.draw.parties
        state.log, state.certificates = self.draw.log, self.draw.certificates
        state.verifier_sha256 = verifier_sha256()
        state.vault, state.snapshots = self.draw.vault, self.draw.snapshots
        state.supervision, state.rebuilder = self.draw.supervision, self.draw.rebuilder
        state.hats, state.erasure = self.draw.hats, self.erasure
        self.record.move_in(app)
        state.standing_watch = self.draw.standing_watch
        state.rooms, state.demo = self.rooms, self.demo
        state.media_book, state.media = self.media_book, self.media
        state.recordings = self.recordings
        state.ratings = self.ratings
        state.papers = Papers(self.draw.draws.record, self.draw.vault.seats, self.rooms)
        state.watch = Watch(self.draw.draws.record, self.rooms, self.accounts, self.media_book)
        state.attempts, state.hashing = Attempts(), CapacityLimiter(HASHING_AT_ONCE)

    def close(self) -> None:
        """Write what waits to be written, and give files back."""
        self.media_book.close()
        self.outside.close()
        self.pool.close()
        self.database.close()


def build_house(
    settings: Settings,
    *,
    demonstration: bool | None,
    clock: Clock | None = None,
    hasher: PasswordHash | None = None,
) -> House:
    """Open the folder of `settings` and wire every service to it.

    Args:
        demonstration: what the caller wants to serve; the stamp must agree. None: as stamped.
        hasher: a faster password hash, for tests.

    Raises:
        StampDiffers, OriginDiffers, OriginNeeded, OverlayIsForDemonstration: the folder or
            the settings say otherwise.
        DatabaseUnreachable, DatabaseUnfit, SchemaBehind, SchemaAhead, SchemaForeign: a database
            is away or not for this program.
    """
    make_home(settings.home)
    with ExitStack() as refused:
        stores = databases(settings)
        for one in stores.values():
            refused.callback(one.close)
            one.check()
        house = _built(settings, stores, demonstration, clock or SystemClock(), hasher)
        refused.pop_all()
    return house


def _built(
    settings: Settings,
    stores: Mapping[Chain, Database],
    demonstration: bool | None,
    clock: Clock,
    hasher: PasswordHash | None,
) -> House:
    """The house on its databases, each fit for this program first."""
    database, vault = stores[MAIN], stores[VAULT]
    fit(database, MAIN, demonstration=demonstrates(database, otherwise=bool(demonstration)))
    stamp = agree(read_stamp(database), demonstration=demonstration, origin=settings.log_origin)
    overlay = overlay_for(settings, stamp)
    fit(vault, VAULT, demonstration=stamp.demonstration)
    keys = KeyRing(settings.keys)
    signer = LogSigner(stamp.origin, keys.signing("log"))
    books = Books(database, clock, signer)
    put(books, stamp)
    classification = ClassificationService.load(settings.classification)
    editions = EditionDesk(books, classification)
    pool = build_pool(settings, vault, books, classification, clock)
    sealed = Vault(pool.vault_database, pool.vault_keys, pool.persons, clock)
    accounts = Accounts(books, keys, hasher, None if stamp.demonstration else sealed)
    accounts.mark_experts()
    passkeys = Passkeys(books, keys, accounts)
    blacklist = StandingService(
        books, clock, overlay, knows=pool.pool.has, same_person=accounts.same_person
    )
    appointment = build_appointment(
        settings,
        pool=pool,
        books=books,
        classification=classification,
        overlay=overlay,
        status_of=lambda one: str(blacklist.standing(one).status),
        same_person=accounts.same_person,
    )
    blacklist.faults = appointment.faults
    cases = CaseService(
        books,
        blacklist,
        overlay,
        SealedFiles(settings.files / "cases", keys.secret("case-documents")),
        same_person=accounts.same_person,
    )
    draw = build_draw_engine(
        books=books,
        signer=signer,
        overlay=overlay,
        operator=settings.operator or stamp.operator,
        pool=pool.pool,
        classification=classification,
        vault=sealed,
        standings=blacklist.reasons,
        profiles=appointment.marks,
        standing=blacklist.standing,
        changes=blacklist.changes,
    )
    feeds = build_feeds(
        books, signer, pool, blacklist, draw.log.size, demonstration=stamp.demonstration
    )
    outside = build_lists(books, clock, pool, blacklist, draw.vault.seats)
    pool.importer.outside = outside.lists.crosscheck.hits
    appointment.desk.outside = outside_of(outside.lists, feeds.matches)
    remapping = Remapping(books, pool.pool, classification)
    remapping.after = draw.snapshots.take
    erasure = Erasure(
        pool.pool,
        pool.persons,
        draw.vault.seats,
        clock,
        has_left=lambda one: blacklist.standing(one).status is Status.EXITED,
        forget=accounts.forget_person,
    )
    record = build_record(
        books=books,
        keys=keys,
        pool=pool,
        standing=blacklist,
        cases=cases,
        draw=draw,
        erasure=erasure,
        sender=settings.operator or stamp.operator,
        demonstration=stamp.demonstration,
    )
    rooms = RoomService(
        books,
        keys=keys,
        accounts=accounts,
        committee=DrawCommittee(draw.draws),
        overlay=overlay,
        files=Files(settings.files),
        demonstration=stamp.demonstration,
        may_serve=lambda expert: blacklist.standing(expert).may_keep_seat,
    )
    draw.unfit.checked_in = rooms.has_checked_in
    media_book = MediaBook(books)
    recordings = Recordings(settings.recordings_folder, keys, media_book, accounts, clock)
    media = build_media(
        settings,
        overlay,
        media_book,
        rooms.hub,
        clock,
        keys=keys,
        archive=recordings.archive,
    )
    ratings = build_ratings(
        books, keys.fields("ratings"), overlay, RatedEvaluations(books, draw, rooms), cases
    )
    accounts.on_revoked(rooms.hub.revoked)
    draw.draws.evaluation_of = partial(evaluation_of, books)
    draw.draws.is_representative = accounts.is_representative
    ticks: dict[str, Tick] = {
        "standing": blacklist.tick,
        "cases": cases.tick,
        "unfit": draw.unfit.tick,
        "ratings": ratings.tick,
        "feeds": share_credentials(feeds, record.consents),
        "crosscheck": outside.desk.check_if_due,
        "profiles": appointment.profiles.remind,
    }
    if media is not None:
        rooms.unseen = media.desk.unseen
        ticks["presence"] = media.checks.tick
    return House(
        settings=settings,
        clock=clock,
        stamp=stamp,
        overlay=overlay,
        database=database,
        keys=keys,
        books=books,
        accounts=accounts,
        passkeys=passkeys,
        losses=Losses(books, accounts, passkeys),
        classification=classification,
        editions=editions,
        remapping=remapping,
        erasure=erasure,
        pool=pool,
        appointment=appointment,
        blacklist=blacklist,
        cases=cases,
        feeds=feeds,
        draw=draw,
        outside=outside,
        record=record,
        rooms=rooms,
        media_book=media_book,
        media=media.desk if media else None,
        recordings=recordings,
        ratings=ratings,
        demo=DemoAccounts(accounts, draw.vault),
        jobs=jobs_of(books, draw, rooms, ticks),
    )


def jobs_of(
    books: Books, draw: DrawRooms, rooms: RoomService, standing: Mapping[str, Tick]
) -> Jobs:
    """What happens by itself: checkpoints, draws and their notices, rooms, the outbox."""
    jobs = Jobs(books.clock)
    outbox, inbox = Outbox(books), InboxAlone()

    def sign_checkpoint(_now: datetime) -> None:
        if books.size():
            books.checkpoint()

    def deliver(_now: datetime) -> None:
        outbox.deliver(inbox)

    jobs.every("checkpoint", sign_checkpoint)
    jobs.every("snapshots", draw.draws.take_snapshot)
    jobs.every("draws", draw.draws.tick)
    jobs.every("rooms", rooms.tick)
    for name, tick in standing.items():
        jobs.every(name, tick)
    jobs.every("outbox", deliver)
    books.subscribe(partial(wake_unless_media, jobs))
    return jobs


def wake_unless_media(jobs: Jobs, entries: Sequence[Entry]) -> None:
    """Wake the jobs for news; a recording writes several facts a second on which none hangs."""
    if not entries or any(not one.stream.startswith(MEDIA) for one in entries):
        jobs.wake(entries)


def evaluation_of(books: Books, draw_id: str) -> str | None:
    """The evaluation that a draw leads to: the draw engine lies below rooms and can't ask."""
    with books.read() as book:
        wanted = select(EvaluationRow.id).where(EvaluationRow.draw_id == draw_id)
        return book.db.exec(wanted).first()


def databases(settings: Settings) -> dict[Chain, Database]:
    """The main database and the vault's, not yet opened, under the chain of each."""
    return {
        MAIN: Database(settings.main_store),
        VAULT: Database(settings.vault_store, VAULT.metadata),
    }


def make_home(home: Path) -> None:
    """The folder of everything, for its owner's eyes only."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)


def overlay_for(settings: Settings, stamp: Stamp) -> Overlay:
    """The local values in force.

    A demonstration that names none gets the short windows of the demonstration overlay.

    Raises:
        OverlayIsForDemonstration: a real service names them.
    """
    named = settings.overlay
    if stamp.demonstration and named == "national":
        named = "demonstration"
    overlay = load_overlay(named)
    if overlay.demonstration and not stamp.demonstration:
        raise OverlayIsForDemonstration
    return overlay
