"""A new version of the standard comes in: old draws still prove themselves, new ones wait for a
snapshot of the new codes, and a request between the two is told why it cannot go on."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from classification.edition_desk import EditionDesk
from classification.service import ClassificationService
from draw_engine.core.draw_state import Stage
from draw_engine.core.request import SlotRequest
from draw_engine.record import stream_of
from draw_engine.remapping import Remapping
from tests.classification.lists import as_csv, changed
from tests.draw_engine.draw_bench import DrawBench, a_bench
from tests.draw_engine.service.test_whole_draw import verified

NEW = "2018r1"


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DrawBench]:
    # this one will follow another version; the benches of other tests share theirs
    own = ClassificationService.load()
    monkeypatch.setattr("tests.draw_engine.draw_bench.CLASSIFICATION", own)
    with a_bench(tmp_path / "home") as made:
        yield made


def adopt(bench: DrawBench) -> Remapping:
    """A list without C14, adopted; no snapshot is taken by itself."""
    from tests.draw_engine import draw_bench

    held = draw_bench.CLASSIFICATION
    desk = EditionDesk(bench.books, held)
    remapping = Remapping(bench.books, bench.pool, held)
    desk.propose(as_csv(changed(without=["C14"])), NEW, "corrected.csv", "act_pool")
    remapping.adopt(NEW, "gazette compared", "act_supervisor")
    return remapping


def test_a_draw_of_the_older_version_is_rebuilt_and_verified_as_before(
    bench: DrawBench, tmp_path: Path
) -> None:
    draw = bench.drawn()
    bench.accept_all(draw.id)
    adopt(bench)

    checks = {one.name: one.outcome for one in bench.rooms.rebuilder.run(draw.id, "act_s")}

    assert len(checks) == 7
    assert set(checks.values()) == {"ok"}, checks
    assert bench.unseal(draw.id).stage is Stage.UNSEALED
    bundle = bench.rooms.publisher.bundle(draw.id)
    assert b'"classification":"2018"' in bundle
    assert verified(bundle, tmp_path).returncode == 0


def test_a_request_of_the_older_version_is_refused_at_the_freeze_and_says_what_to_write(
    bench: DrawBench,
) -> None:
    draw = bench.draws.file(bench.request())
    adopt(bench)
    bench.rooms.snapshots.take()
    bench.settle()
    bench.clock.advance(timedelta(minutes=6))
    bench.settle()

    found = bench.draws.draw(draw.id)

    assert found.stage is Stage.REFUSED
    with bench.books.read() as book:
        refused = [x for x in book.entries(stream_of(draw.id)) if x.type == "draw.refused"]
    assert refused
    assert refused[0].body is not None
    assert refused[0].body["code"] == "classification.code_has_moved"
    assert refused[0].body["facts"]["instead"] == "A0802"


def test_a_draw_of_the_new_version_waits_for_a_snapshot_of_the_new_codes(
    bench: DrawBench,
) -> None:
    adopt(bench)
    slots = (SlotRequest((f"{NEW}:A0802",), 4),)
    draw = bench.draws.file(bench.request(slots=slots))
    bench.settle()
    bench.clock.advance(timedelta(minutes=6))
    bench.settle()
    assert bench.draws.draw(draw.id).manifest is None

    bench.rooms.snapshots.take()
    bench.settle()

    found = bench.draws.draw(draw.id)
    assert found.manifest is not None
    assert found.manifest["classification"] == NEW
    checks = {one.name: one.outcome for one in bench.rooms.rebuilder.run(draw.id, "act_s")}
    assert set(checks.values()) == {"ok"}, checks
