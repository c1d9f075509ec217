"""Each test has a pool, applications and profiles of its own."""

from collections.abc import Iterator

import pytest

from tests.draw_engine.appointment.bench import AppointmentBench, an_appointment
from tests.stores.places import Stores


@pytest.fixture
def bench(stores: Stores) -> Iterator[AppointmentBench]:
    with an_appointment(stores) as opened:
        yield opened
        opened.nothing_half_done()
