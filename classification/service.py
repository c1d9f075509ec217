"""Use cases of the classification: find a specialty, resolve a code, hand out the tree.

Several versions are held; one is in force. What is looked up may be of any of them, what is
used for a new draw only of the one in force.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Lock

from classification.catalogue_file import (
    CURRENT,
    FORMER,
    load_catalogue,
    load_crosswalk,
    load_regions,
    load_version,
)
from classification.core.catalogue import Catalogue, FormerSpecialty, Specialty
from classification.core.code import SpecialtyCode
from classification.core.crosswalk import OPEN, Crosswalk, Fate, chained
from classification.core.editions import Editions, State
from classification.core.errors import NoCrosswalk, NotInForce, UnknownVersion
from classification.core.regions import Region, Regions
from classification.core.teaching import former_lines


class ClassificationService:
    """What the standard says. Safe for many threads: each change swaps whole values.

    Args:
        catalogue: the version in force.
        former: older packaged versions.
        crosswalks: each from a version to the next.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        regions: Regions,
        former: Iterable[Catalogue] = (),
        crosswalks: Iterable[Crosswalk] = (),
    ) -> None:
        self.regions = regions
        self.editions = Editions()
        self._in_force = catalogue
        self._held = {one.version: one for one in (*former, catalogue)}
        self._crosswalks = {(one.old, one.new): one for one in crosswalks}
        self._changing = Lock()

    @classmethod
    def load(cls, folder: Path | None = None) -> "ClassificationService":
        """The packaged data, or what `folder` holds instead (see catalogue_file)."""
        return cls(
            load_catalogue(folder),
            load_regions(folder),
            (load_version(FORMER, folder),),
            (load_crosswalk(folder),),
        )

    @property
    def catalogue(self) -> Catalogue:
        """The version in force."""
        return self._in_force

    @property
    def versions(self) -> tuple[str, ...]:
        """Every version held, oldest first; proposed and refused ones too."""
        return tuple(self._held)

    def tree(self, version: str) -> Catalogue:
        """The whole version.

        Raises:
            UnknownVersion: it is not held here.
        """
        if version == self._in_force.version:
            return self._in_force
        if version not in self._held:
            written = version if re.fullmatch(r"[0-9]{4}(r[0-9]{1,2})?", version) else "-"
            raise UnknownVersion(version=written, known="、".join(self._held))
        return self._held[version]

    def resolve(self, written: str) -> Specialty:
        """The specialty of the version in force that is written as `2018:A080205`.

        Raises:
            BadForm: not written like this; a code without its version is not.
            WrongVersion: a code of an older version; CodeHasMoved where its heir is certain.
            NotInForce: a code of a version that is not adopted.
            UnknownCode: no such code; carries the closest.
        """
        code = SpecialtyCode.parse(written)
        edition = self.editions.editions.get(code.version)
        if edition is not None and edition.state is not State.ADOPTED:
            raise NotInForce(code.version, self._in_force.version)
        return self._in_force.get(code)

    def look_up(self, written: str) -> Specialty:
        """The specialty of any version held; what old draws and lists show.

        Raises:
            BadForm, UnknownVersion, UnknownCode: as above.
        """
        code = SpecialtyCode.parse(written)
        return self.tree(code.version).get(code)

    def find(self, query: str, limit: int = 50, version: str = "") -> tuple[Specialty, ...]:
        """Specialties by beginning of the code, words of the names, or pinyin."""
        return self.tree(version or self._in_force.version).search(query, limit)

    def find_regions(
        self, level: int | None = None, parent: str | None = None
    ) -> tuple[Region, ...]:
        """Regions of a level or directly below a region.

        Raises:
            UnknownRegion: `parent` is none.
        """
        return self.regions.within(level, parent)

    def crosswalk(self, old: str, new: str) -> Crosswalk:
        """The crosswalk from one version to the next.

        Raises:
            NoCrosswalk: there is none.
        """
        found = self._crosswalks.get((old, new))
        if found is None:
            raise NoCrosswalk
        return found

    @property
    def crosswalks(self) -> tuple[Crosswalk, ...]:
        """Every crosswalk, oldest first."""
        return tuple(self._crosswalks.values())

    def way(self, old: str, new: str) -> tuple[Crosswalk, ...]:
        """The crosswalks that lead from `old` to `new`, step by step.

        Raises:
            NoCrosswalk: no way leads there.
        """
        steps: list[Crosswalk] = []
        while new != old:
            # a version follows one version: going backwards there is no choice
            step = next((one for one in self._crosswalks.values() if one.new == new), None)
            if step is None:
                raise NoCrosswalk
            steps.insert(0, step)
            new = step.old
        return tuple(steps)

    def fates(self, old: str, new: str) -> dict[str, Fate]:
        """What every code of `old` became in `new`, over all versions between."""
        first, *rest = self.way(old, new)
        fates = first.fates(self.editions.of(first))
        for step in rest:
            then = step.fates(self.editions.of(step))
            fates = {
                code: chained(fate, [then.get(heir, OPEN) for heir in fate.heirs])
                if fate.settled
                else fate
                for code, fate in fates.items()
            }
        return fates

    def fate(self, code: SpecialtyCode) -> Fate | None:
        """What a code of an older version became in the one in force; None: no way leads there.

        Raises:
            UnknownVersion, UnknownCode: there is no such code.
        """
        self.tree(code.version).get(code)
        try:
            return self.fates(code.version, self._in_force.version).get(code.code)
        except NoCrosswalk:
            return None

    def heirs(self, fate: Fate) -> tuple[Specialty, ...]:
        """The lines of the version in force that a fate names."""
        current = self._in_force
        return tuple(current.get(SpecialtyCode(current.version, heir)) for heir in fate.heirs)

    def maybe(self, code: SpecialtyCode) -> Specialty | None:
        """What comparing the names found for a code that nobody has decided on."""
        current = self._in_force
        row = self._crosswalks.get((code.version, current.version))
        found = row.get(code.code) if row is not None else None
        heir = SpecialtyCode(current.version, found.heir) if found and found.heir else None
        return current.get(heir) if heir is not None and heir in current else None

    def hold(self, catalogue: Catalogue, crosswalk: Crosswalk) -> None:
        """Hold one more version; it is not in force by that."""
        with self._changing:
            self._held = {**self._held, catalogue.version: catalogue}
            self._crosswalks = {**self._crosswalks, (crosswalk.old, crosswalk.new): crosswalk}

    def follow(self, editions: Editions) -> None:
        """Take in what was decided: which version is in force, and what older codes became."""
        with self._changing:
            self.editions = editions
            current = self._held[editions.in_force(CURRENT)]
            self._in_force = current.taught(self._known(current))

    def _known(self, current: Catalogue) -> Iterator[FormerSpecialty]:
        for version, older in self._held.items():
            try:
                way = self.way(version, current.version) if older is not current else ()
            except NoCrosswalk:
                continue
            if way:
                found = {row.code: row.heir for row in way[0]} if len(way) == 1 else {}
                yield from former_lines(older, current, self.fates(version, current.version), found)
