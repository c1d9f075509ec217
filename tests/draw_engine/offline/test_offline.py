"""`expert-draw draw`: a request and a pool in, a bundle that verifies out."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from classification.service import ClassificationService
from draw_engine.core.checks.case import Asked
from draw_engine.core.eligibility import PoolTooSmall
from draw_engine.core.verification import verify
from draw_engine.offline import WHO, draw_offline
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
