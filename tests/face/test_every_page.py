"""Every page in every state, in both languages: nothing that axe, a reader or a keyboard misses.

One server lives through one day; each visit of the table is made when its state is there.
`-k "supervise and watch"` makes some of the visits only.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Error as PlaywrightError

from tests.face.day import Day
from tests.face.eyes import Eyes, Watched
from tests.face.row import ANYONE, Row, visits
from tests.face.table import ROWS
from tests.stories.browser.wire import Wire
from tests.stories.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.sweep, pytest.mark.timeout(900)]

ALBUM = "EXPERT_DRAW_ALBUM"
"""A folder for a picture of every row, where somebody wants to look with their own eyes."""


@pytest.fixture(scope="module")
def eyes() -> Eyes:
    album = os.environ.get(ALBUM)
    return Eyes(album=Path(album) if album else None)


@pytest.fixture(scope="module")
def day(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    folder = tmp_path_factory.mktemp("day")
    with (
        Server(folder / "home", ("serve", "--demo")) as server,
        Watched(browser, server.url, folder) as stage,
        Wire(server.port) as wire,
    ):
        day = Day(server, stage, wire, folder)
        yield day
        day.stop.set()


@pytest.mark.parametrize("visit", visits(ROWS), ids=lambda visit: visit[0].name)
def test_a_page_in_its_states_is_fit_to_be_shown(
    day: Day, eyes: Eyes, visit: tuple[Row, ...]
) -> None:
    eyes.found.clear()
    day.stage.faults.clear()
    seen = 0
    for row in visit:
        try:
            eyes.look(day.show(row), row.name, phone=row.phone)
            seen += 1
        except PlaywrightError as late:
            eyes.found.append(f"{row.name}: {str(late).splitlines()[0]}")
    assert not eyes.found, "\n".join(eyes.found)
    assert day.stage.faults == []
    assert seen == len(visit)


def test_every_character_shown_is_in_a_bundled_font(day: Day, eyes: Eyes) -> None:
    assert eyes.boxes(day.page_of(ANYONE)) == []
