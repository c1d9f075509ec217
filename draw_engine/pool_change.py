"""What an import added, as a number and a hash: all that the ledger says of it.

The hash goes over the canonical list of everybody enrolled, by ascending id; it is made
while the list passes by, so that nobody needs to hold a list of a million.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from draw_engine.core.columns import ExpertFacts
from foundation.clock import seconds
from foundation.digest import canon
from foundation.ids import ExpertId


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
            self._digest.update(b"," * bool(self.experts) + canon(facts_line(one)))
            self.experts += 1
            self.generated += one.generated

    def hash(self) -> str:
        """SHA-256 (hex) over the canonical list."""
        whole = self._digest.copy()
        whole.update(b"]")
        return whole.hexdigest()


def facts_of(text: str) -> ExpertFacts:
    """The facts in the canonical bytes of `facts_line`."""
    line = json.loads(text)
    own = line["qualification"]
    return ExpertFacts(
        expert_id=ExpertId(line["expert_id"]),
        version=line["version"],
        region=line["region"],
        employer=line["employer"],
        group=line["group"],
        classification=line["classification"],
        codes=tuple(own["codes"]),
        title=own["title"],
        valid_to=date.fromisoformat(own["valid_to"]),
        admitted_at=datetime.fromtimestamp(line["admitted_at"], UTC),
        generated=line["generated"],
    )


def facts_line(one: ExpertFacts) -> dict[str, Any]:
    """Facts as they are hashed."""
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
