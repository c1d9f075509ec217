"""A page of the router that nobody looks at in every state does not exist."""

import re
from pathlib import Path

from tests.face.table import ROWS
from tests.house.source import ROOT

WEB = ROOT / "web" / "src"
PATH = re.compile(r"\{ path: '([^']+)'")
REDIRECTS = {"/"}


def routes(files: list[Path]) -> set[str]:
    """The paths that stand in the files of the router, redirects left out."""
    found = {path for file in files for path in PATH.findall(file.read_text("utf-8"))}
    return found - REDIRECTS


def router_files() -> list[Path]:
    """The router and what each area gives to it."""
    return [WEB / "router.ts", *sorted(WEB.glob("pages/*/routes.ts"))]


def test_every_page_of_the_router_is_looked_at() -> None:
    found = routes(router_files())
    assert len(found) >= 20, "the walk found no pages, so it would pass in the dark"
    assert found - {row.route for row in ROWS} == set()


def test_every_row_is_of_a_page_of_the_router() -> None:
    assert {row.route for row in ROWS} - routes(router_files()) == set()


def test_no_path_of_the_router_escapes_the_walk() -> None:
    for file in router_files():
        text = file.read_text("utf-8")
        assert len(re.findall(r"\bpath:", text)) == len(PATH.findall(text)), file.name


def test_a_page_without_a_row_is_found(tmp_path: Path) -> None:
    new = tmp_path / "routes.ts"
    new.write_text("routes: [{ path: '/nobody-looks', component: () => import('./It.vue') }]")
    assert routes([*router_files(), new]) - {row.route for row in ROWS} == {"/nobody-looks"}
