"""D14 from outside: a region that tells others two histories of its list.

Source: ABUSE D14; the issue's faults "a feed that forks, rolls back, is signed by another key".
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest

from foundation.ledger import following
from foundation.ledger.following import Edge, Seen
from foundation.ledger.note import CheckpointText
from tests.blacklist.feed_bench import Region, two_regions


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Region, Region]]:
    found = two_regions(tmp_path)
    yield found
    for one in found:
        one.close()


def rewritten(a: Region, folder: Path) -> Region:
    """The same name and key over a past in which a friend was never barred."""
    other = Region(folder / "rewritten", a.pin.origin, a.clock)
    object.__setattr__(other.books._checkpoints, "_signer", a.books._checkpoints._signer)
    for number in range(6):
        other.bar(f"ex_enemy_{number}")
    return other


def attack(a: Region, b: Region, folder: Path) -> tuple[str, int]:
    """Show `b` one history, then the other; what it says, and how much of the second it took."""
    peer = b.follows(a)
    a.bar("ex_friend")
    b.feeds.follow(peer)
    other = rewritten(a, folder)
    b.away[a.pin.origin] = other.door
    state = b.feeds.follow(peer)
    other.close()
    return state.trouble, state.taken - 1


def test_d14_a_region_that_rewrites_its_list_is_caught_by_whoever_follows_it(
    pair: tuple[Region, Region], tmp_path: Path
) -> None:
    a, b = pair

    assert attack(a, b, tmp_path) == ("ledger.forked", 0)
    [peer] = b.feeds.peers()
    assert b.alarms(peer.peer.id) == ["ledger.forked"]


def test_d14_without_the_root_the_same_rewriting_is_taken(
    pair: tuple[Region, Region], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The defence is the comparison of the grown root with the signed one, and nothing else."""

    def grown(self: Seen, told: CheckpointText, leaves: Iterable[Sequence[bytes]]) -> Seen:
        edge = Edge(self.size, self.edge)
        for some in leaves:
            edge.grow(some)
        return Seen(told.size, told.root, tuple(edge.subtrees))

    monkeypatch.setattr(following.Seen, "grown", grown)
    a, b = pair

    trouble, more = attack(a, b, tmp_path)

    assert trouble == ""
    assert more > 0
