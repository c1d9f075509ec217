"""What a corrected list changes, and the crosswalk that follows from it."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from classification.core.catalogue import Catalogue, Specialty
from classification.core.code import SpecialtyCode, above_of
from classification.core.crosswalk import Certainty, Kind, Row


class Change(StrEnum):
    """What happened to one line."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    REUSED = "reused"
    MOVED = "moved"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class Difference:
    """One line that differs. `code` is that of the older list, or of the newer where added.

    Args:
        before, after: the names; empty where there is none.
        to: the new code where the line moved.
        status: the new status where that is all that changed.
    """

    change: Change
    code: str
    before: str = ""
    after: str = ""
    to: str = ""
    status: str = ""


def differences(base: Catalogue, new: Catalogue, reused: Collection[str]) -> list[Difference]:
    """Every line that differs, by code.

    Args:
        reused: bare codes that the new list gives another meaning.
    """
    moved = _moved(base, new)
    came = set(moved.values())
    found = [one for line in base if (one := _of_line(line, new, reused, moved))]
    for line in new:
        code = line.code.code
        if SpecialtyCode(base.version, code) not in base and code not in came:
            found.append(Difference(Change.ADDED, code, after=line.name))
    return sorted(found, key=lambda one: (one.code, one.change))


def counted(found: Collection[Difference]) -> dict[str, int]:
    """How many lines of each kind of change; every kind is named."""
    counts = Counter(one.change for one in found)
    return {change.value: counts[change] for change in Change}


def crosswalk_rows(base: Catalogue, new: Catalogue, reused: Collection[str]) -> Iterator[Row]:
    """What became of every line of `base`, and how sure that is without a person."""
    moved = _moved(base, new)
    for line in base:
        code = line.code.code
        there = _at(new, code)
        if code in moved:
            near = moved[code][0] == code[0]
            yield Row(
                code,
                Kind.MOVED_WITHIN if near else Kind.MOVED_AWAY,
                Certainty.LIKELY if near else Certainty.DOUBTFUL,
                moved[code],
            )
        elif there is None:
            yield Row(code, Kind.DROPPED, Certainty.NONE, "")
        elif code in reused:
            yield Row(code, Kind.REUSED, Certainty.DOUBTFUL, "")
        elif there.name != line.name:
            yield Row(code, Kind.RENAMED, Certainty.LIKELY, code)
        else:
            whole = all(_same(base, new, above, reused) for above in _above(code))
            yield Row(code, Kind.SAME, Certainty.SURE if whole else Certainty.WITH_CLASS, code)


def _of_line(
    line: Specialty, new: Catalogue, reused: Collection[str], moved: dict[str, str]
) -> Difference | None:
    code = line.code.code
    there = _at(new, code)
    if code in moved:
        return Difference(Change.MOVED, code, line.name, line.name, to=moved[code])
    if there is None:
        return Difference(Change.REMOVED, code, before=line.name)
    if code in reused:
        return Difference(Change.REUSED, code, line.name, there.name)
    if there.name != line.name:
        return Difference(Change.RENAMED, code, line.name, there.name)
    if there.status != line.status:
        return Difference(Change.STATUS, code, line.name, there.name, status=there.status)
    return None


def _moved(base: Catalogue, new: Catalogue) -> dict[str, str]:
    """Old code -> new code of names that left their code and stand at exactly one new one."""
    gone, come = _names(base, new), _names(new, base)
    return {
        codes[0]: come[name][0]
        for name, codes in gone.items()
        if len(codes) == 1 and len(come.get(name, ())) == 1
    }


def _names(here: Catalogue, there: Catalogue) -> dict[str, list[str]]:
    """Name -> codes of the lines of `here` that do not stand the same in `there`."""
    found: dict[str, list[str]] = {}
    for line in here:
        other = _at(there, line.code.code)
        if other is None or other.name != line.name:
            found.setdefault(line.name, []).append(line.code.code)
    return found


def _at(catalogue: Catalogue, code: str) -> Specialty | None:
    whole = SpecialtyCode(catalogue.version, code)
    return catalogue.get(whole) if whole in catalogue else None


def _same(base: Catalogue, new: Catalogue, code: str, reused: Collection[str]) -> bool:
    one, other = _at(base, code), _at(new, code)
    same = one is not None and other is not None and one.name == other.name
    return same and code not in reused


def _above(code: str) -> Iterator[str]:
    while code := above_of(code):
        yield code
