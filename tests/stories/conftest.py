"""What several stories need."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserType


@pytest.fixture(scope="module")
def calm_browser(
    browser_type: BrowserType, browser_type_launch_args: dict[str, Any]
) -> Iterator[Browser]:
    """Seven cameras on two cores: five pictures a second are enough to see who sees whom."""
    cameras = "--use-fake-device-for-media-stream"
    arguments = [
        f"{one}=fps=5" if one == cameras else one for one in browser_type_launch_args["args"]
    ]
    assert f"{cameras}=fps=5" in arguments
    browser = browser_type.launch(**{**browser_type_launch_args, "args": arguments})
    yield browser
    browser.close()
