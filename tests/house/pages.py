"""What each page of the router asks of the service, read from its source and its imports."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.house.source import ROOT

WEB = ROOT / "web" / "src"
ROUTE = re.compile(
    r"\{ path: '(?P<path>[^']+)'.*?import\('(?P<file>[^']+)'\).*?meta: \{(?P<meta>[^}]*)\}"
)
LIST = re.compile(r"const (\w+) = \[([^\]]*)\] as const")
IMPORT = re.compile(r"^import (?!type)(?P<what>[^'\n]*?) from '(?P<file>[^']+)'", re.M)
LAZY = re.compile(r"import\('(?P<file>[^']+)'\)")
CALL = r"(?:api\s*\.(?P<verb>get|post|put|delete)|(?P<reads>usePoll|download|fetchBytes)|upload)"
TYPE = r"(?:<(?:[^<>()]|<[^<>]*>|\([^()]*\))*>)?"
SPOKEN = r"|(?:send|ask)\('(?P<said>[A-Z]+)',\s*"
PLUMBING = WEB / "api" / "client.ts"
"""Speaks for every page alike: signs in, renews, sends."""
INSIDE = r"\$\{(?:[^{}]|\{[^{}]*\})*\}"
ADDRESS = rf"(?:'(?P<plain>/api/[^'?]*)|`(?P<filled>/api/(?:{INSIDE}|[^`?$])*))"
ASKED = re.compile(rf"(?:(?:{CALL}{TYPE}\(\s*(?:\(\) =>\s*)?{SPOKEN}))?{ADDRESS}", re.S)
HOLE = re.compile(INSIDE)


@dataclass(frozen=True)
class Asked:
    """A request that stands in a page: GET, POST …; "" where the address alone is known."""

    method: str
    path: str
    file: str


@dataclass(frozen=True)
class Page:
    """A route: who may open it (None: everybody) and what it asks."""

    path: str
    roles: frozenset[str] | None
    asked: frozenset[Asked]


def words(text: str) -> list[str]:
    """The quoted words of a list."""
    return re.findall(r"'([^']+)'", text)


def pages(areas: list[Path] | None = None) -> Iterator[Page]:
    """Every page that the areas give to the router."""
    for area in areas or sorted(WEB.glob("pages/*/routes.ts")):
        text = area.read_text("utf-8")
        lists = {name: words(inside) for name, inside in LIST.findall(text)}
        for found in ROUTE.finditer(text):
            start = _file(area, found["file"])
            yield Page(found["path"], _roles(found["meta"], lists), frozenset(requests(start)))


def navigation(area: Path) -> Iterator[tuple[str, list[str]]]:
    """Address and roles of the entries that an area gives to the bar, and its first pages."""
    text = area.read_text("utf-8")
    lists = {name: words(inside) for name, inside in LIST.findall(text)}
    for to, rest in re.findall(r"\{ to: '([^']+)',([^}]*)\}", text):
        yield to, sorted(_roles(rest, lists) or ())
    for inside in re.findall(r"home: \{([^}]*)\}", text):
        yield from ((to, [role]) for role, to in re.findall(r"(\w+): '([^']+)'", inside))


def _roles(text: str, lists: Mapping[str, list[str]]) -> frozenset[str] | None:
    if given := re.search(r"roles: \[([^\]]*)\]", text):
        return frozenset(words(given[1]))
    if named := re.search(r"roles: (\w+)", text):
        return frozenset(lists[named[1]])
    return frozenset(lists["roles"]) if re.search(r"\broles\b", text) else None


def requests(start: Path) -> set[Asked]:
    """What a component asks, itself and through everything that it imports."""
    found: set[Asked] = set()
    waiting: list[tuple[Path, frozenset[str] | None]] = [(start, None)]
    seen: set[tuple[Path, frozenset[str] | None]] = set()
    while waiting:
        one = waiting.pop()
        if one not in seen and one[0] != PLUMBING:
            seen.add(one)
            text = _part(*one)
            found |= set(_asked(text, one[0].name))
            waiting += _imports(one[0], text)
    return found


def _part(file: Path, names: frozenset[str] | None) -> str:
    """The text of a file; of a module of functions those that were imported by name."""
    text = file.read_text("utf-8")
    if names is None or file.suffix != ".ts":
        return text
    head, *parts = re.split(r"^(?=export |(?:async )?function |const \w+ = )", text, flags=re.M)
    called, kept = set(names), [head]
    for _ in parts:  # what a kept part calls is kept too
        for part in parts:
            name = re.match(r"(?:export )?(?:async )?(?:function|const|class) (\w+)", part)
            if name and name[1] in called and part not in kept:
                kept.append(part)
                called |= set(re.findall(r"\b\w+\b", part))
    return "\n".join(kept)


def _imports(file: Path, text: str) -> list[tuple[Path, frozenset[str] | None]]:
    found: list[tuple[Path, frozenset[str] | None]] = []
    for one in IMPORT.finditer(text):
        if (target := _file(file, one["file"])).is_file():
            inside = re.search(r"\{([^}]*)\}", one["what"])
            names = re.findall(r"(?<!type )\b(\w+)", inside[1]) if inside else None
            found.append((target, None if names is None else frozenset(names)))
    lazy = (_file(file, one["file"]) for one in LAZY.finditer(text))
    return [*found, *((target, None) for target in lazy if target.is_file())]


def _file(whence: Path, name: str) -> Path:
    base = WEB / name.removeprefix("@/") if name.startswith("@/") else whence.parent / name
    return next((p for p in (base, Path(f"{base}.ts")) if p.is_file()), base).resolve()


def _asked(text: str, file: str) -> Iterator[Asked]:
    for one in ASKED.finditer(text):
        method = one["verb"] or one["said"] or ("GET" if one["reads"] else "")
        if not method and one[0].startswith("upload"):
            method = "POST"
        yield Asked(method.upper(), HOLE.sub("{}", one["plain"] or one["filled"]), file)


@dataclass(frozen=True)
class Operation:
    """An operation of the contract; `permissions` is None where everybody may call it."""

    method: str
    path: str
    permissions: frozenset[str] | None

    def answers(self, asked: Asked) -> bool:
        """Whether a request may be this one: a hole stands for any part of an address.

        Where only an address is known, what lies below it counts as well.
        """
        mine, theirs = self.path.split("/"), asked.path.rstrip("/").split("/")
        if asked.method and (asked.method != self.method or len(mine) != len(theirs)):
            return False
        fits = all(b in (a, "{}") or a.startswith("{") for a, b in zip(mine, theirs, strict=False))
        return fits and len(theirs) <= len(mine)


def operations(contract: Mapping[str, Any]) -> list[Operation]:
    """Everything that the service answers, with its guard."""
    return [
        Operation(method.upper(), path, _permissions(operation["x-guard"]))
        for path, methods in contract["paths"].items()
        for method, operation in methods.items()
    ]


def _permissions(guard: Mapping[str, Any]) -> frozenset[str] | None:
    return None if "public" in guard else frozenset(guard["permissions"])
