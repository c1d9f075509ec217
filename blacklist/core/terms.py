"""What a measure says: kind, ground, basis, who decided, from when to when; and its checks."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from blacklist.core import errors
from blacklist.core.grounds import GROUNDS, Kind, Term, term_of

MOST_CHARACTERS: Final = 500
SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a measure; `basis` names the document of the decision, its hash beside."""

    kind: Kind
    ground: str
    basis: str
    deciding_body: str
    starts_on: date
    ends_on: date | None
    basis_sha256: str = ""

    def body(self) -> dict[str, Any]:
        """The members of the body of an entry, each checked.

        Raises:
            UnknownGround, TermUnfit, WordsMissing, BasisUnfit.
        """
        if self.ground not in GROUNDS or self.kind not in GROUNDS[self.ground].kinds:
            known = self.ground if self.ground in GROUNDS else "-"
            raise errors.UnknownGround(ground=known, measure=self.kind)
        self._check_term()
        check_words(self.basis, self.deciding_body)
        if self.basis_sha256 and not SHA256.fullmatch(self.basis_sha256):
            raise errors.BasisUnfit
        return {
            "kind": self.kind.value,
            "ground": self.ground,
            "basis": self.basis.strip(),
            "basis_sha256": self.basis_sha256,
            "deciding_body": self.deciding_body.strip(),
            "starts_on": self.starts_on.isoformat(),
            "ends_on": self.ends_on.isoformat() if self.ends_on else "",
        }

    def _check_term(self) -> None:
        term = term_of(self.kind, self.ground)
        wrong = {
            Term.MUST: self.ends_on is None,
            Term.NEVER: self.ends_on is not None,
            Term.MAY: False,
        }
        if wrong[term] or (self.ends_on is not None and self.ends_on < self.starts_on):
            raise errors.TermUnfit(self.kind, term)


def check_words(*texts: str) -> None:
    """Refuse an empty text, and a long one.

    Raises:
        WordsMissing.
    """
    if not all(0 < len(text.strip()) <= MOST_CHARACTERS for text in texts):
        raise errors.WordsMissing(most=MOST_CHARACTERS)
