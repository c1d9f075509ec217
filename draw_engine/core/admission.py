"""May this request be drawn at all? A dry run before the freeze.

16384 attempts under the bare hash of M; all count, none stops the run. At least 16 feasible
ones and the request is admitted: then the real draw fails with a probability of e^-1000. The
same run shows the supervisor what chance each hat, region and size of employer has.

Needs NumPy, hence apart from what the verifier imports. Words have 128 bits: they are
multiplied in four limbs of 32 bits, so every position is exact.

Source: SPEC.md section 3; tests/vectors/bdp1.json `dry_accepted`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from draw_engine.core.errors import NotAdmitted
from draw_engine.core.masking import Members
from draw_engine.core.selection import CommitteeRules, Hat, Keystream, Member
from foundation.digest import sha256

DRY_ATTEMPTS: Final = 16_384
ACCEPTED_MIN: Final = 16

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Chance:
    """How often a group of experts won a seat in the feasible dry attempts.

    `experts` counts different people; each of them expects `won / (experts * accepted)` seats.
    """

    experts: int
    won: int

    def each(self, accepted: int) -> float:
        """Expected seats of one expert in one draw; 0 where nothing was accepted."""
        return self.won / (self.experts * accepted) if accepted and self.experts else 0.0


@dataclass(frozen=True, slots=True)
class Admission:
    """What the dry run found.

    `tightest` names the rule whose single removal raises `accepted` most: `org_cap`,
    `regions[i]` or `equal_tags`. `hats` go by slot, `regions` by province, `employers` by
    how many candidates the employer has in all hats together.
    """

    accepted: int
    tightest: str
    without: Mapping[str, int]
    hats: Mapping[int, Chance]
    regions: Mapping[int, Chance]
    employers: Mapping[int, Chance]

    @property
    def admitted(self) -> bool:
        """Whether the request may be frozen."""
        return self.accepted >= ACCEPTED_MIN

    def require(self) -> None:
        """Make sure that the request may be frozen.

        Raises:
            NotAdmitted: it may not; carries the tightest rule.
        """
        if not self.admitted:
            raise NotAdmitted(tightest=self.tightest)


def dry_key(m: bytes) -> bytes:
    """The key of the dry run: the bare hash, no HKDF; 32 bytes."""
    return sha256(b"BDP1/dry\0", m)


def dry_run(
    m: bytes, hats: Sequence[Hat], rules: CommitteeRules, keep: Sequence[Member] = ()
) -> Admission:
    """Try 16384 attempts and count the feasible ones.

    Args:
        m: the hash of the manifest, 32 bytes.
        hats: whole hats, in manifest order.
        rules: of the manifest.
        keep: members kept from an earlier draw.
    """
    table = _Table(hats, keep)
    rows = table.rows(_attempts(dry_key(m), [(len(h.members), h.seats) for h in hats]))
    objections = _objections(table, rows, rules)
    blocked = sum(objections.values(), np.zeros(DRY_ATTEMPTS, np.int64))
    feasible = blocked == 0
    accepted = int(feasible.sum())
    without = {name: int((blocked == flags).sum()) for name, flags in objections.items()}
    return Admission(
        accepted=accepted,
        tightest=max(without, key=without.__getitem__),  # the first of equals, in this order
        without=without,
        **table.chances(rows[feasible], hats),
    )


class _Table:
    """All members of all hats by number; the same person in two hats has one number."""

    def __init__(self, hats: Sequence[Hat], keep: Sequence[Member]) -> None:
        columns = [hat.members for hat in hats if isinstance(hat.members, Members)]
        if len(columns) == len(hats) and not keep and hats:
            self._take_columns(columns)
        else:
            self._take_members(hats, keep)

    def _take_columns(self, hats: Sequence[Members]) -> None:
        """Hats of one draw: a place is a person, and no two persons have one tag."""
        every = hats[0].every
        self.hats = [members.at.astype(np.int64) for members in hats]
        self.org = np.unique(every.group, return_inverse=True)[1].astype(np.int64)
        self.tag = np.arange(len(every))
        self.region = every.region.astype(np.int64)
        self.keep = np.empty(0, np.int64)

    def _take_members(self, hats: Sequence[Hat], keep: Sequence[Member]) -> None:
        people: dict[Member, int] = {}

        def numbers(members: Iterable[Member]) -> Ints:
            return np.array([people.setdefault(p, len(people)) for p in members], np.int64)

        self.keep = numbers(keep)
        self.hats = [numbers(hat.members[at] for at in range(len(hat.members))) for hat in hats]
        orgs: dict[bytes, int] = {}
        tags: dict[bytes, int] = {}
        self.org = np.array([orgs.setdefault(p.org, len(orgs)) for p in people], np.int64)
        self.tag = np.array([tags.setdefault(p.tag, len(tags)) for p in people], np.int64)
        self.region = np.array([p.region for p in people], np.int64)

    def rows(self, positions: list[Ints]) -> Ints:
        """Numbers of the members of each attempt, kept ones first; shape (attempts, all)."""
        kept = np.broadcast_to(self.keep, (DRY_ATTEMPTS, len(self.keep)))
        picks = [hat[at] for hat, at in zip(self.hats, positions, strict=True)]
        return np.concatenate([kept, *picks], axis=1)

    def chances(self, rows: Ints, hats: Sequence[Hat]) -> dict[str, dict[int, Chance]]:
        """Seats won in feasible attempts, by hat, province and size of employer."""
        drawn = rows[:, len(self.keep) :]
        sat = np.bincount(drawn.ravel(), minlength=len(self.tag))
        pool = np.unique(np.concatenate(self.hats))
        employed = np.bincount(self.org[pool], minlength=int(self.org.max(initial=0)) + 1)
        return {
            "hats": {
                slot: Chance(len(hat.members), len(rows) * hat.seats)
                for slot, hat in enumerate(hats)
            },
            "regions": _grouped(self.region[pool], sat[pool]),
            "employers": _grouped(employed[self.org[pool]], sat[pool]),
        }


def _grouped(groups: Ints, won: Ints) -> dict[int, Chance]:
    names, inverse, counts = np.unique(groups, return_inverse=True, return_counts=True)
    sums = np.zeros(len(names), np.int64)
    np.add.at(sums, inverse, won)
    return {int(n): Chance(int(c), int(s)) for n, c, s in zip(names, counts, sums, strict=True)}


def _objections(table: _Table, rows: Ints, rules: CommitteeRules) -> dict[str, Ints]:
    """For each rule, 1 where it forbids the attempt; in the order in which ties are broken."""
    found = {"org_cap": _repeated(table.org[rows], rules.org_cap)}
    for number, rule in enumerate(rules.regions):
        wanted = np.array(sorted(rule.regions), np.int64)
        inside = np.isin(table.region, wanted)[rows].sum(axis=1)
        found[f"regions[{number}]"] = (inside < rule.low) | (inside > rule.high)
    found["equal_tags"] = _repeated(table.tag[rows], 1)
    return {name: flags.astype(np.int64) for name, flags in found.items()}


def _repeated(values: Ints, most: int) -> Flags:
    """Whether some value stands in the row more than `most` times."""
    if most >= values.shape[1]:
        return np.zeros(len(values), np.bool_)
    ordered = np.sort(values, axis=1)
    repeated: Flags = (ordered[:, most:] == ordered[:, : values.shape[1] - most]).any(axis=1)
    return repeated


def _attempts(key: bytes, sizes: Sequence[tuple[int, int]]) -> list[Ints]:
    """Positions of all dry attempts; for each slot an array of shape (attempts, seats)."""
    seats = sum(count for _, count in sizes)
    data = Keystream(key).next_bytes(DRY_ATTEMPTS * seats)
    limbs = np.frombuffer(data, ">u4").astype(np.uint64).reshape(DRY_ATTEMPTS, seats, 4)
    picks, seat = [], 0
    for size, count in sizes:
        picks.append(_distinct(limbs[:, seat : seat + count], size))
        seat += count
    return picks


def _distinct(limbs: NDArray[np.uint64], size: int) -> Ints:
    """The same as `selection.pick_distinct`, for all attempts at once."""
    attempts, count, _ = limbs.shape
    picks = np.empty((attempts, count), np.int64)
    for t in range(count):
        x = _scaled(limbs[:, t], size - t)
        for earlier in np.sort(picks[:, :t], axis=1).T:
            x += x >= earlier
        picks[:, t] = x
    return picks


def _scaled(limbs: NDArray[np.uint64], size: int) -> Ints:
    """floor(word * size / 2^128), exact for sizes below 2^32; limbs are most significant first."""
    carry = np.zeros(len(limbs), np.uint64)
    factor, shift = np.uint64(size), np.uint64(32)
    for limb in (3, 2, 1, 0):
        carry = (limbs[:, limb] * factor + carry) >> shift
    return carry.astype(np.int64)
