"""Put pictures of one story beside each other, to be looked at as one product.

    python tools/side_by_side.py OUT.png PICTURE.png …

The sheet is a page that the tests' own Chromium draws; there is no drawing library to install.
"""

import base64
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
WIDTH, HEIGHT, GAP = 2012, 480, 20
STYLE = f"""
  body {{ margin: 0; padding: {GAP}px; width: {WIDTH}px; box-sizing: border-box;
         display: flex; flex-wrap: wrap; gap: {GAP}px; background: #efede8; }}
  img {{ display: block; height: {HEIGHT}px; border-radius: 4px; }}
"""


def compose(out: Path, pictures: list[Path]) -> None:
    """Draw the sheet, rows of equal height, and keep it at `out` as PNG."""
    images = "".join(
        f'<img src="data:image/png;base64,{base64.b64encode(one.read_bytes()).decode()}">'
        for one in pictures
    )
    with sync_playwright() as play:
        browser = play.chromium.launch(**_chromium())
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.set_content(f"<style>{STYLE}</style><body>{images}</body>")
        page.wait_for_function("[...document.images].every((one) => one.complete)")
        page.screenshot(path=out, full_page=True)
        browser.close()


def _chromium() -> dict[str, Any]:
    found = subprocess.run(
        [str(ROOT / "tools" / "chromium.sh")], capture_output=True, text=True, check=True
    )
    # Chromium's sandbox refuses to start for root.
    args = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {"executable_path": found.stdout.strip(), "args": args}


if __name__ == "__main__":
    compose(Path(sys.argv[1]), [Path(one) for one in sys.argv[2:]])
