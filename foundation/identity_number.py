"""Citizen identity numbers (GB 11643): how one is written, and what can be wrong with it."""

import re
import unicodedata
from enum import StrEnum
from typing import Final

from stdnum.cn import ric

_WHOLE: Final = re.compile(r"\d{17}[\dX]")


class Fault(StrEnum):
    """Why a text is no identity number."""

    MALFORMED = "malformed"
    CHECK_DIGIT = "check_digit"


def plain(text: str) -> str:
    """The text as numbers are written here: X large, no blanks, digits of ordinary width."""
    return "".join(unicodedata.normalize("NFKC", text).upper().split())


def fault_of(number: str) -> Fault | None:
    """What is wrong with a number in plain form: its shape or day of birth, or its check digit."""
    if not _WHOLE.fullmatch(number):
        return Fault.MALFORMED
    try:
        ric.get_birth_date(number)
    except ric.ValidationError:
        return Fault.MALFORMED
    return None if number[-1] == ric.calc_check_digit(number) else Fault.CHECK_DIGIT
