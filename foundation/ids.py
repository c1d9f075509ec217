"""Identifiers: typed strings, sortable by the time they were made."""

import secrets
from datetime import datetime
from typing import NewType

ExpertId = NewType("ExpertId", str)
DrawId = NewType("DrawId", str)
EvaluationId = NewType("EvaluationId", str)
AccountId = NewType("AccountId", str)
NoticeId = NewType("NoticeId", str)

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(prefix: str, at: datetime) -> str:
    """A new identifier: prefix, nine characters of time, thirteen of chance.

    Args:
        prefix: two or three letters that tell a reader what it names.
        at: the present instant; ids made later sort later.
    """
    return new_id_at(prefix, milliseconds(at))


def new_id_at(prefix: str, millisecond: int) -> str:
    """As `new_id`, of a millisecond since 1970."""
    return first_of(prefix, millisecond) + _base32(secrets.randbits(65), 13)


def first_of(prefix: str, millisecond: int) -> str:
    """What every identifier of a millisecond begins with; it sorts before all of them."""
    return f"{prefix}_{_base32(millisecond, 9)}"


def milliseconds(at: datetime) -> int:
    """Milliseconds since 1970."""
    return int(at.timestamp() * 1000)


def millisecond_of(id_: str) -> int:
    """When an identifier was made, in milliseconds since 1970; 0 where it is of another form."""
    time = id_.partition("_")[2][:9]
    number = 0
    for letter in time:
        if (digit := _ALPHABET.find(letter)) < 0:
            return 0
        number = number * 32 + digit
    return number if len(time) == 9 else 0


def _base32(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, rest = divmod(number, 32)
        digits.append(_ALPHABET[rest])
    return "".join(reversed(digits))
