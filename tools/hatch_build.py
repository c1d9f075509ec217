"""Puts the built page into the wheel, so that who installs the wheel needs no Node.

An editable install leaves the page to the Makefile; a page already built is taken as it is.
"""

import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PageBuildHook(BuildHookInterface):  # type: ignore[type-arg]  # its argument is hatchling's own matter
    """Builds `web/` into `app/static/` before a wheel is packed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        page = root / "app" / "static"
        if version == "editable" or (page / "index.html").exists():
            return
        node = str(root / "tools" / "with_node.sh")
        build = [node, "npm", "run", "build", "--", "--outDir", str(page), "--emptyOutDir"]
        verifier = [node, "npm", "run", "verifier", "--", "--outDir", str(page)]
        subprocess.run([node, "npm", "ci", "--no-audit", "--no-fund"], cwd=root / "web", check=True)
        subprocess.run(build, cwd=root / "web", check=True)
        subprocess.run(verifier, cwd=root / "web", check=True)
