"""Wire shapes of the classification. Codes are written with their version: `2018:A080205`."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from classification.core.catalogue import Catalogue, Specialty, Status
from classification.core.regions import Region


class SpecialtyOut(BaseModel):
    """One line of the standard; `leaf` where nothing stands below it."""

    model_config = ConfigDict(frozen=True)

    code: str
    name: str
    level: int
    parent: str | None
    status: Status
    leaf: bool

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


class SpecialtyDetailOut(SpecialtyFoundOut):
    """A line, what is uncertain about it, and the lines one level below."""

    note: str
    children: list[SpecialtyOut]

    @classmethod
    def of(cls, line: Specialty, catalogue: Catalogue) -> Self:
        return cls(
            **_line(line, catalogue),
            path=_names(line, catalogue),
            note=line.note,
            children=[SpecialtyOut.of(one, catalogue) for one in catalogue.children(line.code)],
        )


class RegionOut(BaseModel):
    """One administrative region (行政区划): level 1 province, 2 prefecture, 3 county."""

    model_config = ConfigDict(frozen=True)

    code: str
    name: str
    level: int
    parent: str | None

    @classmethod
    def of(cls, region: Region) -> Self:
        """The wire form of `region`."""
        return cls(code=region.code, name=region.name, level=region.level, parent=region.parent)


def _line(line: Specialty, catalogue: Catalogue) -> dict[str, Any]:
    return {
        "code": str(line.code),
        "name": line.name,
        "level": line.code.level,
        "parent": str(line.code.parent) if line.code.parent else None,
        "status": line.status,
        "leaf": catalogue.is_leaf(line.code),
    }


def _names(line: Specialty, catalogue: Catalogue) -> list[str]:
    return [one.name for one in catalogue.path(line.code)]
