"""Every way in which a bundle can be altered by a hand that has no key."""

import copy
import json
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

from foundation.digest import canon


class Tampered(NamedTuple):
    """What was done where, and the bytes of the file afterwards."""

    how: str
    data: bytes


Path = tuple[str | int, ...]


def changed_values(bundle: Any) -> Iterator[Tampered]:
    """Every string, number and flag, each changed in turn."""
    for path, value in leaves(bundle):
        for other in _others(value):
            yield Tampered(f"{path} = {other!r:.40}", canon(replaced(bundle, path, other)))


def changed_keys(bundle: Any) -> Iterator[Tampered]:
    """Every member renamed, removed and doubled, and every object with one more."""
    for path, value in objects(bundle):
        yield Tampered(f"{path} + one", canon(replaced(bundle, path, {**value, "extra": ""})))
        for key in value:
            rest = {name: item for name, item in value.items() if name != key}
            yield Tampered(f"{path} - {key}", canon(replaced(bundle, path, rest)))
            renamed = {**rest, f"{key}x": value[key]}
            yield Tampered(f"{path} {key}x", canon(replaced(bundle, path, renamed)))
            yield Tampered(f"{path} {key} twice", doubled(bundle, path, key))


def changed_lists(bundle: Any) -> Iterator[Tampered]:
    """Every list reversed, shortened, and with its last item twice."""
    for path, value in lists(bundle):
        if value != value[::-1]:
            yield Tampered(f"{path} reversed", canon(replaced(bundle, path, value[::-1])))
        if value:
            yield Tampered(f"{path} shorter", canon(replaced(bundle, path, value[:-1])))
            yield Tampered(f"{path} longer", canon(replaced(bundle, path, [*value, value[-1]])))


def changed_bytes(data: bytes, count: int, seed: int) -> Iterator[Tampered]:
    """One bit of one byte turned over, at places drawn by the seed."""
    chance = random.Random(seed)
    for _ in range(count):
        at, bit = chance.randrange(len(data)), 1 << chance.randrange(8)
        yield Tampered(f"byte {at} ^ {bit}", data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :])


def changed_spacing(bundle: Any, data: bytes) -> Iterator[Tampered]:
    """The same JSON in another dress."""
    yield Tampered("newline at the end", data + b"\n")
    yield Tampered("space before", b" " + data)
    yield Tampered("byte order mark", b"\xef\xbb\xbf" + data)
    yield Tampered("indented", json.dumps(bundle, indent=1, sort_keys=True).encode())
    yield Tampered("escaped", json.dumps(bundle, sort_keys=True, separators=(",", ":")).encode())
    yield Tampered("unsorted", _unsorted(bundle))
    yield Tampered("UTF-16", data.decode().encode("utf-16"))
    yield Tampered("cut", data[: len(data) // 2])


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """(path, value) of everything that is neither object nor list."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from leaves(item, (*path, number))
    else:
        yield path, value


def objects(value: Any, path: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    """(path, object) of every object."""
    if isinstance(value, dict):
        yield path, value
        for key, item in value.items():
            yield from objects(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from objects(item, (*path, number))


def lists(value: Any, path: Path = ()) -> Iterator[tuple[Path, list[Any]]]:
    """(path, list) of every list."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from lists(item, (*path, key))
    elif isinstance(value, list):
        yield path, value
        for number, item in enumerate(value):
            yield from lists(item, (*path, number))


def replaced(value: Any, path: Path, other: Any) -> Any:
    """`value` with `other` at `path`; shares what it need not copy."""
    if not path:
        return other
    place = copy.copy(value)
    place[path[0]] = replaced(value[path[0]], path[1:], other)
    return place


def doubled(bundle: Any, path: Path, key: str) -> bytes:
    """The file with one member written twice in a row."""
    marked = replaced(bundle, (*path, key), _MARK)
    member = canon(key) + b":" + canon(_at(bundle, (*path, key)))
    single = canon(key) + b":" + canon(_MARK)
    return canon(marked).replace(single, member + b"," + member, 1)


_MARK = "the member that is written twice"


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _others(value: Any) -> Iterator[Any]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
        yield str(value)
        if value in (0, 1):
            yield bool(value)
    else:
        yield _turned(value)
        if len(value) != 64:  # the many hashes are turned only: one change each is enough
            yield value + "0"
            if value != value.upper():
                yield value.upper()


def _turned(text: str) -> str:
    """The text with its middle character changed, hex staying hex."""
    if not text:
        return "x"
    at = len(text) // 2
    return text[:at] + ("1" if text[at] == "0" else "0") + text[at + 1 :]


def _unsorted(bundle: dict[str, Any]) -> bytes:
    turned = dict(sorted(bundle.items(), reverse=True))
    return json.dumps(turned, separators=(",", ":"), ensure_ascii=False).encode()
