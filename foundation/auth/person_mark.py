"""Which accounts are one person's (R-SOD-1): a keyed mark of the identity number.

A real service takes the number itself, because any other text can be written in two ways,
and the same person's mark as an expert comes from the number the vault holds. Number and
name are not kept here; the mark cannot be turned back without the vault's key.
"""

from typing import Protocol

from foundation.auth.errors import PersonMarkUnfit
from foundation.identity_number import fault_of, plain
from foundation.ids import ExpertId


class PersonMarks(Protocol):
    """The one who makes marks: the vault."""

    def mark(self, id_number: str) -> bytes:
        """The mark of a person's identity number, 32 bytes."""
        ...

    def mark_of(self, expert_id: ExpertId) -> bytes | None:
        """The mark of an expert; None for one whom the vault does not know, or has erased."""
        ...


def number_of(text: str) -> str:
    """An identity number as the pool writes it.

    Raises:
        PersonMarkUnfit: it is none.
    """
    number = plain(text)
    if fault_of(number) is not None:
        raise PersonMarkUnfit
    return number
