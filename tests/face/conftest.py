"""A day never goes back: its visits keep the order of the table, whatever shuffles the tests."""

import pytest

from tests.face.row import visits
from tests.face.table import ROWS


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = {visit[0].name: place for place, visit in enumerate(visits(ROWS))}

    def place(item: pytest.Item) -> int:
        visit = item.callspec.params.get("visit") if hasattr(item, "callspec") else None
        return order[visit[0].name] if visit else len(order)

    slots = [at for at, one in enumerate(items) if one.path.name == "test_every_page.py"]
    for at, item in zip(slots, sorted((items[at] for at in slots), key=place), strict=True):
        items[at] = item
