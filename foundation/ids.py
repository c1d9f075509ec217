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
    return f"{prefix}_{_base32(int(at.timestamp() * 1000), 9)}{_base32(secrets.randbits(65), 13)}"


def _base32(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, rest = divmod(number, 32)
        digits.append(_ALPHABET[rest])
    return "".join(reversed(digits))
