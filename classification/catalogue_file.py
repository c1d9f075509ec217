"""Reads the standard's versions and the regions: from the package, or from an install's own folder.

None of the data was compared with the gazette, so an install may lay a corrected file of the
same name into a folder of its own; files that are not there come from the package.
"""

import csv
import io
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from classification.core.catalogue import Catalogue, FormerSpecialty, Specialty, Status
from classification.core.code import SpecialtyCode
from classification.core.errors import BrokenCatalogue
from classification.core.regions import Region, Regions

T = TypeVar("T")
Row = dict[str, str]

CURRENT, FORMER = "2018", "2010"


def load_catalogue(folder: Path | None = None) -> Catalogue:
    """The current version of the standard; it refuses codes of the former one by name.

    Raises:
        BrokenCatalogue: a corrected file lacks a column or does not hold a tree.
        BadForm: a code in it is not written like one.
    """
    return Catalogue(
        CURRENT,
        _read(f"specialties-{CURRENT}.csv", folder, _specialty),
        _read(f"specialties-{FORMER}.csv", folder, _former),
    )


def load_regions(folder: Path | None = None) -> Regions:
    """All regions of the country as of the date in data/README.md.

    Raises:
        BrokenCatalogue: a corrected file lacks a column or does not hold a tree.
    """
    return Regions(_read("regions.csv", folder, _region))


def _specialty(row: Row) -> Specialty:
    code = SpecialtyCode(CURRENT, row["code"])
    initials = row["initials"] if "initials" in row else _computed(row["name"])
    return Specialty(code, row["name"], Status(row["status"]), row["note"], initials)


def _former(row: Row) -> FormerSpecialty:
    now = SpecialtyCode(CURRENT, row["now"]) if row["now"] else None
    return FormerSpecialty(SpecialtyCode(FORMER, row["code"]), row["name"], now)


def _region(row: Row) -> Region:
    return Region(row["code"], row["name"], int(row["level"]), row["parent"] or None)


def _computed(name: str) -> str:
    # Only a corrected file without the column pays for loading the dictionary.
    from classification.initials import initials_of  # noqa: PLC0415

    return initials_of(name)


def _read(name: str, folder: Path | None, make: Callable[[Row], T]) -> Iterator[T]:
    own = folder / name if folder is not None else None
    source = own if own is not None and own.is_file() else files("classification") / "data" / name
    # A list corrected in a spreadsheet often begins with a byte order mark.
    rows = csv.DictReader(io.StringIO(source.read_text(encoding="utf-8-sig")))
    for row in rows:
        try:
            yield make(row)
        except (KeyError, ValueError) as bad:
            raise BrokenCatalogue(f"{name}:{rows.line_num}", type(bad).__name__) from bad
