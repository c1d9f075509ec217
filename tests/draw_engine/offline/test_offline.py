"""`expert-draw draw`: a request and a pool in, a bundle that verifies out."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from classification.service import ClassificationService
from draw_engine.core.checks.case import Asked
from draw_engine.core.eligibility import PoolTooSmall
from draw_engine.core.request import RegionRequest
from draw_engine.core.verification import verify
from draw_engine.offline import WHO, OfflineStopped, draw_offline
from draw_engine.pool_generate import generate
from draw_engine.pool_workbook import write_pool
from draw_engine.schemas import DrawRequestIn

EXAMPLE = Path(__file__).parents[3] / "examples" / "request.json"


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pool") / "pool.csv"
    people = generate(ClassificationService.load(), 400, 1, date(2026, 11, 1))
    write_pool(path, people)
    return path


def test_the_example_is_drawn_and_verified_by_the_commands(pool: Path, tmp_path: Path) -> None:
    bundle, names = tmp_path / "BUNDLE.json", tmp_path / "IDENTITIES.json"
    draw = [sys.executable, "-m", "app.cli", "draw", str(EXAMPLE), "--pool", str(pool)]
    draw += ["--out", str(bundle), "--identities", str(names)]
    verify_ = [sys.executable, "-m", "draw_engine.verify", "--test", "--identities", str(names)]

    drawn = subprocess.run(draw, capture_output=True, text=True, check=False)
    verified = subprocess.run([*verify_, str(bundle)], capture_output=True, text=True, check=False)

    assert drawn.returncode == 0, drawn.stderr
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "assurance: none" in verified.stdout
    assert json.loads(bundle.read_bytes())["policy"]["purpose"] == "test"
    assert "生成" not in bundle.read_text("utf-8"), "a name stands in the bundle"


def test_region_rules_of_a_request_file_bind_the_draw_and_stand_in_the_bundle(
    pool: Path, tmp_path: Path
) -> None:
    """Two of four from the provinces of the east coast, none from Tibet."""
    coast = ["310000", "320000", "330000", "350000"]
    request, bundle = tmp_path / "request.json", tmp_path / "BUNDLE.json"
    rules = [{"set": coast, "min": 2, "max": 2}, {"set": ["540000"], "min": 0, "max": 0}]
    request.write_text(json.dumps(json.loads(EXAMPLE.read_bytes()) | {"region_rules": rules}))
    draw = [sys.executable, "-m", "app.cli", "draw", str(request), "--pool", str(pool)]

    drawn = subprocess.run([*draw, "--out", str(bundle)], capture_output=True, check=False)

    assert drawn.returncode == 0, drawn.stderr.decode()
    assert verify(bundle.read_bytes(), Asked(test=True)).exit_code == 0
    read = json.loads(bundle.read_bytes())
    assert [one["set"] for one in read["manifest"]["rules"]["regions"]] == [
        [int(code) for code in coast],
        [540000],
    ]
    places = list(enumerate(read["results"][0]["body"]["positions"]))
    region = {(one["slot"], one["position"]): one["region"] for one in read["openings"]}
    seated = [f"{region[slot, at]:06d}" for slot, row in places for at in row]
    assert sum(one in coast for one in seated) == 2
    assert "540000" not in seated


def test_a_request_that_is_not_admitted_off_line_names_the_tightest_rule(pool: Path) -> None:
    plain = DrawRequestIn.model_validate_json(EXAMPLE.read_bytes()).to_request(WHO)
    pinned = replace(plain, region_rules=(RegionRequest((140000,), 4, 4),))

    with pytest.raises(OfflineStopped) as stopped:
        draw_offline(pinned, pool.read_bytes(), ClassificationService.load())

    assert stopped.value.facts == {"reason": "draw.not_admitted, tightest regions[0]"}


def test_a_bundle_that_was_touched_does_not_verify(pool: Path) -> None:
    request = DrawRequestIn.model_validate_json(EXAMPLE.read_bytes()).to_request(WHO)
    drawn = draw_offline(request, pool.read_bytes(), ClassificationService.load())
    touched = drawn.bundle.replace(b'"org_cap":1', b'"org_cap":2')

    assert verify(drawn.bundle, Asked(test=True)).exit_code == 0
    assert touched != drawn.bundle
    assert verify(touched, Asked(test=True)).exit_code == 1
    assert verify(drawn.bundle, Asked(test=False)).exit_code == 1


def test_too_small_a_pool_is_refused_off_line_too(tmp_path: Path) -> None:
    """R-POOL-3."""
    path = tmp_path / "few.csv"
    write_pool(path, generate(ClassificationService.load(), 12, 1, date(2026, 11, 1)))
    request = DrawRequestIn.model_validate_json(EXAMPLE.read_bytes()).to_request(WHO)

    with pytest.raises(PoolTooSmall):
        draw_offline(request, path.read_bytes(), ClassificationService.load())
