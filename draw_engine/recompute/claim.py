"""One value of a vector file beside what this implementation makes of it."""

from collections.abc import Iterator
from typing import Any, NamedTuple


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


def hexes(values: Any) -> Any:
    """Bytes as hex, lists and tuples as lists, all the way down."""
    if isinstance(values, bytes):
        return values.hex()
    if isinstance(values, list | tuple):
        return [hexes(item) for item in values]
    return values
