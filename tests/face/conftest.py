"""The day that a table's visits are made on, and their order: a day never goes back."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.face.day import Day
from tests.face.eyes import Eyes, Watched
from tests.face.row import visits
from tests.face.table import ROWS
from tests.stories.browser.wire import Wire
from tests.stories.server import Server

ALBUM = "EXPERT_DRAW_ALBUM"
"""A folder for a picture of every row, where somebody wants to look with their own eyes."""


@pytest.fixture(scope="module")
def eyes() -> Eyes:
    """What was shown in which font, over all visits of a table."""
    album = os.environ.get(ALBUM)
    return Eyes(album=Path(album) if album else None)


@pytest.fixture(scope="module")
def day(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """One server from its first page on; it goes on as far as a visit asks."""
    folder = tmp_path_factory.mktemp("day")
    with (
        Server(folder / "home", ("serve", "--demo")) as server,
        Watched(browser, server.url, folder) as stage,
        Wire(server.port) as wire,
    ):
        day = Day(server, stage, wire, folder)
        yield day
        day.stop.set()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put visits into the order of the table, whatever shuffled the tests."""
    order = {visit[0].name: place for place, visit in enumerate(visits(ROWS))}

    def place(item: pytest.Item) -> int:
        visit: Any = (
            item.callspec.params.get("visit")
            if isinstance(item, pytest.Function) and hasattr(item, "callspec")
            else None
        )
        return order[visit[0].name] if visit else len(order)

    for module in {one.path for one in items if one.path.name.startswith("test_every_page")}:
        slots = [at for at, one in enumerate(items) if one.path == module]
        made = sorted((items[at] for at in slots), key=place)
        for at, item in zip(slots, made, strict=True):
            items[at] = item
