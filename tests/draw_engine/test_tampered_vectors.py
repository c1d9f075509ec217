"""The file that both verifiers are held against is fresh, and leaves no kind of member out."""

import json
from functools import cache
from typing import Any

import pytest

from draw_engine.core.checks.case import Asked
from draw_engine.core.verification import NAMES, verify
from tests.draw_engine.tampering import leaves
from tools.tampered_ops import at
from tools.tampered_vectors import CORE, OUT, bases, kind_of, sources, text

NEVER = {"assurance.met", "log.complete"}
"""No altered file can fail these: the label is hashed, and off line nobody asks the log."""


@cache
def file() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(OUT.read_text("utf-8"))
    return found


@pytest.mark.slow
def test_the_file_is_what_this_verifier_says() -> None:
    assert text().splitlines() == OUT.read_text("utf-8").splitlines()


def test_every_base_holds_before_it_is_altered() -> None:
    untouched = {case["base"]: case for case in file()["cases"] if case["why"] == "as it is"}

    assert {name: case["verdict"] for name, case in untouched.items()} == {
        "open": "incomplete",
        "sealed": "incomplete",
        "escrow_opened": "incomplete",
        "core": "passed",
        "production": "passed",
        "list": "passed",
        "twins": "failed",
    }
    assert untouched["twins"]["failed"] == "member.named"


def test_every_kind_of_value_is_altered_and_every_check_fails_for_somebody() -> None:
    cases = file()["cases"]
    altered = {
        kind_of(bases()[case["base"]][on], tuple(one["path"]), on)
        for case in cases
        for one in case["ops"]
        if case["why"] == "value" and (on := case.get("on", "bundle"))
    }
    every = {
        kind_of(bases()[name][on], path, on)
        for name, on in sources()
        for path, _ in leaves(bases()[name][on])
    }

    assert altered == every
    assert {case["failed"] for case in cases} - {None} == set(NAMES) - NEVER


def test_no_value_can_be_altered_unseen() -> None:
    for case in file()["cases"]:
        if case["why"] in {"value", "shape"} and case["verdict"] != "failed":
            one = case["ops"][0]
            # A file of identities may name some members only; whole entries may be left out.
            assert one["op"] == "remove", case
            assert one["path"][0] in {"members", "entries"}, case


def test_the_bundle_of_a_real_service_passes_and_is_split() -> None:
    data = CORE.read_bytes()
    bundle = json.loads(data)

    assert verify(data, Asked(test=True)).word == "passed"
    assert verify(data, Asked()).failed == "policy.pinned"
    assert bundle["beacon"] == bundle["snapshot_proofs"] == []
    assert all("F_id" in opening for opening in bundle["openings"])
    assert at(bundle, ["policy", "purpose"]) == "test"
