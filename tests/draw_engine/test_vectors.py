"""The vectors are recomputed, and a wrong one is named."""

import copy
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from draw_engine.recompute.mutations import MUTATIONS
from draw_engine.vectors import claims, first_disagreement, main
from tests.draw_engine.tampering import leaves, replaced

FOLDER = Path(__file__).parents[1] / "vectors"
PRIMITIVES, BUNDLES = FOLDER / "bdp1.json", FOLDER / "bdp1-bundles.json"


@cache
def file(path: Path) -> Any:
    return json.loads(path.read_bytes())


@pytest.mark.parametrize("path", [PRIMITIVES, BUNDLES], ids=lambda path: path.name)
def test_every_value_agrees(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(path)]) == 0
    assert "values agree" in capsys.readouterr().out


def test_every_mutation_of_the_file_is_known() -> None:
    assert {mutation["change"] for mutation in file(BUNDLES)["mutations"]} == set(MUTATIONS)


def other(value: Any) -> Any:
    if isinstance(value, int):
        return value + 1
    middle = len(value) // 2
    return value[:middle] + ("1" if value[middle] == "0" else "0") + value[middle + 1 :]


def one_value_of_each_kind() -> list[tuple[str | int, ...]]:
    """The first and the last leaf under every member of the micro part and of two draws."""
    value: Any = file(PRIMITIVES)
    found: list[tuple[str | int, ...]] = []
    roots: list[tuple[str | int, ...]] = [("micro", n) for n in value["micro"] if n != "canon_in"]
    # The leaf of a member who was never opened proves nothing about his row: hats are left out.
    for number in (0, 1):  # list mode and step mode
        roots += [("draws", number, name) for name in value["draws"][number] if name != "hats"]
    for root in roots:
        part = value
        for step in root:
            part = part[step]
        under = [path for path, leaf in leaves(part) if leaf != ""]
        found += [(*root, *path) for path in {under[0], under[-1]}]
    return sorted(found, key=str)


@pytest.mark.parametrize("path", one_value_of_each_kind(), ids=str)
def test_a_wrong_value_disagrees(path: tuple[str | int, ...]) -> None:
    value: Any = file(PRIMITIVES)
    for step in path:
        value = value[step]
    wrong = replaced(file(PRIMITIVES), path, other(value))
    wrong["draws"] = wrong["draws"][: 2 if path[1] == 1 else 1]

    _, claim = first_disagreement(claims(wrong))

    assert claim is not None


def without_draws(value: Any) -> None:
    value["draws"] = []


def one_part_more(value: Any) -> None:
    value["later"] = {"x": 1}


def one_primitive_more(value: Any) -> None:
    value["micro"]["sm3"] = "00"


def one_value_more(value: Any) -> None:
    value["draws"][0]["tlock"] = "00"


def without_mutations(value: Any) -> None:
    value["mutations"] = []


def without_bundles(value: Any) -> None:
    for name in ("open", "sealed", "escrow_opened"):
        del value[name]


@pytest.mark.parametrize(
    ("path", "change"),
    [
        (PRIMITIVES, without_draws),
        (PRIMITIVES, one_part_more),
        (PRIMITIVES, one_primitive_more),
        (PRIMITIVES, one_value_more),
        (BUNDLES, one_part_more),
        (BUNDLES, without_mutations),
        (BUNDLES, without_bundles),
    ],
)
def test_what_nobody_recomputes_is_not_said_to_agree(
    path: Path, change: Callable[[Any], None]
) -> None:
    value = copy.deepcopy(file(path))
    change(value)

    _, claim = first_disagreement(claims(value))

    assert claim is not None


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_wrong_row_of_the_drawn_member_disagrees(part: int) -> None:
    draw = file(PRIMITIVES)["draws"][1]
    path = ("draws", 1, "hats", 0, draw["positions"][0][0], part)
    value = draw["hats"][0][draw["positions"][0][0]][part]

    _, claim = first_disagreement(claims(replaced(file(PRIMITIVES), path, other(value))))

    assert claim is not None


@pytest.mark.parametrize(
    "path",
    [
        ("derivation", "leaf"),
        ("sealed", "per_draw_keys", "org"),
        ("open", "exclusions", 1, "salt"),
        ("open", "escrow", 2, "digest"),
        ("open", "escrow", 0, "sealed", 1),
        ("escrow_opened", "escrow", 1, "shares", 0),
        ("sealed", "chains", "vault", 2),
        ("open", "simultaneous", 1, "key"),
        ("escrow_opened", "simultaneous", 0, "skipped", 3),
        ("open", "positions", 1, 2),
        ("mutations", 5, "verdict"),
    ],
    ids=str,
)
def test_a_wrong_value_of_a_bundle_disagrees(path: tuple[str | int, ...]) -> None:
    value: Any = file(BUNDLES)
    for step in path:
        value = value[step]

    _, claim = first_disagreement(claims(replaced(file(BUNDLES), path, other(value))))

    assert claim is not None


def test_the_first_disagreement_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = copy.deepcopy(file(PRIMITIVES))
    wrong["draws"][2]["supplementary"][1]["position"] += 1
    (tmp_path / "wrong.json").write_text(json.dumps(wrong))

    assert main([str(tmp_path / "wrong.json")]) == 1
    assert "draws[2].supplementary[1].position" in capsys.readouterr().out


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"micro":1}'])
def test_what_is_no_file_of_vectors(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(data)

    assert main([str(tmp_path / "x.json")]) == 2
    assert main([str(tmp_path / "missing.json")]) == 2
