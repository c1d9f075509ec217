"""Every page in every state, in both languages: nothing that axe, a reader or a keyboard misses.

One server lives through one day; each row of the table is looked at when its state is there.
All findings are told at once.
"""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Error as PlaywrightError

from tests.face.day import Day
from tests.face.eyes import Eyes, Watched
from tests.face.row import ANYONE
from tests.face.table import ROWS
from tests.stories.browser.wire import Wire
from tests.stories.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.sweep, pytest.mark.timeout(1800)]

ALBUM = "EXPERT_DRAW_ALBUM"
"""A folder for a picture of every row, where somebody wants to look with their own eyes."""


def test_every_page_in_every_state_is_fit_to_be_shown(browser: Browser, tmp_path: Path) -> None:
    album = os.environ.get(ALBUM)
    eyes = Eyes(album=Path(album) if album else None)
    with (
        Server(tmp_path / "home", ("serve", "--demo")) as server,
        Watched(browser, server.url, tmp_path) as stage,
        Wire(server.port) as wire,
    ):
        day = Day(server, stage, wire, tmp_path)
        for row in ROWS:
            try:
                eyes.look(day.show(row), row.name, phone=row.phone)
            except PlaywrightError as late:
                eyes.found.append(f"{row.name}: {str(late).splitlines()[0]}")
        day.stop.set()
        boxes = eyes.boxes(day.page_of(ANYONE))
        assert stage.faults == []
    assert eyes.looks == 2 * len(ROWS)
    assert sorted(eyes.found) == []
    assert boxes == []
