"""An unsealed draw: every holder reveals, the vault among them, and the seal protects no longer."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from draw_engine.core.demands import UnsealedNotAllowed
from draw_engine.core.draw_state import VAULT, Draw, Stage
from draw_engine.core.holder_checks import ReleaseRefused
from draw_engine.core.manifest import Manifest, manifest_hash
from draw_engine.core.request import DrawRequest
from draw_engine.core.selection import committee
from draw_engine.core.shares import InputKind, InputValue, material, primary_key
from foundation.rulebook.overlay import load_overlay
from tests.draw_engine.draw_bench import DrawBench
from tests.draw_engine.service.test_whole_draw import verified

ALL = ["vault", "centre", "supervisor"]
UNSEALED = ("unsealed",)


def revealed(bench: DrawBench, draw: Draw) -> list[tuple[str, int]]:
    """Who revealed which value, in the order of the log."""
    entries = [one.protocol or {} for one in bench.draws.record.entries(draw.id)]
    return [(one["party"], one["j"]) for one in entries if one.get("type") == "reveal"]


def test_everybody_reveals_in_order_and_the_draw_is_proved(
    bench: DrawBench, tmp_path: Path
) -> None:
    draw = bench.drawn(demands=UNSEALED)
    assert draw.stage is Stage.INVITING, bench.told
    assert draw.manifest is not None
    assert draw.manifest["seal"]["party"] == ""
    assert revealed(bench, draw) == [(party, 0) for party in ALL]

    bench.answer(draw.id, 1, accept=False)
    bench.settle()

    assert revealed(bench, draw) == [(party, j) for j in (0, 1) for party in ALL]
    bench.accept_all(draw.id)
    assert bench.unseal(draw.id).stage is Stage.UNSEALED
    bundle = bench.rooms.publisher.bundle(draw.id)
    (tmp_path / "IDENTITIES.json").write_bytes(bench.rooms.publisher.identities(draw.id))
    found = verified(bundle, tmp_path, "--identities", str(tmp_path / "IDENTITIES.json"))
    assert found.returncode == 0, found.stdout + found.stderr
    assert len(json.loads(bundle)["results"]) == 2
    assert {c.outcome for c in bench.rooms.rebuilder.run(draw.id, "act_supervisor")} == {"ok"}


def test_what_is_weaker_whoever_holds_the_hats_computes_the_result_before_unsealing(
    bench: DrawBench,
) -> None:
    """This is what the page warns of: log and hats are enough, no help of the vault."""
    draw = bench.drawn(demands=UNSEALED)
    manifest = Manifest.read(draw.manifest or {})
    hats = bench.vault.frozen(draw.id).selectable([slot.seats for slot in manifest.slots])
    ikm = material(InputValue(InputKind.CHAIN, draw.value(party, 0)) for party in ALL)

    found = committee(primary_key(ikm, manifest.m), hats, manifest.rules)

    places = [(slot, at) for slot, row in enumerate(found.positions) for at in row]
    assert draw.unsealed is None
    assert places == bench.vault.final_places(draw.id)


def test_in_a_sealed_draw_the_vault_reveals_nothing_before_unsealing(bench: DrawBench) -> None:
    draw = bench.drawn()
    claim = bench.draws.timeline.claim_of(draw, 0)
    assert claim is not None

    assert revealed(bench, draw) == [("centre", 0), ("supervisor", 0)]
    with pytest.raises(ReleaseRefused) as refused:
        bench.vault.release(draw.id, claim)
    assert refused.value.facts == {"check": "release.sealed"}


def test_no_proof_before_its_time_in_an_unsealed_draw_either(bench: DrawBench) -> None:
    draw = bench.drawn(demands=UNSEALED)
    bench.accept_all(draw.id)

    left = draw.request.unseal_after - bench.clock.now()
    bench.pass_time(seconds=left.total_seconds() - 30)
    bench.settle()

    assert bench.draws.draw(draw.id).unsealed is None
    assert bench.unseal(draw.id).unsealed is not None


def test_the_last_revealer_is_the_supervisor_and_its_silence_ends_the_draw(
    bench: DrawBench,
) -> None:
    """Unsealed, the last revealer knows the result first; what is left is that it stays visible."""
    draw = bench.draws.file(bench.request(demands=UNSEALED))
    bench.settle()
    bench.silent.add("supervisor")
    bench.pass_time(minutes=6)
    bench.settle()
    assert revealed(bench, bench.draws.draw(draw.id)) == [("vault", 0), ("centre", 0)]

    bench.pass_time(seconds=bench.overlay.reveal_seconds + 5)

    called = bench.draws.draw(draw.id).called
    assert called is not None
    assert (called.reason, called.party) == ("holder_silent", "supervisor")


def test_the_vault_lets_a_value_go_for_one_manifest_only(bench: DrawBench) -> None:
    draw = bench.drawn(demands=UNSEALED)
    claim = bench.draws.timeline.claim_of(draw, 0)
    assert claim is not None
    assert bench.vault.release(draw.id, claim) == draw.value(VAULT, 0)
    other = {**claim.manifest, "day": "2030-01-01"}

    with pytest.raises(ReleaseRefused, match=r"freeze\.manifest"):
        bench.vault.release(draw.id, replace(claim, manifest=other, m=manifest_hash(other)))
    with pytest.MonkeyPatch.context() as patched:
        # Even if another manifest were in the log under all signatures.
        patched.setattr("draw_engine.vault.check_release", lambda *_: None)
        with pytest.raises(ReleaseRefused) as refused:
            bench.vault.release(draw.id, replace(claim, manifest=other, m=manifest_hash(other)))
    assert refused.value.facts == {"check": "release.other_manifest"}


def test_a_draw_is_unsealed_only_where_the_rule_book_allows_it_and_somebody_says_so(
    bench: DrawBench,
) -> None:
    assert not load_overlay("national").unsealed_allowed
    strict = replace(bench.overlay, unsealed_allowed=False)
    for overlay, request in (
        (strict, bench.request(demands=UNSEALED)),
        (replace(strict, demands=UNSEALED), bench.request()),
    ):
        bench.draws.overlay = overlay
        with pytest.raises(UnsealedNotAllowed):
            bench.draws.check(request)
        with pytest.raises(UnsealedNotAllowed):
            bench.draws.file(request)
    bench.draws.overlay = bench.overlay

    plain: DrawRequest = bench.request()
    assert bench.draws.file(plain).seal == VAULT
    bench.draws.overlay = replace(bench.overlay, demands=UNSEALED)
    assert bench.draws.file(bench.request(section="2")).seal == ""
