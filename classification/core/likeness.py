"""How alike two names are, and which lines of another version a code may have become."""

from classification.core.catalogue import Catalogue, Specialty
from classification.core.code import SpecialtyCode
from classification.core.crosswalk import Row
from classification.core.search import folded

ALIKE = 0.5
"""From here on another wording of the same thing is believable: 防治 and 治理 share half."""

WORTH_SHOWING = 0.34


def likeness(one: str, other: str) -> float:
    """Share of characters that both names have, 0 to 1; punctuation counts for nothing."""
    a, b = (_letters(name) for name in (one, other))
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else float(one == other)


def candidates(row: Row, old: Catalogue, new: Catalogue, most: int = 5) -> tuple[Specialty, ...]:
    """Lines of `new` that `row` may have become, likeliest first, at most `most`.

    What the comparison found comes first, then the line with the same code, then names
    that are alike, those of the same class before others.
    """
    line = old.get(SpecialtyCode(old.version, row.code))
    first = [
        new.get(code)
        for bare in dict.fromkeys((row.heir, row.code))
        if bare and (code := SpecialtyCode(new.version, bare)) in new
    ]
    alike = sorted(
        (
            (-how, not one.code.code.startswith(row.code[:3]), one.code, one)
            for one in new
            if one not in first and (how := likeness(line.name, one.name)) >= WORTH_SHOWING
        ),
        key=lambda found: found[:3],
    )
    return tuple([*first, *(found[3] for found in alike)][:most])


def _letters(name: str) -> frozenset[str]:
    return frozenset(letter for letter in folded(name) if letter.isalnum())
