"""Doors of sharing: peers read, the administrator registers, persons decide."""

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Header, Path, Query, Request

from blacklist.feed_client import ENTRIES
from blacklist.feed_matches import Matches
from blacklist.feed_publisher import MOST_AT_ONCE, Publisher
from blacklist.feed_schemas import (
    AlarmOut,
    BesideOut,
    FeedEntryOut,
    FeedsOut,
    PayloadOut,
    PayloadsOut,
    PeerDetailOut,
    PeerIn,
    PeerOut,
    ProposedOut,
    ReasonIn,
    SharedPeopleOut,
    key_fingerprint,
)
from blacklist.feed_service import FeedService
from foundation.auth.guards import Principal, public, requires
from foundation.auth.roles import Permission

router = APIRouter(tags=["feeds"])


@dataclass(frozen=True, slots=True)
class FeedDesk:
    """The three services behind the doors."""

    feeds: FeedService
    publisher: Publisher
    matches: Matches


def desk_of(request: Request) -> FeedDesk:
    """The services that the application hung up."""
    return cast(FeedDesk, request.app.state.feed_desk)


AtDesk = Annotated[FeedDesk, Depends(desk_of)]
Reader = Annotated[Principal, requires(Permission.LISTS_READ, Permission.FEEDS_MANAGE)]
Manager = Annotated[Principal, requires(Permission.FEEDS_MANAGE)]
Looker = Annotated[Principal, requires(Permission.BLACKLIST_READ)]
Enterer = Annotated[Principal, requires(Permission.BLACKLIST_ENTER, Permission.BLACKLIST_DECIDE)]
Decider = Annotated[Principal, requires(Permission.BLACKLIST_DECIDE)]
PeerId = Annotated[str, Path(max_length=60)]
EntryId = Annotated[str, Path(max_length=100)]


@router.get(
    ENTRIES,
    dependencies=[public("a registered peer signs each request; nobody else gets a body")],
)
def entries(
    request: Request,
    desk: AtDesk,
    since: Annotated[int, Query(ge=0, lt=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_AT_ONCE)] = MOST_AT_ONCE,
    feed_signature: Annotated[str, Header(max_length=600)] = "",
) -> PayloadsOut:
    """Bodies of this service's feed, as far as its log is published."""
    desk.feeds.may_read(feed_signature, f"{request.url.path}?{request.url.query}")
    return PayloadsOut(entries=[PayloadOut.of(*one) for one in desk.publisher.page(since, limit)])


@router.get("/api/feeds")
def feeds(_: Reader, desk: AtDesk) -> FeedsOut:
    """This service's own line, and every peer with its state."""
    own = desk.feeds.own
    return FeedsOut(
        origin=own.origin,
        pin=own.line,
        fingerprint=key_fingerprint(own),
        federation=desk.publisher.federation,
        published=desk.publisher.count(),
        peers=[PeerOut.of(one) for one in desk.feeds.peers()],
    )


@router.post("/api/feeds", status_code=201)
def register(body: PeerIn, who: Manager, desk: AtDesk) -> PeerOut:
    """Follow a service, and let it follow; its key is pinned from now on (R-PRIN-3)."""
    peer = desk.feeds.register(body.name, body.pin, body.address, who.account_id)
    return PeerOut.of(desk.feeds.state(peer.id))


@router.get("/api/feeds/matches")
def matches(_: Looker, desk: AtDesk) -> SharedPeopleOut:
    """What others say of our people, beside what we say."""
    return SharedPeopleOut(
        people=[BesideOut.of(one) for one in desk.matches.all()],
        peers={one.peer.id: one.peer.name for one in desk.feeds.peers()},
    )


@router.post("/api/feeds/conflicts/{key}/decide", status_code=204)
def decide(
    key: Annotated[str, Path(max_length=64)], body: ReasonIn, who: Decider, desk: AtDesk
) -> None:
    """Decide that two lines which do not agree stay as they are."""
    desk.matches.decide(key, body.reason, who.account_id)


@router.get("/api/feeds/{peer_id}")
def peer(peer_id: PeerId, _: Reader, desk: AtDesk) -> PeerDetailOut:
    """One peer: its newest entries and all alarms."""
    return PeerDetailOut(
        peer=PeerOut.of(desk.feeds.state(peer_id)),
        entries=[FeedEntryOut.of(one) for one in desk.feeds.newest(peer_id)],
        alarms=[AlarmOut(**one) for one in desk.feeds.alarms(peer_id)],
    )


@router.post("/api/feeds/{peer_id}/withdraw")
def withdraw(peer_id: PeerId, body: ReasonIn, who: Manager, desk: AtDesk) -> PeerOut:
    """Follow a peer no longer; what was taken stays on record."""
    desk.feeds.withdraw(peer_id, body.reason, who.account_id)
    return PeerOut.of(desk.feeds.state(peer_id))


@router.post("/api/feeds/{peer_id}/follow")
def follow(peer_id: PeerId, _: Reader, desk: AtDesk) -> PeerOut:
    """Look now, and not when the timer comes."""
    state = desk.feeds.follow(peer_id)
    desk.matches.find()
    return PeerOut.of(state)


@router.post("/api/feeds/{peer_id}/entries/{entry_id}/propose", status_code=201)
def propose(peer_id: PeerId, entry_id: EntryId, who: Enterer, desk: AtDesk) -> ProposedOut:
    """Put forward here what a peer has on its list; another person confirms (R-SOD-2)."""
    found = desk.matches.propose(peer_id, entry_id, who.account_id)
    return ProposedOut(proposal_id=found.id)


@router.post("/api/feeds/{peer_id}/entries/{entry_id}/lift", status_code=201)
def lift(peer_id: PeerId, entry_id: EntryId, who: Enterer, desk: AtDesk) -> ProposedOut:
    """Put forward that what follows a peer ends here too; another person confirms."""
    found = desk.matches.propose_lift(peer_id, entry_id, who.account_id)
    return ProposedOut(proposal_id=found.id)


@router.post("/api/feeds/{peer_id}/entries/{entry_id}/dismiss", status_code=204)
def dismiss(peer_id: PeerId, entry_id: EntryId, body: ReasonIn, who: Decider, desk: AtDesk) -> None:
    """Decide that nothing is made of an entry here."""
    desk.matches.dismiss(peer_id, entry_id, body.reason, who.account_id)
