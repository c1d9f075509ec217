"""What a supervisor should look at first: counts of each requester against all the others'.

A table of kinds, a base rate from everybody else, a tail, an order. Nothing here knows a
name, a score or who sat where; and nothing here is a verdict.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from evaluation_room.core.oddness import (
    BANDS,
    Limits,
    bars,
    is_alarm,
    limits,
    pooled,
    tail,
)

LEAST_BASE: Final = 20
"""Fewer cases of all others are no base to compare with."""
SHOWN: Final = 1 / 20
"""Whatever is likelier than this is nothing rare."""
GRID: Final = 40


class Kind(StrEnum):
    """What is counted. Each is a share: cases of so many."""

    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    NO_COMMITTEE = "no_committee"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Seen:
    """One draw, as far as the board counts it.

    Attributes:
        invited: how often a seat of it was offered to somebody.
        causes: decline class -> how often a seat fell vacant for it.
        over: it has ended, with or without a committee.
        fruitless: it has ended without one.
    """

    draw_id: str
    requester: str
    invited: int
    causes: Mapping[str, int]
    over: bool
    fruitless: bool


@dataclass(frozen=True, slots=True)
class Filings:
    """Requests of one requester: admitted to a draw, and refused at once."""

    admitted: int
    refused: int


@dataclass(frozen=True, slots=True)
class Share:
    """`k` cases of `n`."""

    k: int
    n: int

    @property
    def rate(self) -> float:
        """The share; 0 of nothing."""
        return self.k / self.n if self.n else 0.0


@dataclass(frozen=True, slots=True)
class Odd:
    """A share that is rare: `others` is the share of everybody else, `chance` the tail."""

    kind: Kind
    requester: str
    share: Share
    others: Share
    chance: float
    bars: int
    alarm: bool
    draws: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """A requester on the funnel plot; `outside` the wider band or not."""

    requester: str
    share: Share
    outside: bool


@dataclass(frozen=True, slots=True)
class Band:
    """Both bands at one number of invitations."""

    n: int
    inner: Limits
    outer: Limits


@dataclass(frozen=True, slots=True)
class Board:
    """The rare ones first, how many checks were made, and the plot of declines."""

    odd: tuple[Odd, ...]
    checks: int
    mean: Share
    points: tuple[Point, ...]
    bands: tuple[Band, ...]


COUNTS: Final[Mapping[Kind, Callable[[Seen], Share]]] = MappingProxyType(
    {
        Kind.DECLINED: lambda draw: Share(draw.causes.get("refused", 0), draw.invited),
        Kind.UNREACHABLE: lambda draw: Share(draw.causes.get("unreachable", 0), draw.invited),
        Kind.NO_COMMITTEE: lambda draw: Share(int(draw.fruitless), int(draw.over)),
    }
)
"""What a draw adds to each count."""


def board(draws: Sequence[Seen], filings: Mapping[str, Filings]) -> Board:
    """Everything that is compared, the rarest first.

    Args:
        draws: of the time that is looked at.
        filings: requester -> requests in the same installation.
    """
    checks: list[Odd] = []
    for kind, count in COUNTS.items():
        checks += _compared(kind, _by_requester(draws, count), draws, count)
    refused = {who: Share(one.refused, one.refused + one.admitted) for who, one in filings.items()}
    checks += _compared(Kind.REFUSED, refused, draws, None)
    ranked = sorted(checks, key=lambda odd: (odd.chance, odd.kind, odd.requester))
    rare = [odd for odd in ranked if odd.chance <= SHOWN]
    # one red thing at most: whoever cries at everything is not heard
    first = [replace(odd, alarm=is_alarm(odd.chance, len(checks))) for odd in rare[:1]]
    declined = _by_requester(draws, COUNTS[Kind.DECLINED])
    mean = _sum(declined.values())
    points, bands = _funnel(declined, mean)
    return Board((*first, *rare[1:]), len(checks), mean, points, bands)


def _compared(
    kind: Kind,
    shares: Mapping[str, Share],
    draws: Sequence[Seen],
    count: Callable[[Seen], Share] | None,
) -> Iterator[Odd]:
    """One check for each requester whom the others give a base to compare with."""
    whole = _sum(shares.values())
    for requester, share in sorted(shares.items()):
        others = Share(whole.k - share.k, whole.n - share.n)
        if not share.n or others.n < LEAST_BASE:
            continue
        chance = tail(share.k, share.n, pooled(others.k, others.n))
        behind = tuple(
            draw.draw_id
            for draw in draws
            if count is not None and draw.requester == requester and count(draw).k
        )
        yield Odd(kind, requester, share, others, chance, bars(chance), False, behind)


def _funnel(shares: Mapping[str, Share], mean: Share) -> tuple[tuple[Point, ...], tuple[Band, ...]]:
    """Shares of declines by number of invitations, and the bands around the mean of all."""
    most = max((share.n for share in shares.values()), default=0)
    if not most:
        return (), ()
    grid = sorted({max(1, round(most * step / GRID)) for step in range(1, GRID + 1)})
    inner, outer = BANDS
    bands = tuple(Band(n, limits(n, mean.rate, inner), limits(n, mean.rate, outer)) for n in grid)
    points = []
    for requester, share in sorted(shares.items()):
        if share.n:
            edge = limits(share.n, mean.rate, outer)
            outside = not edge.low <= share.rate <= edge.high
            points.append(Point(requester, share, outside))
    return tuple(points), bands


def _by_requester(draws: Iterable[Seen], count: Callable[[Seen], Share]) -> dict[str, Share]:
    found: dict[str, Share] = {}
    for draw in draws:
        found[draw.requester] = _sum((found.get(draw.requester, Share(0, 0)), count(draw)))
    return found


def _sum(shares: Iterable[Share]) -> Share:
    every = list(shares)
    return Share(sum(one.k for one in every), sum(one.n for one in every))
