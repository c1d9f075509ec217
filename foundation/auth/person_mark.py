"""Which accounts are one person's (R-SOD-1): a keyed mark of the identity number.

A real service takes the number itself, because any other text can be written in two ways,
and the same person's mark as an expert comes from the number the vault holds. Number and
name are not kept here; the mark cannot be turned back without the vault's key.
"""

import re
import unicodedata
from typing import Final, Protocol

from stdnum.cn import ric

from foundation.auth.errors import PersonMarkUnfit
from foundation.ids import ExpertId

IDENTITY: Final = re.compile(r"\d{17}[\dX]")


class PersonMarks(Protocol):
    """The one who makes marks: the vault."""

    def mark(self, id_number: str) -> bytes:
        """The mark of a person's identity number, 32 bytes."""
        ...

    def mark_of(self, expert_id: ExpertId) -> bytes | None:
        """The mark of an expert; None for one whom the vault does not know, or has erased."""
        ...


def identity_number(text: str) -> str:
    """An identity number as the pool writes it: 18 characters, X large, no blanks.

    Raises:
        PersonMarkUnfit: it is none.
    """
    number = "".join(unicodedata.normalize("NFKC", text).upper().split())
    if not IDENTITY.fullmatch(number) or number[-1] != ric.calc_check_digit(number):
        raise PersonMarkUnfit
    try:
        ric.get_birth_date(number)
    except ric.ValidationError as no_such_day:
        raise PersonMarkUnfit from no_such_day
    return number
