"""Provinces (1), prefectures (2) and counties (3) by their six-digit codes.

Municipalities have no prefecture between: their counties hang on the province.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from classification.core.errors import BrokenCatalogue, UnknownRegion


@dataclass(frozen=True, slots=True)
class Region:
    """One administrative region (行政区划); `parent` is a code, None for a province."""

    code: str
    name: str
    level: int
    parent: str | None


class Regions:
    """All regions as a tree.

    Raises:
        BrokenCatalogue: a code twice, or a parent that is not there or not above.
    """

    def __init__(self, regions: Iterable[Region]) -> None:
        self._regions: dict[str, Region] = {}
        for one in sorted(regions, key=lambda region: (region.level, region.code)):
            if one.code in self._regions:
                raise BrokenCatalogue(one.code, "twice")
            if (one.parent is None) != (one.level == 1) or (
                one.parent is not None and one.parent not in self._regions
            ):
                raise BrokenCatalogue(one.code, "parent")
            self._regions[one.code] = one

    def __iter__(self) -> Iterator[Region]:
        return iter(self._regions.values())

    def __len__(self) -> int:
        return len(self._regions)

    def get(self, code: str) -> Region:
        """The region of `code`.

        Raises:
            UnknownRegion: there is none.
        """
        region = self._regions.get(code)
        if region is None:
            raise UnknownRegion
        return region

    def path(self, code: str) -> tuple[Region, ...]:
        """The regions from the province down to `code`."""
        region = self.get(code)
        return (*self.path(region.parent), region) if region.parent else (region,)

    def within(self, level: int | None = None, parent: str | None = None) -> tuple[Region, ...]:
        """The regions of a level, or directly below `parent`, or both; all where neither is given.

        Raises:
            UnknownRegion: `parent` is none.
        """
        above = self.get(parent).code if parent else None
        return tuple(
            one
            for one in self
            if (level is None or one.level == level) and (above is None or one.parent == above)
        )
