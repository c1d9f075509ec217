"""The fixed ladder when too few experts know a specialty (R-POOL-4): its part inside the standard.

The rungs to other cities and other libraries are the draw's, not the standard's.
"""

from classification.core.catalogue import Catalogue, Specialty
from classification.core.code import SpecialtyCode

HIGHEST_LEVEL = 2
"""A category (all of 工程类) is nobody's specialty: the ladder ends at its classes."""


def ladder(catalogue: Catalogue, code: SpecialtyCode) -> tuple[Specialty, ...]:
    """The specialty itself, then each class above it, up to the second level.

    Each rung covers all that the one before covers. A category has only itself.

    Raises:
        UnknownCode, WrongVersion: the catalogue does not have `code`.

    Source: RULES R-POOL-4.
    """
    path = catalogue.path(code)
    rungs = [line for line in path[:-1] if line.code.level >= HIGHEST_LEVEL]
    return (path[-1], *reversed(rungs))


def neighbours(catalogue: Catalogue, code: SpecialtyCode) -> tuple[Specialty, ...]:
    """The other specialties under the same parent: those a supervisor may approve as near.

    Raises:
        UnknownCode, WrongVersion: the catalogue does not have `code`.
    """
    line = catalogue.get(code)
    return tuple(one for one in catalogue.children(line.code.parent) if one != line)
