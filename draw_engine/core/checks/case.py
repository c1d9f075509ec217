"""What the checks share: the bundle under question, and what earlier checks made of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Protocol

from draw_engine.core.manifest import Manifest, manifest_hash
from draw_engine.core.policy import Policy
from draw_engine.core.selection import Hat, Member, Positions

BeaconCheck = Callable[[int, str], bool]
"""(round, signature as hex) -> whether the beacon signed that round."""


class Outcome(StrEnum):
    """What became of one check."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not run"
    NOT_CHECKED = "not checked"
    WITHHELD = "withheld"


class Fails(Exception):
    """The check does not hold; the message says where, in a few English words."""


def ensure(holds: bool, where: str) -> None:
    """Fail the running check unless `holds`."""
    if not holds:
        raise Fails(where)


class LogSilent(Exception):
    """The log that was asked on line does not answer: nothing is known, for or against."""


class PublicLog(Protocol):
    """The log on line. Nothing it gives is believed unproved."""

    def checkpoint(self) -> str:
        """Its newest checkpoint, a signed note."""
        ...

    def entries(self, start: int, end: int, size: int) -> list[bytes]:
        """Leaf data start..end-1 of the log of `size`."""
        ...

    def consistency(self, old: int, new: int) -> list[bytes]:
        """The proof that the log of `new` entries begins with that of `old`."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """What the verifying person asked for.

    Args:
        test: accept policy purpose `test`, and only that; any policy will do.
        pinned: hashes of production policies that are trusted.
        beacon: how to check a beacon's signature, if this machine can.
        identities: the bytes of IDENTITIES.json, if given.
        log: the log, if it is to be read on line.
    """

    test: bool = False
    pinned: frozenset[bytes] = frozenset()
    beacon: BeaconCheck | None = None
    identities: bytes | None = None
    log: PublicLog | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A checkpoint after its signatures were judged.

    `times` are those of the counted cosignatures, `bodies` the legal bodies behind them.
    """

    size: int
    root: bytes
    times: tuple[int, ...]
    bodies: frozenset[str]


@dataclass(frozen=True, slots=True)
class Opened:
    """A y_j as the log gives it: the value, and the entries that gave it."""

    value: bytes
    indices: tuple[int, ...]


class OpenedHat:
    """A hat of which only some positions are open; asking for another fails the check."""

    def __init__(self, slot: int, size: int, members: Mapping[int, Member]) -> None:
        self.slot = slot
        self.size = size
        self.members = members

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, position: int) -> Member:
        member = self.members.get(position)
        if member is None:
            raise Fails(f"slot {self.slot} position {position} is not open")
        return member


@dataclass
class Case:
    """One bundle on its way through the checks. Later fields are filled by earlier checks."""

    data: bytes
    asked: Asked
    bundle: dict[str, Any] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    freeze_size: int = 0
    freeze_index: int = 0
    opened: dict[tuple[str, int], Opened] = field(default_factory=dict)
    dice: list[bytes] = field(default_factory=list)
    hats: list[Hat] = field(default_factory=list)
    ikm: bytes = b""
    places: list[tuple[int, int]] = field(default_factory=list)
    beacon_unchecked: bool = False
    log_silent: bool = False
    assurance: str = ""

    @property
    def test(self) -> bool:
        """Whether the bundle's policy says it is a test."""
        policy = self.bundle.get("policy")
        return isinstance(policy, dict) and policy.get("purpose") == "test"

    @cached_property
    def policy(self) -> Policy:
        """The policy, once its shape was checked."""
        return Policy.read(self.bundle["policy"])

    @cached_property
    def manifest(self) -> Manifest:
        """The manifest, once its shape was checked."""
        return Manifest.read(self.bundle["manifest"])

    @cached_property
    def m(self) -> bytes:
        """M of the manifest as it was given."""
        return manifest_hash(self.bundle["manifest"])

    @property
    def steps(self) -> int:
        """J: how many supplementary steps the bundle reports."""
        return max(0, len(self.bundle["results"]) - 1)

    @property
    def positions(self) -> Positions:
        """The primary positions that the bundle reports."""
        return tuple(tuple(row) for row in self.bundle["results"][0]["body"]["positions"])

    def entries(self, kind: str, m: bytes | None = None) -> Iterator[tuple[int, dict[str, Any]]]:
        """(index, body) of the entries of one type and one draw (this one by default)."""
        wanted = (self.m if m is None else m).hex()
        for entry in self.bundle["entries"]:
            body = entry["body"]
            if body["type"] == kind and body.get("M") == wanted:
                yield entry["index"], body

    def holding(self, index: int) -> Seen:
        """The first checkpoint of the bundle that holds the entry at `index`."""
        for seen in self.seen:
            if seen.size > index:
                return seen
        raise Fails(f"no checkpoint holds entry {index}")

    def newest(self, index: int) -> int:
        """The time of an entry where it must be early."""
        return max(self._times(index))

    def oldest(self, index: int) -> int:
        """The time of an entry where it must be late."""
        return min(self._times(index))

    def _times(self, index: int) -> tuple[int, ...]:
        times = self.holding(index).times
        ensure(bool(times), f"nobody cosigned a time for entry {index}")
        return times
