"""Every page in every state, in both languages: nothing that axe, a reader or a keyboard misses.

One server is looked at before anything happens, another lives through one day; each row of a
table is looked at when its state is there. All findings are told at once. `make test` judges
axe, words and width of every row; `make sweep` adds 150 %, telephone, keyboard and contrast.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Error as PlaywrightError

from tests.face.day import Day
from tests.face.eyes import Eyes, Watched
from tests.face.row import ANYONE, Row, visits
from tests.face.table import TABLES
from tests.stories.browser.wire import Wire
from tests.stories.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(1200)]

ALBUM = "EXPERT_DRAW_ALBUM"
"""A folder for a picture of every row, where somebody wants to look with their own eyes."""
ONLY = "EXPERT_DRAW_ROWS"
"""A regular expression: only the visits with a row of such a name, while a page is mended."""

tables = pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)


@tables
def test_every_page_in_every_state_is_fit_to_be_shown(
    browser: Browser, tmp_path: Path, table: Sequence[Row]
) -> None:
    looks_through(browser, tmp_path, table, Eyes())


@pytest.mark.sweep
@tables
def test_every_page_in_every_state_is_fit_for_every_eye_and_hand(
    browser: Browser, tmp_path: Path, table: Sequence[Row]
) -> None:
    album = os.environ.get(ALBUM)
    looks_through(
        browser, tmp_path, table, Eyes(thorough=True, album=Path(album) if album else None)
    )


def looks_through(browser: Browser, folder: Path, table: Sequence[Row], eyes: Eyes) -> None:
    """Bring about each row of a table and look at it."""
    rows = wanted(table)
    with (
        Server(folder / "home", ("serve", "--demo")) as server,
        Watched(browser, server.url, folder) as stage,
        Wire(server.port) as wire,
    ):
        day = Day(server, stage, wire, folder)
        for row in rows:
            try:
                eyes.look(day.show(row), row.name, phone=row.phone)
            except PlaywrightError as late:
                eyes.note(row.name, str(late).splitlines()[0])
        day.stop.set()
        boxes = eyes.boxes(day.page_of(ANYONE))
        assert stage.faults == []
    assert not eyes.found, "\n".join(sorted(eyes.found))
    assert boxes == []
    assert eyes.looks == 2 * len(rows) > 0


def wanted(table: Sequence[Row]) -> list[Row]:
    """The rows of a table, or those somebody asks for with what comes before them on the page."""
    only = re.compile(os.environ.get(ONLY, ""))
    asked = (one for one in visits(table) if any(only.search(row.name) for row in one))
    return [row for visit in asked for row in visit]
