"""A draw touches candidates alone, and what an older version has kept still opens."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import delete

from draw_engine.core.draw_state import Stage
from draw_engine.persons import PersonRow
from draw_engine.pool_tables import ExpertRow, ExpertSpecialtyRow
from draw_engine.vault_store import EpochPartRow, EpochRow, FreezeRow
from tests.draw_engine.draw_bench import DrawBench, a_bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[DrawBench]:
    with a_bench(tmp_path) as bench:
        yield bench


@contextmanager
def watched() -> Iterator[list[object]]:
    """Every ORM object of an expert, a specialty or a person that is loaded meanwhile."""
    loaded: list[object] = []

    def note(row: object, _context: Any) -> None:
        loaded.append(row)

    tables = (ExpertRow, ExpertSpecialtyRow, PersonRow)
    for table in tables:
        event.listen(table, "load", note)
    try:
        yield loaded
    finally:
        for table in tables:
            event.remove(table, "load", note)


def test_a_draw_opens_no_row_of_an_expert_beyond_its_members(bench: DrawBench) -> None:
    bench.pool.columns()
    asked: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(" ".join(statement.split()))

    for database in (bench.database, bench.vault_database):
        for engine in (database._engines.read, database._engines.write):
            event.listen(engine, "before_cursor_execute", note)
    with watched() as loaded:
        draw = bench.drawn()

    reads = [one for one in asked if "FROM expert" in one]
    assert reads == [], reads
    assert draw.stage is Stage.INVITING
    # A notice needs its expert's telephone number; nobody else was looked at.
    assert len(loaded) <= len(bench.members(draw.id)) * 3
    assert all(isinstance(one, PersonRow) for one in loaded)


def test_a_snapshot_is_read_back_part_by_part(
    bench: DrawBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pool larger than one batch: several sealed parts, one root, one list of changes."""
    monkeypatch.setattr("draw_engine.pool_batches.batches.__defaults__", (None, 7))
    taken = bench.rooms.snapshots.take().taken

    with bench.vault_database.read() as db:
        parts = [row for row in db.exec(_parts()).all() if row.epoch == taken.epoch]
    assert len(parts) == 9
    assert bench.vault.snapshots.changes_hash(taken.epoch) == taken.changes
    bench.restart()
    columns = bench.vault.snapshots.columns(taken.epoch)
    assert list(columns.ids) == sorted(bench.pool.ids())
    draw = bench.drawn()
    checks = bench.rooms.rebuilder.run(draw.id, "act_supervisor")
    assert {one.outcome for one in checks} == {"ok"}


def test_parts_of_a_snapshot_that_was_cut_off_are_forgotten(bench: DrawBench) -> None:
    newest = bench.vault.snapshots.newest()
    assert newest is not None
    with bench.vault_database.write() as db:
        db.add(EpochPartRow(epoch=newest.epoch + 1, part=5, sealed=b"of a killed process"))

    taken = bench.rooms.snapshots.take().taken

    assert taken.epoch == newest.epoch + 1
    assert len(bench.vault.snapshots.columns(taken.epoch)) == len(bench.pool.columns())


def test_a_draw_frozen_by_an_older_version_is_recomputed_alike(bench: DrawBench) -> None:
    """Lists of ids and rows in one piece, as they were kept before there were columns."""
    draw = bench.drawn()
    frozen = bench.vault.frozen(draw.id)
    pool = bench.vault.snapshots.columns(draw.epoch)
    rows = [
        [
            one.expert_id,
            one.org_group,
            one.identity.decode(),
            one.qualification.decode(),
            one.region,
            one.version,
        ]
        for one in pool.experts()
    ]
    lists = {
        "hats": [[hat.person(at).expert_id for at in range(len(hat))] for hat in frozen.hats],
        "out": {
            pool.ids[row]: int(why)
            for row, why in zip(frozen.out.rows.tolist(), frozen.out.reasons.tolist(), strict=True)
        },
        "keep": [],
    }
    box = bench.vault._box
    with bench.vault_database.write() as db:
        epoch = db.get_one(EpochRow, draw.epoch)
        epoch.rows = box.seal(json.dumps(rows).encode(), f"epoch {draw.epoch}")
        freeze = db.get_one(FreezeRow, draw.id)
        freeze.hats = box.seal(json.dumps(lists).encode(), f"freeze {draw.id}")
        db.add(epoch)
        db.add(freeze)
        db.connection().execute(delete(EpochPartRow))
    bench.restart()

    again = bench.vault.frozen(draw.id)

    assert [tree.root for tree in again.trees] == [tree.root for tree in frozen.trees]
    assert again.out_tree.root == frozen.out_tree.root
    assert list(again.hats[0]) == list(frozen.hats[0])
    checks = bench.rooms.rebuilder.run(draw.id, "act_supervisor")
    assert {one.outcome for one in checks} == {"ok"}


def _parts() -> Any:
    from sqlmodel import select

    return select(EpochPartRow)
