"""One visit to a page: each of its states is brought about and looked at."""

from playwright.sync_api import Error as PlaywrightError

from tests.face.day import Day
from tests.face.eyes import Eyes
from tests.face.row import Row


def visit_shows_nothing_amiss(day: Day, eyes: Eyes, visit: tuple[Row, ...]) -> None:
    """Make a visit; all its findings are told at once."""
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
