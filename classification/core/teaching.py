"""What a version tells about the codes of an older one, so that a refusal can teach."""

from collections.abc import Iterator, Mapping

from classification.core.catalogue import Catalogue, FormerSpecialty
from classification.core.code import SpecialtyCode
from classification.core.crosswalk import Fate


def former_lines(
    older: Catalogue, current: Catalogue, fates: Mapping[str, Fate], found: Mapping[str, str]
) -> Iterator[FormerSpecialty]:
    """The lines of `older` with what they became in `current`.

    Args:
        fates: of every bare code of `older`; several heirs are named by none.
        found: bare code -> what comparing the names found, where nothing is settled.
    """
    for line in older:
        code = line.code.code
        fate = fates.get(code)
        heirs = fate.heirs if fate is not None and fate.settled else ()
        now = _in(current, heirs[0]) if len(heirs) == 1 else None
        settled = fate is not None and fate.settled
        maybe = None if settled else _in(current, found.get(code, ""))
        yield FormerSpecialty(line.code, line.name, now, maybe)


def _in(catalogue: Catalogue, code: str) -> SpecialtyCode | None:
    whole = SpecialtyCode(catalogue.version, code) if code else None
    return whole if whole is not None and whole in catalogue else None
