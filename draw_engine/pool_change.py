"""What an import added, as a number and a hash: all that the ledger says of it.

The hash goes over the canonical list of everybody enrolled, by ascending id; it is made
while the list passes by, so that nobody needs to hold a list of a million.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

from draw_engine.core.columns import ExpertFacts
from foundation.clock import seconds
from foundation.digest import canon


class Change:
    """The list of what is enrolled, as its length and its hash; made while it passes by."""

    def __init__(self) -> None:
        self.experts = self.generated = 0
        self._digest = sha256(b"[")

    @classmethod
    def of(cls, experts: Iterable[ExpertFacts]) -> "Change":
        """Of a whole list."""
        change = cls()
        change.add(sorted(experts, key=lambda one: one.expert_id))
        return change

    def add(self, experts: Sequence[ExpertFacts]) -> None:
        """The next of the list, by ascending id."""
        for one in experts:
            self._digest.update(b"," * bool(self.experts) + canon(_line(one)))
            self.experts += 1
            self.generated += one.generated

    def hash(self) -> str:
        """SHA-256 (hex) over the canonical list."""
        whole = self._digest.copy()
        whole.update(b"]")
        return whole.hexdigest()


def _line(one: ExpertFacts) -> dict[str, Any]:
    return {
        "expert_id": one.expert_id,
        "version": one.version,
        "region": one.region,
        "employer": one.employer,
        "group": one.group,
        "classification": one.classification,
        "qualification": one.qualification(),
        "admitted_at": seconds(one.admitted_at),
        "generated": one.generated,
    }
