"""Which characters the bundled fonts can draw, so that a rare one never stops a report.

A name with a character that no font holds is written with its code point, 〔U+20001〕: a
reader can look it up, and the digest of the facts is not touched by it.
"""

import struct
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

PACKAGES: Final = ("pylopdf_fonts_zh_cn", "pylopdf_fonts_jp")
"""Noto SC first; the JP cut adds rare characters of names such as 𠮷 where it is installed."""


@cache
def folders() -> tuple[Path, ...]:
    """Folders of the installed font packages."""
    found = (import_module(name) for name in PACKAGES if find_spec(name) is not None)
    return tuple(Path(str(package.__file__)).parent for package in found)


@cache
def drawable() -> frozenset[int]:
    """Code points that at least one bundled font holds."""
    points: set[int] = set()
    for folder in folders():
        for font in sorted(folder.glob("*.otf")):
            for first, last in _ranges(font.read_bytes()):
                points.update(range(first, last + 1))
    return frozenset(points)


def spelled(value: Any) -> Any:
    """`value` with every character that cannot be drawn written as its code point."""
    if isinstance(value, str):
        return "".join(_spelled(character) for character in value)
    if isinstance(value, dict):
        return {key: spelled(item) for key, item in value.items()}
    return [spelled(item) for item in value] if isinstance(value, list) else value


def _spelled(character: str) -> str:
    point = ord(character)
    if character in "\n\t" or point in drawable():
        return character
    return f"〔U+{point:04X}〕"


def _ranges(font: bytes) -> Iterator[tuple[int, int]]:
    """The groups of a font's full-range character map (OpenType cmap, format 12)."""
    tables = struct.unpack(">H", font[4:6])[0]
    for place in range(12, 12 + 16 * tables, 16):
        tag, _, offset, _ = struct.unpack(">4sIII", font[place : place + 16])
        if tag == b"cmap":
            break
    else:
        return
    count = struct.unpack(">H", font[offset + 2 : offset + 4])[0]
    for place in range(offset + 4, offset + 4 + 8 * count, 8):
        at = offset + struct.unpack(">I", font[place + 4 : place + 8])[0]
        if struct.unpack(">H", font[at : at + 2])[0] == 12:
            groups = struct.unpack(">I", font[at + 12 : at + 16])[0]
            for group in range(at + 16, at + 16 + 12 * groups, 12):
                first, last, _ = struct.unpack(">III", font[group : group + 12])
                yield first, last
