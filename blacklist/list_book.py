"""How entries of the stream `lists` are written, and a few words about what people write."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final, TypeVar

from blacklist.core.errors import WordsMissing
from blacklist.core.outside_list import STREAM
from foundation.ids import AccountId
from foundation.ledger.book import Book

T = TypeVar("T")

MOST_WORDS: Final = 500


def append(book: Book, type_: str, body: dict[str, Any], by: AccountId) -> dict[str, Any]:
    """Record a fact; who and when travel in the body, so that the fold needs nothing else."""
    whole = body | {"by": by, "at": book.now.isoformat()}
    book.append(STREAM, type_, whole)
    return whole


def require_words(*texts: str) -> None:
    """Refuse a text that is empty or too long.

    Raises:
        WordsMissing.
    """
    if not all(0 < len(text.strip()) <= MOST_WORDS for text in texts):
        raise WordsMissing(most=MOST_WORDS)


def portions(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of `size`, the last one shorter."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


def silent(*_: object) -> None:
    """Nobody watches."""
