"""One value of a vector file beside what this implementation makes of it."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, NamedTuple


class Claim(NamedTuple):
    """`name` is the path of a value in the file, e.g. `draws[0].key_primary`."""

    name: str
    stated: Any
    found: Any

    @property
    def agrees(self) -> bool:
        """Whether both are the same value of the same type."""
        return bool(self.stated == self.found) and type(self.stated) is type(self.found)


Claims = Iterator[Claim]

PROSE: Final = frozenset({"about", "comment", "name", "note", "source"})
"""Members that say something to people and hold nothing to recompute."""


def unknown(part: Mapping[str, Any], known: Collection[str]) -> list[str]:
    """Members that nobody recomputes; to say that they agree would be a lie."""
    return sorted(part.keys() - PROSE - set(known))


def hexes(values: Any) -> Any:
    """Bytes as hex, lists and tuples as lists, all the way down."""
    if isinstance(values, bytes):
        return values.hex()
    if isinstance(values, list | tuple):
        return [hexes(item) for item in values]
    return values
