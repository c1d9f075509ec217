"""Every page that a draw and its evaluation bring forth; one server lives through one day.

`-k "supervise and watch"` makes some of the visits only.
"""

import pytest

from tests.face.day import Day
from tests.face.eyes import Eyes
from tests.face.row import ANYONE, Row, visits
from tests.face.table import OF_A_DAY
from tests.face.visit import visit_shows_nothing_amiss

pytestmark = [
    pytest.mark.browser,
    pytest.mark.sweep,
    pytest.mark.timeout(900),
    pytest.mark.xdist_group("every-page-of-a-day"),
]


@pytest.mark.parametrize("visit", visits(OF_A_DAY), ids=lambda visit: visit[0].name)
def test_a_page_in_its_states_is_fit_to_be_shown(
    day: Day, eyes: Eyes, visit: tuple[Row, ...]
) -> None:
    visit_shows_nothing_amiss(day, eyes, visit)


def test_every_character_shown_is_in_a_bundled_font(day: Day, eyes: Eyes) -> None:
    assert eyes.boxes(day.page_of(ANYONE)) == []
