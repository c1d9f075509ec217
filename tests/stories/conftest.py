"""What several stories need."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserType


@pytest.fixture(scope="module")
def calm_browser(
    browser_type: BrowserType,
    browser_type_launch_args: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Browser]:
    """Seven cameras on two cores: five pictures a second are enough to see who sees whom.

    Below everything else that runs here: a test beside it keeps its pace.
    """
    polite = tmp_path_factory.mktemp("browser") / "chromium"
    polite.write_text(
        f'#!/bin/sh\nexec nice -n 10 "{browser_type_launch_args["executable_path"]}" "$@"\n'
    )
    polite.chmod(0o700)
    cameras = "--use-fake-device-for-media-stream"
    arguments = [
        f"{one}=fps=5" if one == cameras else one for one in browser_type_launch_args["args"]
    ]
    assert f"{cameras}=fps=5" in arguments
    wanted = {**browser_type_launch_args, "executable_path": str(polite), "args": arguments}
    browser = browser_type.launch(**wanted)
    yield browser
    browser.close()
