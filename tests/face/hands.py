"""What a person does before a look: press, fill in, choose a file, pull a plug."""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Protocol

from playwright.sync_api import Page

from app.demo.setup import EXPERTS, SEED
from draw_engine.pool_generate import generate
from foundation.clock import CHINA_STANDARD_TIME
from tests.blacklist.lists.bench import a_file, a_row, starred
from tests.draw_engine.pool.bench import the_standard
from tests.face.row import Step
from tests.stories.browser.applicant import Applicant
from tests.stories.browser.desk import PATIENCE_MS, Stage
from tests.stories.browser.wire import Wire
from tests.stories.server import ROOT


class Around(Protocol):
    """What hands need of the day around them."""

    @property
    def stage(self) -> Stage:
        """The browsers."""
        ...

    wire: Wire
    folder: Path
    pages: dict[str, Page]

    def bundle(self) -> bytes:
        """The published bundle."""
        ...


@dataclass
class Hands:
    """At one page."""

    day: Around
    page: Page

    def do(self, step: Step) -> None:
        """One step of a person."""
        page = self.page
        verb, *what = step
        match verb:
            case "press":
                page.locator(selector(what[0])).first.click()
            case "fill":
                page.locator(selector(what[0])).first.fill(what[1])
                page.evaluate("(text) => window.__said.push(text)", what[1])
            case "choose":
                page.locator(selector(what[0])).first.select_option(what[1])
            case "keys":
                for key in what:
                    page.keyboard.press(key)
            case "wait":
                page.locator(what[0]).first.wait_for(timeout=PATIENCE_MS)
            case "pick" | "upload" | "outside":
                page.locator(selector(what[0])).set_input_files(self.file(verb, *what[1:]))
            case "bundle":
                page.locator("input[type=file]").first.set_input_files(self.bundle_file(what[0]))
            case "specialty":
                Applicant(self.day.stage, page).picks(what[0], int(what[1]) if what[1:] else 1)
            case "offline" | "online":
                self.cable(whole=verb == "online")
            case _:
                raise ValueError(verb)

    def cable(self, *, whole: bool) -> None:
        """Pull the plug, or put it back."""
        if self.page in self.day.pages.values():
            self.page.context.set_offline(not whole)
        elif whole:
            self.day.wire.mend()
        else:
            self.day.wire.cut()

    def file(self, verb: str, name: str = "") -> Path:
        """What is chosen: one of the repository, a broken import, or an outside list."""
        if verb == "outside":
            return self.outside_list(name)
        return ROOT / name if verb == "pick" else self.broken_import

    @property
    def broken_import(self) -> Path:
        """The template with rows that cannot stand."""
        path = self.day.folder / "experts.csv"
        head = (ROOT / "examples" / "pool-template.csv").read_bytes().splitlines()[0]
        cells = [b"x"] * (head.count(b",") + 1)
        path.write_bytes(b"\r\n".join([head, b",".join(cells), b",".join(cells)]))
        return path

    def outside_list(self, how: str) -> Path:
        """A list with two of the demonstration's people: "good", or "bad" in one cell."""
        path, today = self.day.folder / f"{how}.csv", datetime.now(CHINA_STANDARD_TIME).date()
        one, two = islice(generate(the_standard(), EXPERTS, SEED, today), 2)
        near = a_row(two, number=starred(two.id_number), document="（2026）某执 2 号")
        if how == "bad":
            near |= {"kind": "其他"}
        path.write_bytes(a_file(a_row(one), near).read())
        return path

    def bundle_file(self, how: str) -> Path:
        """The published bundle: "whole", or "changed" in one digit."""
        path, bundle = self.day.folder / "bundle.json", self.day.bundle()
        if how == "changed":
            at = next(i for i in range(len(bundle) // 2, len(bundle)) if chr(bundle[i]).isdigit())
            turned = b"1" if bundle[at : at + 1] != b"1" else b"2"
            bundle = bundle[:at] + turned + bundle[at + 1 :]
        path.write_bytes(bundle)
        return path


def selector(name: str) -> str:
    """A selector; a bare name is a test id."""
    plain = name.replace("-", "").replace("_", "").replace(".", "")
    known = plain.isalnum() and not name.startswith(".") and name not in {"h1", "td"}
    return f"[data-testid='{name}']" if known else name
