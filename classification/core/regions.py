"""Provinces (1), prefectures (2) and counties (3) by their six-digit codes.

Municipalities have no prefecture between: their counties hang on the province.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from classification.core.errors import BrokenCatalogue, UnknownRegion
from classification.core.readings import parse
from classification.core.search import Index


@dataclass(frozen=True, slots=True)
class Region:
    """One administrative region (行政区划); `parent` is a code, None for a province.

    Args:
        pinyin: all readings of each character, as in the standard's lines.
    """

    code: str
    name: str
    level: int
    parent: str | None
    pinyin: str = ""


class Regions:
    """All regions as a tree.

    Raises:
        BrokenCatalogue: a code twice, or a parent that is not there or not above.
    """

    def __init__(self, regions: Iterable[Region]) -> None:
        self._regions: dict[str, Region] = {}
        self._children: dict[str | None, list[Region]] = {}
        for one in sorted(regions, key=lambda region: (region.level, region.code)):
            if one.code in self._regions:
                raise BrokenCatalogue(one.code, "twice")
            if (one.parent is None) != (one.level == 1) or (
                one.parent is not None and one.parent not in self._regions
            ):
                raise BrokenCatalogue(one.code, "parent")
            self._regions[one.code] = one
            self._children.setdefault(one.parent, []).append(one)

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

    def children(self, code: str | None = None) -> tuple[Region, ...]:
        """The regions directly below `code`; the provinces where it is None."""
        return tuple(self._children.get(code, ()))

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

    @cached_property
    def index(self) -> Index[Region]:
        """Names and readings ready for searching, built once."""
        return Index((one, one.code, one.name, parse(one.pinyin), one.parent or "") for one in self)

    def search(self, text: str, limit: int = 50) -> tuple[Region, ...]:
        """Regions by beginning of the code, words of their path (浙江 西湖), or pinyin."""
        return tuple(self.index.search(text, "", limit))
