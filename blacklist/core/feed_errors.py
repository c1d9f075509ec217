"""Refusals of sharing between regions."""

from foundation.errors import Kind, ServiceError


class PeerUnknown(ServiceError):
    """There is no such peer, or it was withdrawn."""

    code = "feed.peer_unknown"
    kind = Kind.NOT_FOUND


class PeerUnfit(ServiceError):
    """Name, address or log of the peer cannot be registered; `member` says which."""

    code = "feed.peer_unfit"
    kind = Kind.INVALID
    rule = "R-PRIN-3"

    def __init__(self, member: str) -> None:
        super().__init__(member=member)


class PeerSilent(ServiceError):
    """The peer does not answer, or has published nothing yet; nothing was lost."""

    code = "feed.peer_silent"
    kind = Kind.UNAVAILABLE


class FeedGap(ServiceError):
    """An entry that the peer's log counts is not shown: the first missing number is `seq`."""

    code = "feed.gap"
    kind = Kind.CONFLICT


class EntryUnreadable(ServiceError):
    """A member of a shared entry is missing or has another form; `member` says which."""

    code = "feed.entry_unreadable"
    kind = Kind.INVALID

    def __init__(self, member: str) -> None:
        super().__init__(member=member)


class NotAPeer(ServiceError):
    """Whoever asks for the entries has not shown the signature of a registered peer."""

    code = "feed.not_a_peer"
    kind = Kind.UNAUTHENTICATED


class MatchUnknown(ServiceError):
    """No entry of that peer is about one of ours under this number."""

    code = "feed.match_unknown"
    kind = Kind.NOT_FOUND


class MatchSettled(ServiceError):
    """A proposal was made of it, or a person has decided against one."""

    code = "feed.match_settled"
    kind = Kind.CONFLICT


class ConflictMoved(ServiceError):
    """The two sides say something else by now; look again before you decide."""

    code = "feed.conflict_moved"
    kind = Kind.CONFLICT
