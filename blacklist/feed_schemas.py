"""What the doors of sharing take and give."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from blacklist.core.feed import LIST_ENTRY, ListEntry
from blacklist.core.feed_view import Conflict, Line
from blacklist.core.grounds import Kind
from blacklist.feed_matches import Beside, Match
from blacklist.feed_service import PeerState
from blacklist.feed_store import FeedConflictRow, FeedEntryRow
from foundation.digest import parse_canon
from foundation.ids import ExpertId
from foundation.ledger.following import LogPin
from foundation.ledger.signer import fingerprint_of
from foundation.ledger.store import LeafRow, PayloadRow

Words = Annotated[str, Field(min_length=1, max_length=500)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PeerIn(_In):
    """A service to follow: its name here, the line of its log key, its address."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    pin: Annotated[str, Field(min_length=1, max_length=400)]
    address: Annotated[str, Field(min_length=1, max_length=200)]


class ReasonIn(_In):
    """Why."""

    reason: Words


class PayloadOut(BaseModel):
    """The body of an entry of the feed, for a registered peer; null where it was erased."""

    index: int
    at: int
    salt: str | None
    body: str | None

    @classmethod
    def of(cls, leaf: LeafRow, payload: PayloadRow | None) -> Self:
        """Built from both halves of the entry."""
        return cls(
            index=leaf.number,
            at=int(leaf.at.timestamp()),
            salt=payload.salt.hex() if payload else None,
            body=payload.body.decode() if payload else None,
        )


class PayloadsOut(BaseModel):
    """Some entries of the feed, ascending."""

    entries: list[PayloadOut]


class PeerOut(BaseModel):
    """A peer and how it stands; `trouble` is the code of what is in the way, or empty."""

    id: str
    name: str
    origin: str
    address: str
    fingerprint: str
    registered_at: datetime
    withdrawn_at: datetime | None
    withdrawn_reason: str
    size: int
    root: str
    taken: int
    answered_at: datetime | None
    news_at: datetime | None
    trouble: str
    trouble_at: datetime | None
    late: bool

    @classmethod
    def of(cls, state: PeerState) -> Self:
        """Built from the state."""
        peer, watch, pin = state.peer, state.watch, LogPin.read(state.peer.pin)
        return cls(
            id=peer.id,
            name=peer.name,
            origin=pin.origin,
            address=peer.address,
            fingerprint=key_fingerprint(pin),
            registered_at=peer.registered_at,
            withdrawn_at=peer.withdrawn_at,
            withdrawn_reason=peer.withdrawn_reason,
            size=watch.size,
            root=fingerprint_of(watch.root) if watch.size else "",
            taken=state.taken,
            answered_at=watch.answered_at,
            news_at=watch.news_at,
            trouble=watch.trouble,
            trouble_at=watch.trouble_at,
            late=state.late,
        )


class FeedsOut(BaseModel):
    """This service's own line and all its peers.

    `federation` is the name of the key by which persons are recognised, empty without one.
    """

    origin: str
    pin: str
    fingerprint: str
    federation: str
    published: int
    peers: list[PeerOut]


class AlarmOut(BaseModel):
    """Something of a peer that was refused."""

    code: str
    at: datetime
    note: str
    last_good: str


class FeedEntryOut(BaseModel):
    """One entry of a peer's feed; whom it is about is not in it."""

    seq: int
    index: int
    type: str
    id: str
    act: str
    said_at: datetime
    unreadable: str
    withheld: bool
    kind: Kind | None
    ground: str
    deciding_body: str
    starts_on: date | None
    ends_on: date | None

    @classmethod
    def of(cls, row: FeedEntryRow) -> Self:
        """Built from the row."""
        body = parse_canon(row.body) if row.body and not row.unreadable else None
        told = ListEntry.read(body) if isinstance(body, dict) and row.type == LIST_ENTRY else None
        return cls(
            seq=row.seq,
            index=row.position,
            type=row.type,
            id=row.entry_id,
            act=row.act,
            said_at=row.said_at,
            unreadable=row.unreadable,
            withheld=not row.body,
            kind=told.kind if told else None,
            ground=told.ground if told else "",
            deciding_body=told.deciding_body if told else "",
            starts_on=told.starts_on if told else None,
            ends_on=told.ends_on if told else None,
        )


class PeerDetailOut(BaseModel):
    """A peer, its newest entries, and every alarm about it, newest first."""

    peer: PeerOut
    entries: list[FeedEntryOut]
    alarms: list[AlarmOut]


class LineOut(BaseModel):
    """What one service says of one entry now; `who` is empty for this service."""

    who: str
    id: str
    kind: Kind
    ground: str
    basis: str
    deciding_body: str
    starts_on: date
    ends_on: date | None
    state: str
    origin: str

    @classmethod
    def of(cls, line: Line) -> Self:
        """Built from the line."""
        return cls(
            who=line.who,
            id=line.id,
            kind=line.kind,
            ground=line.ground,
            basis=line.basis,
            deciding_body=line.deciding_body,
            starts_on=line.starts_on,
            ends_on=line.ends_on,
            state=line.state.value,
            origin=line.origin,
        )


class MatchOut(BaseModel):
    """A line of a peer about one of ours, and what can be done with it."""

    line: LineOut
    step: str
    measure_id: str
    proposal_id: str
    dismissed: str
    corrects: str

    @classmethod
    def of(cls, match: Match) -> Self:
        """Built from the match."""
        return cls(
            line=LineOut.of(match.line),
            step=match.step,
            measure_id=match.measure_id,
            proposal_id=match.proposal_id,
            dismissed=match.dismissed,
            corrects=match.corrects,
        )


class ConflictOut(BaseModel):
    """Two lines that do not agree, side by side; `reason` where a person has decided."""

    key: str
    clash: str
    one: LineOut
    other: LineOut
    reason: str
    decided_at: datetime | None

    @classmethod
    def of(cls, conflict: Conflict, decided: FeedConflictRow | None) -> Self:
        """Built from the conflict and what was decided on it."""
        return cls(
            key=conflict.key,
            clash=conflict.clash.value,
            one=LineOut.of(conflict.one),
            other=LineOut.of(conflict.other),
            reason=decided.reason if decided else "",
            decided_at=decided.decided_at if decided else None,
        )


class BesideOut(BaseModel):
    """Everything that anybody says of one of our people."""

    expert_id: ExpertId
    own: list[LineOut]
    matches: list[MatchOut]
    conflicts: list[ConflictOut]

    @classmethod
    def of(cls, person: Beside) -> Self:
        """Built from the lines."""
        return cls(
            expert_id=person.expert_id,
            own=[LineOut.of(one) for one in person.own],
            matches=[MatchOut.of(one) for one in person.matches],
            conflicts=[
                ConflictOut.of(one, person.decided.get(one.key)) for one in person.conflicts
            ],
        )


class SharedPeopleOut(BaseModel):
    """Our people of whom others say something, and the names of those others."""

    people: list[BesideOut]
    peers: dict[str, str]


class ProposedOut(BaseModel):
    """What was put forward; another person confirms it."""

    proposal_id: str


def key_fingerprint(pin: LogPin) -> str:
    """What two administrators read to each other: ten characters of the key's hash."""
    return fingerprint_of(pin.fingerprint)
