"""Wire shapes of the classification. Codes are written with their version: `2018:A080205`."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from classification.core.catalogue import Catalogue, Specialty, Status
from classification.core.crosswalk import How
from classification.core.editions import State
from classification.core.regions import Region, Regions


class SpecialtyOut(BaseModel):
    """One line of the standard; `leaf` where nothing stands below it.

    `pinyin` holds every reading of each character of the name: `chong/tong/zhong qing`.
    """

    model_config = ConfigDict(frozen=True)

    code: str
    name: str
    level: int
    parent: str | None
    status: Status
    leaf: bool
    pinyin: str

    @classmethod
    def of(cls, line: Specialty, catalogue: Catalogue) -> Self:
        """The wire form of `line`."""
        return cls(**_line(line, catalogue))


class SpecialtyFoundOut(SpecialtyOut):
    """A line with the names from its category down to itself, so that like names differ."""

    path: list[str]

    @classmethod
    def of(cls, line: Specialty, catalogue: Catalogue) -> Self:
        return cls(**_line(line, catalogue), path=_names(line, catalogue))


class BecameOut(BaseModel):
    """What a code of an older version became in the version in force, and how sure that is.

    `how`: sure by comparison, decided by a person, with_class by a decision on a class above,
    or open; `maybe` is what the comparison found where it is open.
    """

    version: str
    how: How
    heirs: list[SpecialtyFoundOut]
    maybe: SpecialtyFoundOut | None


class SpecialtyDetailOut(SpecialtyFoundOut):
    """A line, what is uncertain about it, what it became, and the lines one level below."""

    note: str
    became: BecameOut | None
    children: list[SpecialtyOut]

    @classmethod
    def in_full(cls, line: Specialty, catalogue: Catalogue, became: BecameOut | None) -> Self:
        """The wire form of a line of any version."""
        return cls(
            **_line(line, catalogue),
            path=_names(line, catalogue),
            note=line.note,
            became=became,
            children=[SpecialtyOut.of(one, catalogue) for one in catalogue.children(line.code)],
        )


class VersionOut(BaseModel):
    """A version of the standard; `state` is None for one that came with the program."""

    version: str
    in_force: bool
    lines: int
    state: State | None


class RegionOut(BaseModel):
    """One administrative region (行政区划): level 1 province, 2 prefecture, 3 county."""

    model_config = ConfigDict(frozen=True)

    code: str
    name: str
    level: int
    parent: str | None
    pinyin: str

    @classmethod
    def of(cls, region: Region) -> Self:
        """The wire form of `region`."""
        return cls(**_region(region))


class RegionDetailOut(RegionOut):
    """A region with the names from its province down to itself, and what lies below it."""

    path: list[str]
    children: list[RegionOut]

    @classmethod
    def in_full(cls, region: Region, regions: Regions) -> Self:
        """The wire form of one region and its neighbours in the tree."""
        return cls(
            **_region(region),
            path=[one.name for one in regions.path(region.code)],
            children=[RegionOut.of(one) for one in regions.children(region.code)],
        )


class RegionTreeOut(BaseModel):
    """A region and all below it."""

    code: str
    name: str
    children: list["RegionTreeOut"]

    @classmethod
    def of(cls, region: Region, regions: Regions) -> Self:
        """The tree under `region`."""
        below = [cls.of(one, regions) for one in regions.children(region.code)]
        return cls(code=region.code, name=region.name, children=below)


def _line(line: Specialty, catalogue: Catalogue) -> dict[str, Any]:
    return {
        "code": str(line.code),
        "name": line.name,
        "level": line.code.level,
        "parent": str(line.code.parent) if line.code.parent else None,
        "status": line.status,
        "leaf": catalogue.is_leaf(line.code),
        "pinyin": line.pinyin,
    }


def _names(line: Specialty, catalogue: Catalogue) -> list[str]:
    return [one.name for one in catalogue.path(line.code)]


def _region(region: Region) -> dict[str, Any]:
    return {
        "code": region.code,
        "name": region.name,
        "level": region.level,
        "parent": region.parent,
        "pinyin": region.pinyin,
    }
