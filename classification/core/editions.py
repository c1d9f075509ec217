"""Versions that an installation imported: proposed by one person, decided by another.

The state is the fold of the stream `classification`; bodies are plain, so that anybody with
the ledger computes the same. A version is kept for ever, adopted or not.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from classification.core import errors
from classification.core.code import VERSION_FORM
from classification.core.crosswalk import Crosswalk, Decision, Outcome

PROPOSED: Final = "classification.proposed"
ADOPTED: Final = "classification.adopted"
REFUSED: Final = "classification.refused"
MAPPED: Final = "classification.mapped"

MOST_WORDS: Final = 500
MOST_HEIRS: Final = 8


class State(StrEnum):
    """Where an imported version stands."""

    PROPOSED = "proposed"
    ADOPTED = "adopted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Edition:
    """An imported version and who answers for it; times are ISO 8601."""

    version: str
    based_on: str
    state: State
    file: str
    sha256: str
    lines: int
    reused: tuple[str, ...]
    counts: Mapping[str, int]
    proposed_by: str
    proposed_at: str
    decided_by: str = ""
    decided_at: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Editions:
    """All imported versions in their order, and all decisions on crosswalks."""

    editions: Mapping[str, Edition] = field(default_factory=dict)
    decisions: Mapping[tuple[str, str], Mapping[str, Decision]] = field(default_factory=dict)
    head: int = 0

    def in_force(self, packaged: str) -> str:
        """The version adopted last, or the packaged one."""
        adopted = [one for one in self.editions.values() if one.state is State.ADOPTED]
        return max(adopted, key=lambda one: one.decided_at).version if adopted else packaged

    @property
    def waiting(self) -> Edition | None:
        """The proposal that waits for its second person."""
        return next((x for x in self.editions.values() if x.state is State.PROPOSED), None)

    def of(self, crosswalk: Crosswalk) -> Mapping[str, Decision]:
        """Decisions on the rows of a crosswalk, by bare code."""
        return self.decisions.get((crosswalk.old, crosswalk.new), {})


def fold(state: Editions, entries: Iterable[tuple[int, str, Mapping[str, Any]]]) -> Editions:
    """The state after more entries of the stream: (seq, type, body)."""
    editions = dict(state.editions)
    decisions = {pair: dict(rows) for pair, rows in state.decisions.items()}
    head = state.head
    for seq, type_, body in entries:
        head = seq
        if type_ == PROPOSED:
            editions[body["version"]] = _proposed(body)
        elif type_ in {ADOPTED, REFUSED}:
            editions[body["version"]] = replace(
                editions[body["version"]],
                state=State.ADOPTED if type_ == ADOPTED else State.REFUSED,
                decided_by=body["by"],
                decided_at=body["at"],
                reason=body["reason"],
            )
        elif type_ == MAPPED:
            said = _decision(seq, body)
            decisions.setdefault((body["old"], body["new"]), {})[said.code] = said
    return Editions(editions, decisions, head)


def require_proposable(state: Editions, version: str, in_force: str, held: Iterable[str]) -> None:
    """May a list come in under this name?

    Raises:
        VersionUnfit: not written like `2018r1`, or not later than the version in force.
        VersionTaken: there is one of this name; a version is never written over.
        ProposalWaits: another list waits for its second person.
    """
    if not VERSION_FORM.fullmatch(version) or _order(version) <= _order(in_force):
        raise errors.VersionUnfit(current=in_force)
    if version in set(held):
        raise errors.VersionTaken(version=version)
    if state.waiting is not None:
        raise errors.ProposalWaits(version=state.waiting.version)


def require_decidable(
    state: Editions, version: str, by: str, reason: str, *, set_up: bool = False
) -> Edition:
    """May this person decide on a proposal?

    Args:
        set_up: nothing was ever drawn here, and one person sets the installation up.

    Raises:
        UnknownProposal: nothing of this name waits.
        SamePerson: who proposed may not decide (R-SOD-1).
        ReasonMissing: no reason, or one of more than 500 characters.
    """
    found = state.editions.get(version)
    if found is None or found.state is not State.PROPOSED:
        raise errors.UnknownProposal
    if found.proposed_by == by and not set_up:
        raise errors.SamePerson
    require_words(reason)
    return found


def require_words(reason: str) -> None:
    """A reason of 1 to 500 characters.

    Raises:
        ReasonMissing: none, or longer.
    """
    if not 0 < len(reason.strip()) <= MOST_WORDS:
        raise errors.ReasonMissing(most=MOST_WORDS)


def mapped(
    crosswalk: Crosswalk,
    state: Editions,
    code: str,
    outcome: Outcome,
    heirs: Iterable[str],
    *,
    reason: str,
    seen: int,
) -> dict[str, Any]:
    """The body of a decision on a row: before and after, so that a reader needs nothing else.

    Args:
        heirs: bare codes of the newer version; the caller has found them there.
        seen: number of the decision that the person had before their eyes, 0 for none.

    Raises:
        UnknownRow: the older version has no such code.
        HeirsUnfit: none for a mapping, some for anything else, or more than eight.
        NothingToUndo: nobody has decided on the row.
        DecidedMeanwhile: somebody else was quicker.
        ReasonMissing: no reason, or one of more than 500 characters.
    """
    if crosswalk.get(code) is None:
        raise errors.UnknownRow
    before = state.of(crosswalk).get(code)
    if (before.number if before else 0) != seen:
        raise errors.DecidedMeanwhile
    if outcome is Outcome.OPEN and (before is None or before.outcome is Outcome.OPEN):
        raise errors.NothingToUndo
    after = sorted(set(heirs))
    if bool(after) != (outcome is Outcome.HEIRS) or len(after) > MOST_HEIRS:
        raise errors.HeirsUnfit(most=MOST_HEIRS)
    require_words(reason)
    fate = crosswalk.fate(code, state.of(crosswalk))
    return {
        "old": crosswalk.old,
        "new": crosswalk.new,
        "code": code,
        "before": {"how": fate.how.value, "heirs": list(fate.heirs)},
        "after": {"outcome": outcome.value, "heirs": after},
        "reason": reason.strip(),
    }


def _proposed(body: Mapping[str, Any]) -> Edition:
    return Edition(
        version=body["version"],
        based_on=body["based_on"],
        state=State.PROPOSED,
        file=body["file"],
        sha256=body["sha256"],
        lines=body["lines"],
        reused=tuple(body["reused"]),
        counts=dict(body["counts"]),
        proposed_by=body["by"],
        proposed_at=body["at"],
    )


def _decision(seq: int, body: Mapping[str, Any]) -> Decision:
    after = body["after"]
    return Decision(
        code=body["code"],
        outcome=Outcome(after["outcome"]),
        heirs=tuple(after["heirs"]),
        reason=body["reason"],
        by=body["by"],
        at=body["at"],
        number=seq,
    )


def _order(version: str) -> tuple[int, int]:
    year, _, correction = version.partition("r")
    return int(year), int(correction or 0)
