"""No altered bundle passes, whatever is altered; and no alteration is met by surprise."""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import pytest

from draw_engine.core.checks.case import Asked, Outcome
from draw_engine.core.verification import verify
from draw_engine.verify import beacon_check, main
from foundation.digest import canon
from tests.draw_engine.tampering import (
    Tampered,
    changed_bytes,
    changed_keys,
    changed_lists,
    changed_spacing,
    changed_values,
)
from tests.draw_engine.toy import Toy, toy_policy

VECTORS = Path(__file__).parents[1] / "vectors" / "bdp1-bundles.json"
CORE = Path(__file__).parents[1] / "vectors" / "core_bundle.json"
NAMES = ("open", "sealed", "escrow_opened", "core", "production")
FLIPS = {"core": 2_000}
"""The bundle as the service writes it bears the most; 400 each for the others."""

LEAST = {"core": 80}
"""The service's own bundle has fewer lists than the toys; the others keep the bound of 100."""

pytestmark = pytest.mark.slow


@cache
def bundle(name: str) -> dict[str, Any]:
    if name == "production":
        toy = Toy(experts=90, sealed=True, dice=True, after_abort=True, declines=((3,),))
        return toy.play().bundle
    if name == "core":  # as the service writes it
        core: dict[str, Any] = json.loads(CORE.read_bytes())
        return core
    found: dict[str, Any] = json.loads(VECTORS.read_bytes())[name]["bundle"]
    return found


@cache
def asked(name: str) -> Asked:
    check = beacon_check()
    return Asked(
        test=name != "production",
        pinned=frozenset({toy_policy().digest}),
        beacon=lru_cache(check) if check else None,
    )


def misjudged(name: str, changes: Iterator[Tampered]) -> list[str]:
    """Changes that are not refused by a check that knows why it refuses."""
    wrong = []
    for how, data in changes:
        verdict = verify(data, asked(name))
        row = next((row for row in verdict.rows if row.outcome is Outcome.FAILED), None)
        if row is None or row.name != verdict.failed or " " not in row.where:
            wrong.append(f"{how}: {verdict.word} {row}")
    return wrong


@pytest.mark.parametrize("name", NAMES)
def test_the_bundles_pass_before_they_are_altered(name: str) -> None:
    verdict = verify(canon(bundle(name)), asked(name))

    assert verdict.failed is None
    assert verdict.word == ("incomplete" if asked(name).beacon is None else "passed")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("change", [changed_values, changed_keys, changed_lists])
def test_no_change_of_a_value_a_key_or_a_list_passes(
    name: str, change: Callable[[Any], Iterator[Tampered]]
) -> None:
    changes = list(change(bundle(name)))

    assert len(changes) > LEAST.get(name, 100)
    assert misjudged(name, iter(changes)) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_command_names_the_check_for_a_changed_value(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One change of each member, as a stranger sees it: exit code 1 and a table."""
    changes = {_member(one.how): one for one in changed_values(bundle(name))}
    assert len(changes) > 20
    for how, altered in changes.values():
        code, said = _judged_by_the_command(name, altered, tmp_path, capsys)

        assert code == 1, how
        assert re.search(r"^[a-z.]+ +failed", said.out, re.MULTILINE), how


def _member(how: str) -> tuple[str, ...]:
    """The names on the way to a value, without the numbers of a list's items."""
    return tuple(re.findall(r"'([A-Za-z_]+)'", how.partition(" = ")[0]))


def _judged_by_the_command(
    name: str, data: bytes, folder: Path, capsys: pytest.CaptureFixture[str]
) -> tuple[int, Any]:
    file, policy = folder / "BUNDLE.json", folder / "POLICY.json"
    policy.write_bytes(canon(toy_policy().as_object()))
    file.write_bytes(data)
    options = ["--policy", str(policy)] if name == "production" else ["--test"]
    code = main([*options, "--lang", "en", str(file)])
    return code, capsys.readouterr()


@pytest.mark.parametrize("name", NAMES)
def test_no_flipped_bit_and_no_other_spacing_passes(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = canon(bundle(name))
    changes = [
        *changed_bytes(data, FLIPS.get(name, 400), seed=20),
        *changed_spacing(bundle(name), data),
    ]
    for how, altered in changes:
        code, said = _judged_by_the_command(name, altered, tmp_path, capsys)

        assert code in {1, 2}, how
        assert "failed" in said.out if code == 1 else said.err.count("\n") == 1, how
