"""What outsiders see of the log: everything up to the last checkpoint its witnesses cosigned.

An entry that no witness has seen could still be taken back unseen; it is not shown. What
was shown stays: a policy that was in force counts for the checkpoints of its time.
"""

from draw_engine.core.holder_checks import fully_cosigned
from draw_engine.core.policy import Policy
from draw_engine.parties import Parties
from foundation.errors import Kind, ServiceError
from foundation.ledger.book import Books
from foundation.ledger.note import read_note
from foundation.ledger.signer import Checkpoint
from foundation.ledger.tiles import Tile, TileBeyondLog, cut


class NothingPublished(ServiceError):
    """No checkpoint has been cosigned by every required witness yet."""

    code = "draw.log_not_published"
    kind = Kind.NOT_FOUND


class PublishedLog:
    """The public side of the ledger."""

    def __init__(self, books: Books, parties: Parties) -> None:
        self._books = books
        self._parties = parties
        self._newest: Checkpoint | None = None

    def checkpoint(self) -> Checkpoint:
        """The newest checkpoint that every required witness has cosigned.

        Raises:
            NothingPublished: there is none yet.
        """
        known = self._newest
        found = self._since(known.size if known else 0)
        if found is None:
            if known is None:
                raise NothingPublished
            # A second witness may have signed the same one since.
            found = self._books.checkpoint_at(known.size) or known
        self._newest = found
        return found

    def size(self) -> int:
        """Number of entries that are published; 0 before the first such checkpoint."""
        try:
            return self.checkpoint().size
        except NothingPublished:
            return 0

    def tile(self, place: str) -> bytes:
        """The bytes at an address below `tile/`.

        Raises:
            NoSuchTile: the address is none. TileBeyondLog: not published yet.
        """
        tile = Tile.read(place)
        known = self._newest
        if known is None or not tile.within(known.size):
            return cut(tile, self._books, self.size())
        return cut(tile, self._books, known.size)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Audit path of an entry in the tree of a published size.

        Raises:
            TileBeyondLog: not published yet, or no such entry.
        """
        published = self.size()
        if not index < size <= published:
            raise TileBeyondLog(size=published)
        return self._books.inclusion(index, size)

    def _since(self, size: int) -> Checkpoint | None:
        newer = self._books.newest_cosigned(size)
        first = next(newer, None)
        if first is None:
            return None
        policies = self._parties.policies()
        while first is not None and not _counts(first, policies):
            first = next(newer, None)
        return first


def _counts(checkpoint: Checkpoint, policies: list[Policy]) -> bool:
    note = read_note(checkpoint.note)
    return any(fully_cosigned(note, policy) for policy in policies)
