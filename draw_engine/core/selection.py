"""The choice itself: the first feasible attempt, and the next feasible ticket.

Primary draw: whole committees are tried, each uniformly among all, until one satisfies every
rule; so each feasible committee is equally likely, whatever the order of slots or seats.
Supplementary draw: the hat's positions in the order of their tickets, always from the head.

A hat is anything with a length and members by position. The vault gives whole hats, the
verifier only opened positions; both walk the same code.

Source: SPEC.md sections 6 and 7; tests/vectors/bdp1.json `attempt`, `positions`,
`supplementary`.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CTR

from draw_engine.core.errors import HatExhausted, NoFeasibleCommittee

A_MAX: Final = 2**20
BLOCK: Final = 16
BATCH: Final = 16
"""Attempts whose words are fetched at once; one call for each would cost more than the words."""

Positions = tuple[tuple[int, ...], ...]
"""One tuple of positions for each slot, seats in order."""


class Member(NamedTuple):
    """What the rules see of an expert: two pseudonyms (16 bytes each) and the province."""

    tag: bytes
    org: bytes
    region: int


class HatMembers(Protocol):
    """Members by position; positions count from 0 in tag order."""

    def __len__(self) -> int: ...
    def __getitem__(self, position: int, /) -> Member: ...


@dataclass(frozen=True, slots=True)
class Hat:
    """The experts of one slot in tag order, and how many of them are to sit."""

    members: HatMembers
    seats: int


@dataclass(frozen=True, slots=True)
class RegionRule:
    """At least `low` and at most `high` members from these provinces."""

    regions: frozenset[int]
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class CommitteeRules:
    """What a committee must satisfy as a whole."""

    org_cap: int
    regions: tuple[RegionRule, ...] = ()
    a_max: int = A_MAX

    def allow(self, members: Collection[Member]) -> bool:
        """Whether these members, kept ones included, may form the committee."""
        return not self.forbid(members, len(members))

    def forbid(self, members: Collection[Member], total: int) -> bool:
        """Whether these members alone make every committee of `total` infeasible.

        With all members given it is the opposite of `allow`; with some of them it is what
        the verifier of a rejected attempt may conclude from the opened positions.
        """
        if len({member.tag for member in members}) < len(members):
            return True
        if len(members) > self.org_cap:
            orgs = Counter(member.org for member in members)
            if max(orgs.values()) > self.org_cap:
                return True
        return any(_region_forbids(rule, members, total) for rule in self.regions)


@dataclass(frozen=True, slots=True)
class Committee:
    """The first feasible attempt (from 0) and its positions, slot by slot."""

    attempt: int
    positions: Positions


@dataclass(frozen=True, slots=True)
class Replacement:
    """The position that takes the seat, and those passed over before it, in ticket order."""

    position: int
    drawn: tuple[int, ...]
    infeasible: tuple[int, ...]


class Keystream:
    """AES-256 in counter mode as a row of 128-bit words; word b = AES(key, b)."""

    __slots__ = ("_cipher", "_key")

    def __init__(self, key: bytes) -> None:
        self._key = AES256(key)
        self._cipher = Cipher(self._key, CTR(bytes(BLOCK))).encryptor()

    def next(self, count: int) -> list[int]:
        """The next `count` words as unsigned integers."""
        data = self.next_bytes(count)
        return [int.from_bytes(data[at : at + BLOCK], "big") for at in range(0, len(data), BLOCK)]

    def next_bytes(self, count: int) -> bytes:
        """The next `count` words as they come: 16 bytes each, big-endian."""
        return self._cipher.update(bytes(BLOCK * count))


def attempts(key: bytes, sizes: Sequence[tuple[int, int]]) -> Iterator[Positions]:
    """The positions of attempt 0, 1, 2 … without end.

    Args:
        key: 32 bytes.
        sizes: (n, seats) of each slot in manifest order.
    """
    stream = Keystream(key)
    seats = sum(count for _, count in sizes)
    while True:
        words = stream.next(seats * BATCH)
        at = 0
        for _ in range(BATCH):
            attempt = []
            for size, count in sizes:
                attempt.append(pick_distinct(words[at : at + count], size))
                at += count
            yield tuple(attempt)


def pick_distinct(words: Sequence[int], size: int) -> tuple[int, ...]:
    """One position for each word, all distinct, uniform among `size` positions.

    Raises:
        ValueError: more words than positions.
    """
    if len(words) > size:
        raise ValueError("a hat needs at least as many members as seats")
    picks: list[int] = []
    ordered: list[int] = []
    for word in words:
        x = (word * (size - len(picks))) >> 128
        for earlier in ordered:  # ascending: count only positions that are still free
            if x >= earlier:
                x += 1
        picks.append(x)
        ordered.append(x)
        ordered.sort()
    return tuple(picks)


def committee(
    key: bytes, hats: Sequence[Hat], rules: CommitteeRules, keep: Sequence[Member] = ()
) -> Committee:
    """The first feasible committee (评标委员会) that the key yields.

    Pure: whoever holds the opened positions computes the same committee.

    Args:
        key: 32 bytes, `shares.primary_key(...)` of the frozen manifest.
        hats: one for each slot, in manifest order.
        rules: of the manifest.
        keep: members kept from an earlier draw; they count for the rules, not for seats.

    Raises:
        NoFeasibleCommittee: `rules.a_max` attempts, none feasible.
    """
    sizes = [(len(hat.members), hat.seats) for hat in hats]
    for number, positions in zip(range(rules.a_max), attempts(key, sizes), strict=False):
        if rules.allow([*keep, *members_at(hats, positions)]):
            return Committee(number, positions)
    raise NoFeasibleCommittee(attempts=rules.a_max)


def members_at(hats: Sequence[Hat], positions: Positions) -> list[Member]:
    """The members at these positions, in seat order (slots in order, seats within)."""
    return [
        hat.members[position]
        for hat, picks in zip(hats, positions, strict=True)
        for position in picks
    ]


def ticket_order(key: bytes, size: int) -> list[int]:
    """All positions of a hat by ascending ticket. AES is a permutation, so tickets differ."""
    data = Keystream(key).next_bytes(size)
    tickets = [data[at : at + BLOCK] for at in range(0, len(data), BLOCK)]
    return sorted(range(size), key=tickets.__getitem__)


def replacement(
    key: bytes,
    hat: HatMembers,
    incumbents: Sequence[Member],
    drawn: Collection[bytes],
    rules: CommitteeRules,
) -> Replacement:
    """Who takes a vacated seat: the first ticket with which the committee is feasible.

    Args:
        key: 32 bytes, `shares.step_key(...)` or `shares.list_key(...)`.
        hat: the hat of the seat's slot.
        incumbents: kept members and all seated ones except the one who leaves now.
        drawn: tags of everybody seated so far in any slot, kept members included.
        rules: of the manifest.

    Raises:
        HatExhausted: nobody in the hat fits.
    """
    was_drawn: list[int] = []
    infeasible: list[int] = []
    for position in ticket_order(key, len(hat)):
        candidate = hat[position]
        if candidate.tag in drawn:
            was_drawn.append(position)
        elif rules.allow([*incumbents, candidate]):
            return Replacement(position, tuple(was_drawn), tuple(infeasible))
        else:
            infeasible.append(position)
    raise HatExhausted


@dataclass(slots=True)
class Seating:
    """Who sits where as declines come in; a seat is vacant only in its own step.

    `places` holds (slot, position) of each seat; seats count from 0 through all slots.
    """

    hats: Sequence[Hat]
    rules: CommitteeRules
    keep: tuple[Member, ...]
    places: list[tuple[int, int]]
    drawn: set[bytes] = field(default_factory=set)

    @classmethod
    def first(
        cls,
        hats: Sequence[Hat],
        rules: CommitteeRules,
        positions: Positions,
        keep: Sequence[Member] = (),
    ) -> "Seating":
        """The seating after the primary draw."""
        places = [(slot, position) for slot, row in enumerate(positions) for position in row]
        seating = cls(hats, rules, tuple(keep), places)
        seating.drawn = {member.tag for member in seating.members()}
        return seating

    def members(self) -> list[Member]:
        """Kept members, then the one in each seat."""
        return [*self.keep, *(self.hats[slot].members[at] for slot, at in self.places)]

    def replace(self, seat: int, key: bytes) -> Replacement:
        """Fill the seat anew and remember it.

        Args:
            seat: the seat whose member declined, from 0.
            key: the ticket key of the seat's slot in this step.

        Raises:
            HatExhausted: nobody fits; the seating stays as it was.
        """
        slot = self.places[seat][0]
        hat = self.hats[slot].members
        incumbents = self.members()
        del incumbents[len(self.keep) + seat]
        found = replacement(key, hat, incumbents, self.drawn, self.rules)
        self.places[seat] = (slot, found.position)
        self.drawn.add(hat[found.position].tag)
        return found


def slot_of(seat: int, seats: Sequence[int]) -> int:
    """The slot of a seat, given the seats of each slot.

    Raises:
        IndexError: no such seat.
    """
    for slot, count in enumerate(seats):
        if seat < count:
            return slot
        seat -= count
    raise IndexError(seat)


def _region_forbids(rule: RegionRule, members: Collection[Member], total: int) -> bool:
    inside = sum(member.region in rule.regions for member in members)
    return inside > rule.high or len(members) - inside > total - rule.low
