"""Lines, rows and versions as the service knows them, in the shapes that go over the wire."""

from typing import Any

from classification.core.catalogue import Specialty
from classification.core.code import SpecialtyCode
from classification.core.crosswalk import Crosswalk, Decision, Row
from classification.core.likeness import candidates
from classification.edition_schemas import DecisionOut, RowDetailOut, RowOut
from classification.schemas import (
    BecameOut,
    SpecialtyDetailOut,
    SpecialtyFoundOut,
    VersionOut,
)
from classification.service import ClassificationService


def versions(held: ClassificationService) -> list[VersionOut]:
    """All versions held, oldest first."""
    editions = held.editions.editions
    return [
        VersionOut(
            version=version,
            in_force=version == held.catalogue.version,
            lines=len(held.tree(version)),
            state=editions[version].state if version in editions else None,
        )
        for version in held.versions
    ]


def detail(line: Specialty, held: ClassificationService) -> SpecialtyDetailOut:
    """A line of any version, with what it became where that is older."""
    return SpecialtyDetailOut.in_full(line, held.tree(line.code.version), became(line, held))


def became(line: Specialty, held: ClassificationService) -> BecameOut | None:
    """None where the line is of the version in force, or leads nowhere."""
    current = held.catalogue
    fate = held.fate(line.code) if line.code.version != current.version else None
    if fate is None:
        return None
    found = None if fate.settled else held.maybe(line.code)
    return BecameOut(
        version=current.version,
        how=fate.how,
        heirs=[SpecialtyFoundOut.of(one, current) for one in held.heirs(fate)],
        maybe=None if found is None else SpecialtyFoundOut.of(found, current),
    )


def row(one: Row, crosswalk: Crosswalk, held: ClassificationService) -> RowOut:
    """A row as lists show it."""
    return RowOut(**_row(one, crosswalk, held))


def row_detail(
    one: Row,
    crosswalk: Crosswalk,
    held: ClassificationService,
    history: list[tuple[Decision, int]],
) -> RowDetailOut:
    """A row with the lines that it may have become and everything ever said on it."""
    old, new = held.tree(crosswalk.old), held.tree(crosswalk.new)
    return RowDetailOut(
        **_row(one, crosswalk, held),
        candidates=[SpecialtyFoundOut.of(x, new) for x in candidates(one, old, new)],
        history=[DecisionOut.of(said, index) for said, index in history],
    )


def _row(one: Row, crosswalk: Crosswalk, held: ClassificationService) -> dict[str, Any]:
    old, new = held.tree(crosswalk.old), held.tree(crosswalk.new)
    decisions = held.editions.of(crosswalk)
    fate, said = crosswalk.fate(one.code, decisions), decisions.get(one.code)
    line = old.get(SpecialtyCode(old.version, one.code))
    # where nothing is settled, what the comparison found stands for reading
    heirs = fate.heirs if fate.settled else filter(None, (one.heir,))
    return {
        "code": one.code,
        "name": line.name,
        "path": [above.name for above in old.path(line.code)[:-1]],
        "kind": one.kind,
        "certainty": one.certainty,
        "how": fate.how,
        "heirs": [
            SpecialtyFoundOut.of(new.get(SpecialtyCode(new.version, heir)), new) for heir in heirs
        ],
        "seen": said.number if said else 0,
        "followers": crosswalk.followers(one.code),
    }
