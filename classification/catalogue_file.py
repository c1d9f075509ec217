"""Reads the packaged versions, the crosswalk between them, and the regions.

None of the data was compared with the gazette. Before its first draw an install may lay a
corrected file of the same name into a folder of its own; from then on a corrected list comes
in as a new version (list_file.py, editions.py), so that no code ever changes its meaning.
"""

import csv
import io
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from classification.core.catalogue import Catalogue, FormerSpecialty, Specialty, Status
from classification.core.code import SpecialtyCode
from classification.core.crosswalk import Certainty, Crosswalk, Kind, Row
from classification.core.errors import BrokenCatalogue
from classification.core.regions import Region, Regions
from classification.core.teaching import former_lines

T = TypeVar("T")
Cells = dict[str, str]

CURRENT, FORMER = "2018", "2010"


def load_catalogue(folder: Path | None = None) -> Catalogue:
    """The packaged version in force; it refuses codes of the former one by name.

    Raises:
        BrokenCatalogue: a corrected file lacks a column or does not hold a tree.
        BadForm: a code in it is not written like one.
    """
    current = load_version(CURRENT, folder)
    return current.taught(_known(load_version(FORMER, folder), load_crosswalk(folder), current))


def load_version(version: str, folder: Path | None = None) -> Catalogue:
    """One packaged version by itself; raises as `load_catalogue`."""

    def line(row: Cells) -> Specialty:
        return _specialty(version, row)

    return Catalogue(version, _read(f"specialties-{version}.csv", folder, line))


def load_crosswalk(folder: Path | None = None) -> Crosswalk:
    """The packaged crosswalk from the former to the current version; raises as above."""
    rows = _read(f"crosswalk-{FORMER}-{CURRENT}.csv", folder, _row)
    return Crosswalk(FORMER, CURRENT, rows)


def load_regions(folder: Path | None = None) -> Regions:
    """All regions of the country as of the date in data/README.md.

    Raises:
        BrokenCatalogue: a corrected file lacks a column or does not hold a tree.
    """
    return Regions(_read("regions.csv", folder, _region))


def _known(
    former: Catalogue, crosswalk: Crosswalk, current: Catalogue
) -> Iterator[FormerSpecialty]:
    fates = crosswalk.fates({})
    return former_lines(former, current, fates, {row.code: row.heir for row in crosswalk})


def _specialty(version: str, row: Cells) -> Specialty:
    code = SpecialtyCode(version, row["code"])
    pinyin = row["pinyin"] if "pinyin" in row else _computed(row["name"])
    return Specialty(code, row["name"], Status(row["status"]), row["note"], pinyin)


def _row(row: Cells) -> Row:
    return Row(row["code"], Kind(row["kind"]), Certainty(row["certainty"]), row["heir"])


def _region(row: Cells) -> Region:
    pinyin = row["pinyin"] if "pinyin" in row else _computed(row["name"])
    return Region(row["code"], row["name"], int(row["level"]), row["parent"] or None, pinyin)


def _computed(name: str) -> str:
    # Only a corrected file without the column pays for loading the dictionary.
    from classification.pinyin import pinyin_of  # noqa: PLC0415

    return pinyin_of(name)


def _read(name: str, folder: Path | None, make: Callable[[Cells], T]) -> Iterator[T]:
    own = folder / name if folder is not None else None
    source = own if own is not None and own.is_file() else files("classification") / "data" / name
    # A list corrected in a spreadsheet often begins with a byte order mark.
    rows = csv.DictReader(io.StringIO(source.read_text(encoding="utf-8-sig")))
    for row in rows:
        try:
            yield make(row)
        except (KeyError, ValueError) as bad:
            raise BrokenCatalogue(f"{name}:{rows.line_num}", type(bad).__name__) from bad
