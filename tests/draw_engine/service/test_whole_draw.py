"""A draw from the request to the bundle that a stranger checks."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from draw_engine.core.draw_state import Stage
from tests.draw_engine.draw_bench import DrawBench


def verified(bundle: bytes, folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    path = folder / "BUNDLE.json"
    path.write_bytes(bundle)
    command = [sys.executable, "-m", "draw_engine.verify", "--test", *more, str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.both_engines
def test_a_draw_with_a_decline_is_proved_to_a_stranger(bench: DrawBench, tmp_path: Path) -> None:
    """R-REP-1: a replacement is drawn, and nobody else's seat moves."""
    draw = bench.drawn()
    assert draw.stage is Stage.INVITING, bench.told
    before = bench.members(draw.id)

    bench.answer(draw.id, 2, accept=False)
    bench.settle()
    after = bench.members(draw.id)

    assert {seat: after[seat] for seat in (0, 1, 3)} == {s: before[s] for s in (0, 1, 3)}
    assert after[2] not in before.values()
    bench.accept_all(draw.id)
    assert bench.draws.draw(draw.id).stage is Stage.SEALED
    assert bench.unseal(draw.id).stage is Stage.UNSEALED
    bundle = bench.rooms.publisher.bundle(draw.id)
    (tmp_path / "IDENTITIES.json").write_bytes(bench.rooms.publisher.identities(draw.id))

    found = verified(bundle, tmp_path, "--identities", str(tmp_path / "IDENTITIES.json"))

    assert found.returncode == 0, found.stdout + found.stderr
    assert "member.named            passed" in found.stdout
    assert len(json.loads(bundle)["results"]) == 2


def test_several_seats_fall_vacant_at_once_and_are_filled_one_by_one(
    bench: DrawBench, tmp_path: Path
) -> None:
    """R-REP-1: one seat a step, in the order of the seats."""
    draw = bench.drawn()
    for seat in (3, 0):
        bench.answer(draw.id, seat, accept=False)
    bench.settle(30)

    declines = bench.draws.draw(draw.id).declines

    assert [one.step for one in declines] == [1, 2]
    assert sorted(one.seat for one in declines) == [0, 3]
    bench.accept_all(draw.id)
    bench.unseal(draw.id)
    assert verified(bench.rooms.publisher.bundle(draw.id), tmp_path).returncode == 0


def test_the_supervisor_rebuilds_all_that_the_manifest_commits_to(bench: DrawBench) -> None:
    draw = bench.drawn()

    checks = bench.rooms.rebuilder.run(draw.id, "act_supervisor")

    assert {one.name: one.outcome for one in checks} == dict.fromkeys(
        (
            "pool.rebuilt",
            "hat.rebuilt",
            "exclusion.rebuilt",
            "lists.rebuilt",
            "admission.repeated",
            "keep.rebuilt",
            "snapshot.newest",
        ),
        "ok",
    )


def test_a_hat_that_was_tampered_with_raises_an_alarm_in_the_log(bench: DrawBench) -> None:
    draw = bench.drawn()
    pool = bench.vault.snapshots.columns(draw.epoch)
    pool.region[0] = 990000 - pool.region[0]

    checks = {one.name: one.outcome for one in bench.rooms.rebuilder.run(draw.id, "act_s")}

    assert checks["pool.rebuilt"] == "fail"
    alarms = [one for one in bench.draws.record.entries(draw.id) if one.type == "alarm"]
    assert "pool.rebuilt" in [one.protocol["code"] for one in alarms if one.protocol]


def test_an_absent_member_is_replaced_and_the_step_stands_in_the_same_bundle(
    bench: DrawBench, tmp_path: Path
) -> None:
    """R-REP-1: on the day of the evaluation too; the draw stays sealed while it is held."""
    draw = bench.drawn()
    bench.accept_all(draw.id)
    bench.draws.hold(draw.id, "ev_1")
    bench.pass_time(hours=4)
    gone = bench.members(draw.id)[1]

    bench.draws.vacate(draw.id, 1, "absent", b"seat 1 was empty at ten")
    bench.settle()
    newcomer = bench.members(draw.id)[1]
    bench.draws.vacate(draw.id, 1, "absent", b"seat 1 was empty at ten")
    bench.settle()

    assert newcomer != gone
    assert bench.members(draw.id)[1] == newcomer
    bench.accept_all(draw.id)
    bench.settle()
    assert bench.draws.draw(draw.id).stage is Stage.SEALED
    bench.draws.release(draw.id, "ev_1")
    assert bench.unseal(draw.id).stage is Stage.UNSEALED
    assert verified(bench.rooms.publisher.bundle(draw.id), tmp_path).returncode == 0


def test_silence_after_every_notice_counts_as_unreachable(bench: DrawBench) -> None:
    draw = bench.drawn()
    for seat in (0, 1, 2):
        bench.answer(draw.id, seat, accept=True)
    for _ in range(4):
        bench.pass_time(seconds=bench.overlay.reply_seconds / 3 + 1)
        bench.settle()

    (decline,) = [one for one in bench.draws.draw(draw.id).declines if one.step == 1]

    assert (decline.seat, decline.cause) == (3, "unreachable")
