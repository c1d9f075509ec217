"""Writes tests/vectors/tampered_verdicts.json: altered bundles, and what becomes of each.

    python -m tools.tampered_vectors

Run it when a check changes. The verdicts are those of the Python verifier, without a beacon's
signature; the browser's verifier must give the same verdict and name the same check.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from draw_engine.core.checks.case import Asked, Case, Seen
from draw_engine.core.checks.standing import computed_assurance
from draw_engine.core.policy import policy_hash
from draw_engine.core.verification import verify
from foundation.digest import canon
from tests.draw_engine.tampering import leaves, lists, objects
from tests.draw_engine.toy import Played, Toy, toy_policy
from tools.tampered_forgeries import forgeries
from tools.tampered_ops import at, file_of

FOLDER = Path(__file__).parents[1] / "tests" / "vectors"
OUT = FOLDER / "tampered_verdicts.json"
CORE = FOLDER / "core_bundle.json"
"""The file of a draw that `expert-draw draw` made of 150 generated experts."""
VECTORS = FOLDER / "bdp1-bundles.json"
VECTOR_NAMES = ("open", "sealed", "escrow_opened")
Kind = tuple[str, ...]


def made() -> dict[str, Any]:
    """The bases that no other file holds: production draws of the tests' toy service."""
    steps = Toy(experts=90, sealed=True, dice=True, after_abort=True, declines=((3,), (0,)))
    listed = Toy(experts=90, mode="list", parties=("operator", "supervisor"), declines=((3,),))
    played = {"production": steps.play(), "list": listed.play(), "twins": _twins()}
    return {
        name: {"bundle": one.bundle, "identities": json.loads(one.identities)}
        for name, one in played.items()
    }


def _twins() -> Played:
    """The first forged draw in which one expert came to two seats, under two pseudonyms."""
    for number in range(100):
        toy = Toy(experts=12, twins=True, declines=(), section=f"{number:02}")
        played = toy.play()
        if len({member.index for member in played.members}) < len(played.members):
            return played
    raise RuntimeError("no expert was drawn twice")


@cache
def bases() -> dict[str, Any]:
    """Each base by its name: `bundle`, and for some `identities`."""
    vectors = json.loads(VECTORS.read_bytes())
    found = {name: {"bundle": vectors[name]["bundle"]} for name in VECTOR_NAMES}
    return {**found, "core": {"bundle": json.loads(CORE.read_bytes())}, **made()}


def judged(case: dict[str, Any]) -> dict[str, Any]:
    """The case with its verdict."""
    base = bases()[case["base"]]
    on = case.get("on", "bundle")
    files = {name: canon(value) for name, value in base.items()}
    files[on] = file_of(base[on], case)
    policy = base["bundle"]["policy"]
    asked = Asked(
        test=policy["purpose"] == "test",
        pinned=frozenset({policy_hash(policy)}),
        identities=files.get("identities"),
    )
    verdict = verify(files["bundle"], asked)
    return {**case, "verdict": verdict.word, "failed": verdict.failed}


def cases() -> Iterator[dict[str, Any]]:
    """Every case, without its verdict."""
    for name in bases():
        yield {"base": name, "why": "as it is", "ops": []}
    seen: set[Kind] = set()
    for name, on in sources():
        if name == "core":  # the form that a real service publishes is altered throughout
            seen = set()
        yield from _values(name, on, seen)
        yield from _shapes(name, on, seen)
    yield from forgeries(bases())


def sources() -> list[tuple[str, str]]:
    """(base, file): first those whose kinds of member are all altered, then those with more."""
    return [
        ("production", "bundle"),
        ("open", "bundle"),
        ("production", "identities"),
        ("escrow_opened", "bundle"),
        ("sealed", "bundle"),
        ("list", "bundle"),
        ("core", "bundle"),
    ]


def kind_of(value: Any, path: tuple[str | int, ...], on: str) -> Kind:
    """What a member is: its path without numbers, with the `type` or `kind` of what holds it."""
    kind: list[str] = [on]
    for number, step in enumerate(path):
        held = at(value, path[:number])
        if isinstance(held, dict):
            kind += [str(held[name]) for name in ("type", "kind") if name in held]
        kind.append("*" if isinstance(step, int) else step)
    return tuple(kind)


def _values(name: str, on: str, seen: set[Kind]) -> Iterator[dict[str, Any]]:
    """One of each kind of value, changed; the last of its kind, as the first says least."""
    value = bases()[name][on]
    found = {kind_of(value, path, on): (path, old) for path, old in leaves(value)}
    for kind, (path, old) in found.items():
        if kind in seen:
            continue
        seen.add(kind)
        for new in _others(old):
            yield _case(name, on, "value", op="set", path=list(path), value=new)


def _others(old: Any) -> list[Any]:
    if isinstance(old, bool):
        return [not old]
    if isinstance(old, int):
        return [old + 1, old - 1]
    middle = len(old) // 2
    digit = "1" if old[middle : middle + 1] == "0" else "0"
    return [old[:middle] + digit + old[middle + 1 :]]


def _shapes(name: str, on: str, seen: set[Kind]) -> Iterator[dict[str, Any]]:
    """One of each kind of object and list, with its members renamed, gone, doubled, turned."""
    value = bases()[name][on]
    for path, held in objects(value):
        kind = (*kind_of(value, path, on), *sorted(held), "{}")
        if kind in seen or not held:
            continue
        seen.add(kind)
        turn = len(seen)
        keys = sorted(held)
        one, two, three = (keys[(turn + more) % len(keys)] for more in range(3))
        yield _case(name, on, "shape", op="rename", path=[*path, one], value=one + "x")
        yield _case(name, on, "shape", op="remove", path=[*path, two])
        yield _case(name, on, "shape", op="add", path=[*path, "extra"], value="")
        yield _case(name, on, "shape", op="double", path=[*path, three])
    for path, items in lists(value):
        kind = (*kind_of(value, path, on), "[]")
        if kind in seen or not items:
            continue
        seen.add(kind)
        if items != items[::-1]:
            yield _case(name, on, "shape", op="reverse", path=list(path))
        yield _case(name, on, "shape", op="remove", path=[*path, len(items) - 1])
        yield _case(name, on, "shape", op="double", path=[*path, len(items) - 1])


def _case(base: str, on: str, why: str, **one: Any) -> dict[str, Any]:
    case = {"base": base, "why": why, "ops": [one]}
    return case if on == "bundle" else {**case, "on": on}


def assurances() -> list[dict[str, Any]]:
    """What a draw may be called, by its policy, its inputs and who cosigned."""
    chains = [{"kind": "chain", "party": p, "tip": ""} for p in ("operator", "supervisor")]
    more = {"kind": "chain", "party": "centre", "tip": ""}
    drand, dice = {"kind": "drand", "chain": "", "round": 1}, {"kind": "dice"}
    outside = [["supervisor.example/w", "notary.example/w"]]
    rows: list[dict[str, Any]] = [
        {"inputs": [*chains, drand]},
        {"inputs": [*chains, drand], "unchecked": True},
        {"inputs": [*chains, dice]},
        {"inputs": [*chains, more]},
        {"inputs": [*chains, more], "escrow": True},
        {"inputs": [*chains, drand, drand], "home": "page"},
        {"inputs": [*chains, drand, dice], "home": "page"},
        {"inputs": [*chains, dice, dice], "home": "page", "escrow": True},
        {"inputs": [*chains, drand], "seal": "operator"},
        {"inputs": [*chains, drand], "seal": "operator", "escrow": True},
        {"inputs": [*chains, drand], "counted": [["supervisor.example/w"]]},
        {"inputs": [*chains, drand], "notary": ""},
        {"inputs": [*chains, drand], "notary": "platform"},
        {"inputs": [*chains, drand], "operator": "bureau"},
        {"inputs": [*chains, drand], "operator": ""},
        {"inputs": [*chains, drand], "holders": ""},
        {"inputs": chains},
    ]
    return [_assured({"counted": outside, **row}) for row in rows]


def _assured(row: dict[str, Any]) -> dict[str, Any]:
    policy = toy_policy().as_object()
    policy["operator"] = row.get("operator", "platform")
    policy["witnesses"][1]["body"] = row.get("notary", "notary")
    for holder in policy["holders"]:
        holder["home"] = row.get("home", "own")
        holder["body"] = row.get("holders", holder["body"])
    manifest = Toy(experts=60, declines=()).play().manifest.as_object() | {"inputs": row["inputs"]}
    manifest["seal"] = {"party": row.get("seal", ""), "unseal_after": 0}
    parties = [item["party"] for item in row["inputs"] if item["kind"] == "chain"]
    manifest["escrow"] = [{"party": party, "digest": ""} for party in parties if row.get("escrow")]
    unchecked = row.get("unchecked", False)
    case = Case(b"", Asked(), {"policy": policy, "manifest": manifest}, beacon_unchecked=unchecked)
    bodies = {witness["name"]: witness["body"] for witness in policy["witnesses"]}
    case.seen = [
        Seen(1, b"", (1,), frozenset(bodies[n] for n in names)) for names in row["counted"]
    ]
    kept = {name: manifest[name] for name in ("inputs", "seal", "escrow")}
    return {
        "policy": policy,
        "manifest": kept,
        "counted": row["counted"],
        "unchecked": unchecked,
        "assurance": computed_assurance(case),
    }


def text() -> str:
    """The whole file: the bases that it alone holds, then a line for each case."""
    parts = [
        f'"bases":{canon(made()).decode()}',
        f'"cases":[\n{_lines([judged(case) for case in cases()])}\n]',
        f'"assurance":[\n{_lines(assurances())}\n]',
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _lines(rows: list[dict[str, Any]]) -> str:
    return ",\n".join(json.dumps(row, ensure_ascii=False, sort_keys=True) for row in rows)


if __name__ == "__main__":
    OUT.write_text(text(), encoding="utf-8")
