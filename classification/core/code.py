"""SpecialtyCode: a specialty (专业) by its code and the version of the standard it belongs to.

A code alone is ambiguous: 324 of the 1652 codes that both versions know carry another
name in 2018 (A010102 was 公路 and is 主体功能区、空间规划).
"""

import re
from dataclasses import dataclass
from typing import Self

from classification.core.errors import BadForm

VERSION_FORM = re.compile(r"[12][0-9]{3}(r[1-9][0-9]?)?", re.ASCII)
CODE_FORM = re.compile(r"[A-Z]([0-9]{2}){0,3}", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class SpecialtyCode:
    """One specialty of one version, written `2018:A080205`; sorts as the standard lists it.

    Args:
        version: year of the standard, and the number of the correction where an
            installation has imported one: `2018`, `2018r1`.
        code: a letter and up to three pairs of digits.

    Raises:
        BadForm: either is written otherwise.
    """

    version: str
    code: str

    def __post_init__(self) -> None:
        if not VERSION_FORM.fullmatch(self.version) or not CODE_FORM.fullmatch(self.code):
            raise BadForm

    @classmethod
    def parse(cls, text: str) -> Self:
        """The code written as `text`, exactly as `str` writes it.

        Raises:
            BadForm: anything else, a code without its version included.
        """
        version, colon, code = text.partition(":")
        if not colon:
            raise BadForm
        return cls(version, code)

    def __str__(self) -> str:
        return f"{self.version}:{self.code}"

    @property
    def level(self) -> int:
        """1 for a category (A), 2 for a class (A01), 3 (A0101) and 4 (A010101) below it."""
        return 1 + len(self.code) // 2

    @property
    def parent(self) -> Self | None:
        """The code one level up; None for a category."""
        above = above_of(self.code)
        return type(self)(self.version, above) if above else None

    def covers(self, other: "SpecialtyCode") -> bool:
        """Is `other` this specialty or one below it, in the same version?"""
        return self.version == other.version and other.code.startswith(self.code)


def above_of(code: str) -> str:
    """The bare code one level above a bare code; nothing above a category."""
    return (code[:-2] or code[0]) if len(code) > 1 else ""
