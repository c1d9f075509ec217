"""Use cases of the classification: find a specialty, resolve a code, hand out the tree."""

import re
from pathlib import Path

from classification.catalogue_file import load_catalogue, load_regions
from classification.core.catalogue import Catalogue, Specialty
from classification.core.code import SpecialtyCode
from classification.core.errors import UnknownVersion
from classification.core.regions import Region, Regions


class ClassificationService:
    """What the standard says. Holds no state but the data; safe for many threads."""

    def __init__(self, catalogue: Catalogue, regions: Regions) -> None:
        self.catalogue = catalogue
        self.regions = regions

    @classmethod
    def load(cls, folder: Path | None = None) -> "ClassificationService":
        """The packaged data, or what `folder` holds instead (see catalogue_file)."""
        return cls(load_catalogue(folder), load_regions(folder))

    def tree(self, version: str) -> Catalogue:
        """The whole version.

        Raises:
            UnknownVersion: it is not held here; codes of 2010 are only known to be refused.
        """
        if version != self.catalogue.version:
            written = version if re.fullmatch(r"[0-9]{4}", version) else "-"
            raise UnknownVersion(version=written, known=self.catalogue.version)
        return self.catalogue

    def resolve(self, written: str) -> Specialty:
        """The specialty written as `2018:A080205`.

        Raises:
            BadForm: not written like this; a code without its version is not.
            WrongVersion: a code of an older version; CodeHasMoved where its heir is certain.
            UnknownCode: no such code; carries the closest.
        """
        return self.catalogue.get(SpecialtyCode.parse(written))

    def find(self, query: str, limit: int = 50) -> tuple[Specialty, ...]:
        """Specialties by beginning of the code, words of the names, or pinyin initials."""
        return self.catalogue.search(query, limit)

    def find_regions(
        self, level: int | None = None, parent: str | None = None
    ) -> tuple[Region, ...]:
        """Regions of a level or directly below a region.

        Raises:
            UnknownRegion: `parent` is none.
        """
        return self.regions.within(level, parent)
