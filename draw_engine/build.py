"""Wires the parts of the draw engine to each other, bottom up."""

from dataclasses import dataclass
from datetime import timedelta

from classification.service import ClassificationService
from draw_engine.certificate import Certificates
from draw_engine.expert_pool import ExpertPool
from draw_engine.freezing import Freezing, SnapshotKeeper
from draw_engine.holder_duties import HolderDuties
from draw_engine.own_hats import OwnHats
from draw_engine.parties import Parties
from draw_engine.publish import Publisher
from draw_engine.published_log import PublishedLog
from draw_engine.rebuild import Rebuilder
from draw_engine.record import Record
from draw_engine.screening import Profiles, Screening, Standings
from draw_engine.service import DrawService
from draw_engine.standing_watch import Changes, StandingWatch
from draw_engine.supervision import Supervision
from draw_engine.timeline import Timeline
from draw_engine.unfit import StandingOf, Unfit
from draw_engine.vault import Vault
from draw_engine.vault_seats import InboxAlone
from foundation.ledger.book import Books
from foundation.ledger.signer import LogSigner
from foundation.notify.outbox import Channel
from foundation.rulebook.overlay import Overlay


@dataclass(frozen=True, slots=True)
class DrawRooms:
    """What `app` hangs into its state, each under the name it has here."""

    draws: DrawService
    holders: HolderDuties
    publisher: Publisher
    log: PublishedLog
    certificates: Certificates
    parties: Parties
    vault: Vault
    snapshots: SnapshotKeeper
    supervision: Supervision
    rebuilder: Rebuilder
    hats: OwnHats
    unfit: Unfit
    standing_watch: StandingWatch


def build_draw_engine(
    *,
    books: Books,
    signer: LogSigner,
    overlay: Overlay,
    operator: str,
    pool: ExpertPool,
    classification: ClassificationService,
    vault: Vault,
    standings: Standings,
    standing: StandingOf,
    changes: Changes,
    profiles: Profiles | None = None,
    channel: Channel | None = None,
) -> DrawRooms:
    """Every service of the draw engine over one ledger and one vault.

    Args:
        operator: name of the legal body that runs the machine; the vault's body.
        standings: who may not serve at an instant, and for which reason (2 to 5).
        profiles: whose profile is overdue, who worked where, who may serve in which trade.
        standing: the same of one expert, with every reason.
        changes: every act that stopped or freed an expert between two instants.
        channel: where notices go; none: the experts' inbox alone.
    """
    record = Record(books)
    parties = Parties(books, signer, overlay, operator, vault.public_key)
    screening = Screening(pool, classification, standings, overlay, profiles)
    snapshots = SnapshotKeeper(record, pool, vault)
    freezing = Freezing(record, screening, vault, snapshots, overlay)
    timeline = Timeline(record, vault, freezing, overlay, channel or InboxAlone())
    draws = DrawService(
        record=record,
        vault=vault,
        parties=parties,
        screening=screening,
        timeline=timeline,
        overlay=overlay,
        snapshots=snapshots,
    )
    publisher = Publisher(record, vault, snapshots)
    return DrawRooms(
        draws=draws,
        holders=HolderDuties(draws),
        publisher=publisher,
        log=PublishedLog(books, parties),
        certificates=Certificates(record, publisher, classification),
        parties=parties,
        vault=vault,
        snapshots=snapshots,
        supervision=Supervision(record, vault),
        rebuilder=Rebuilder(record, vault, screening, snapshots),
        hats=OwnHats(record, vault, pool, standings),
        unfit=Unfit(draws, standing),
        standing_watch=StandingWatch(
            record, pool, books.clock, changes, timedelta(hours=overlay.change_watch_hours)
        ),
    )
