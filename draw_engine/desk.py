"""What routes take from the application, by type; nothing else reaches into its state."""

from datetime import timedelta
from typing import Annotated, cast

from fastapi import Depends, Request

from blacklist.service import StandingService
from classification.service import ClassificationService
from draw_engine.certificate import Certificates
from draw_engine.core.draw_state import Draw
from draw_engine.expert_pool import ExpertPool
from draw_engine.holder_duties import HolderDuties
from draw_engine.own_hats import OwnHats
from draw_engine.parties import Parties
from draw_engine.publish import Publisher
from draw_engine.published_log import PublishedLog
from draw_engine.rebuild import Rebuilder
from draw_engine.record import Record
from draw_engine.schemas import CheckpointOut, DrawOut
from draw_engine.service import DrawService
from draw_engine.standing_watch import StandingWatch
from draw_engine.supervision import Supervision
from foundation.auth.accounts import Accounts
from foundation.ledger.book import Books
from foundation.settings import Settings


class Desk:
    """The services behind one request."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._state = request.app.state

    @property
    def draws(self) -> DrawService:
        """Use cases of draws."""
        return cast(DrawService, self._state.draws)

    @property
    def record(self) -> Record:
        """Streams and rows of draws."""
        return self.draws.record

    @property
    def books(self) -> Books:
        """The ledger."""
        return self.record.books

    @property
    def holders(self) -> HolderDuties:
        """The holders' side."""
        return cast(HolderDuties, self._state.holders)

    @property
    def parties(self) -> Parties:
        """Registered holders and the policy."""
        return self.draws.parties

    @property
    def publisher(self) -> Publisher:
        """Bundles."""
        return cast(Publisher, self._state.publisher)

    @property
    def certificates(self) -> Certificates:
        """Paper about unsealed draws."""
        return cast(Certificates, self._state.certificates)

    @property
    def verifier_sha256(self) -> str:
        """SHA-256 of the off-line verifier that this installation gives; empty if none."""
        return cast(str, self._state.verifier_sha256)

    @property
    def origin(self) -> str:
        """Where browsers reach the service, without a slash at the end."""
        named = cast(Settings, self._state.settings).public_origin
        return (named or str(self._request.base_url)).rstrip("/")

    @property
    def log(self) -> PublishedLog:
        """What outsiders see of the log."""
        return cast(PublishedLog, self._state.log)

    @property
    def supervision(self) -> Supervision:
        """What supervisors see."""
        return cast(Supervision, self._state.supervision)

    @property
    def rebuilder(self) -> Rebuilder:
        """The supervisor's recomputation."""
        return cast(Rebuilder, self._state.rebuilder)

    @property
    def hats(self) -> OwnHats:
        """What an expert sees of draws that are over."""
        return cast(OwnHats, self._state.hats)

    @property
    def standing_watch(self) -> StandingWatch:
        """Changes of standing around freezes."""
        return cast(StandingWatch, self._state.standing_watch)

    @property
    def accounts(self) -> Accounts:
        """Accounts and their keys."""
        return cast(Accounts, self._state.accounts)

    @property
    def pool(self) -> ExpertPool:
        """Experts without names."""
        return cast(ExpertPool, self._state.pool)

    @property
    def blacklist(self) -> StandingService:
        """Who may serve."""
        return cast(StandingService, self._state.blacklist)

    @property
    def classification(self) -> ClassificationService:
        """The standard and the regions."""
        return cast(ClassificationService, self._state.classification)

    def shown(self, draw_id: str) -> DrawOut:
        """A draw as everybody who may see it sees it."""
        return self.shown_as(self.draws.draw(draw_id))

    def shown_as(self, draw: Draw) -> DrawOut:
        """The wire form of a draw in hand."""
        codes = {code for slot in draw.request.slots for code in slot.codes}
        lead = timedelta(seconds=self.draws.overlay.freeze_lead_seconds)
        return DrawOut.of(
            draw,
            names={code: self.classification.look_up(code).name for code in codes},
            provinces={one.code: one.name for one in self.classification.regions.children()},
            checkpoint=self._checkpoint(draw),
            evaluation_id=self.draws.evaluation_of(draw.id),
            lead=lead,
            overdue=self.draws.abort_overdue(draw),
            left=self.draws.left_by(draw),
        )

    def _checkpoint(self, draw: Draw) -> CheckpointOut | None:
        if draw.freeze_index is None:
            return None
        found = self.record.cosigned(draw.policy, draw.freeze_index)
        checkpoint = self.books.checkpoint_at(found.size) if found else None
        if checkpoint is None:
            return None
        return CheckpointOut(
            size=checkpoint.size,
            root=checkpoint.root.hex(),
            fingerprint=checkpoint.fingerprint,
            cosigned=len(checkpoint.cosigned),
        )


AtDesk = Annotated[Desk, Depends(Desk)]
