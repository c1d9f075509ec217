"""Pseudonym keys, and who stands behind a pseudonym, are read in the vault alone.

The cores take keys as arguments and know no vault; `recompute` reads the keys that a test
vector states. Everybody else asks the vault for something finished.
"""

import ast
from pathlib import Path

import pytest

from tests.house.source import ROOT, code_files

VAULT = "draw_engine/vault"
PURE = ("draw_engine/core/", "draw_engine/recompute/")

KEYS = frozenset({"keys", "_keys", "keys_of"})
PEOPLE = frozenset({"person_at", "expert_at"})
OF_SNAPSHOTS = frozenset({"columns", "opener"})


def path_of(file: Path) -> str:
    """A file's path inside the house."""
    return file.relative_to(ROOT).as_posix()


def outside(path: str) -> bool:
    """Neither a module of the vault nor a pure one."""
    return not path.startswith((VAULT, *PURE))


def peeks(text: str) -> list[str]:
    """What a module reads that only the vault may, each with its line.

    `keys()` of a mapping, a module's own `self._keys` and the folder `settings.keys` are
    something else, and stay allowed.
    """
    tree = ast.parse(text)
    called = {id(one.func) for one in ast.walk(tree) if isinstance(one, ast.Call)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            of = getattr(node.value, "id", getattr(node.value, "attr", ""))
            mapping = node.attr == "keys" and id(node) in called
            own = node.attr in {"keys", "_keys"} and of in {"self", "settings"}
            if (
                (node.attr in KEYS and not mapping and not own)
                or node.attr in PEOPLE
                or (node.attr in OF_SNAPSHOTS and of in {"snapshots", "_snapshots"})
            ):
                found.append(f"{node.lineno}: .{node.attr}")
        elif isinstance(node, ast.ImportFrom):
            names = [one.name for one in node.names if one.name == "PoolKeys"]
            found += [f"{node.lineno}: import {name}" for name in names]
        elif isinstance(node, ast.Constant) and node.value in KEYS - {"keys"} | PEOPLE:
            found.append(f"{node.lineno}: {node.value!r}")
    return found


def test_nobody_outside_the_vault_reads_its_keys() -> None:
    files = [file for file in code_files() if outside(path_of(file))]
    found = {path_of(file): peeks(file.read_text("utf-8")) for file in files}
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_the_walk_sees_the_house_and_the_vault_does_read_them() -> None:
    seen = {path_of(file): file for file in code_files()}
    assert {"draw_engine/publish.py", "draw_engine/rebuild.py", "app/wiring.py"} <= {
        path for path in seen if outside(path)
    }
    vault = [path for path in seen if path.startswith(VAULT)]
    assert len(vault) >= 5
    assert any("keys_of" in line for path in vault for line in peeks(seen[path].read_text("utf-8")))


@pytest.mark.parametrize(
    "line",
    [
        "keys = self._vault.snapshots.keys_of(frozen.epoch)",
        "tag = tag_of(frozen.keys.tag, who)",
        "salt = frozen.hats[0]._keys.salt",
        "pool = self._vault.snapshots.columns(draw.epoch)",
        "who = frozen.expert_at(0, 3)",
        "who = frozen.person_at(0, 3).identity",
        "from draw_engine.core.snapshot import PoolKeys",
        'keys = getattr(self._vault.snapshots, "keys_of")(1)',
        "read = self._vault.snapshots.keys_of",
    ],
)
@pytest.mark.parametrize("module", ["draw_engine/publish.py", "draw_engine/rebuild.py"])
def test_one_such_line_in_a_module_is_found(module: str, line: str) -> None:
    source = (ROOT / module).read_text("utf-8")
    assert peeks(source) == []
    assert peeks(f"{source}\n{line}\n") != []


@pytest.mark.parametrize(
    "line",
    ["names = set(found.keys())", "self._keys = keys", "ring = KeyRing(settings.keys)"],
)
def test_what_only_looks_alike_is_left_alone(line: str) -> None:
    assert peeks(line) == []
