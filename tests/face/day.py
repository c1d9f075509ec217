"""One day of one demonstration server: a draw, its room and its proof, scene by scene.

The office acts over HTTP, four members are played, the fifth is the person whose pages are
looked at. A scene is reached once and never left backwards.
"""

import asyncio
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property, reduce
from pathlib import Path

import httpx2 as httpx
from playwright.sync_api import Page, expect

from app.demo.play import Play, Players
from evaluation_room.core import commands
from evaluation_room.core.values import Phase
from tests.face.desk import laid
from tests.face.eyes import Watched
from tests.face.hands import Hands, selector
from tests.face.row import ANYONE, MEMBER, Row, Scene
from tests.stories.appointment import application_body
from tests.stories.browser.desk import PATIENCE_MS, SMALL, STEP_IN
from tests.stories.browser.expert import Entry, Expert
from tests.stories.browser.wire import Wire
from tests.stories.office import BIDDERS, CRITERIA, Person, request_body, until
from tests.stories.paper import pdf_with
from tests.stories.server import Server

PATIENCE = PATIENCE_MS / 1000
DRAW_SECONDS, END_SECONDS, FAR_SECONDS = 1, 100, 3600


@dataclass
class Day:
    """The server, its people, and how far the day has come."""

    server: Server
    stage: Watched
    wire: Wire
    folder: Path
    now: Scene = Scene.EMPTY
    far: str = ""
    draw: str = ""
    evaluation: str = ""
    desk: dict[str, str] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)

    # --- people

    def person(self, card: str) -> Person:
        """Somebody of the office, over HTTP."""
        return Person(self.server.url, card).sign_in()

    @cached_property
    def clerk(self) -> Person:
        """The clerk of the room."""
        return self.person("clerk")

    @cached_property
    def member(self) -> Expert:
        """The expert whose pages are looked at; the cable can be cut."""
        return Expert.arrives(self.stage, (), url=self.wire.url)

    def page_of(self, who: str) -> Page:
        """The browser of a card, of the member, or of anybody."""
        if who == MEMBER:
            return self.member.page
        if who not in self.pages:
            page = self.pages[who] = self.stage.page()
            if who != ANYONE:
                page.goto(SMALL)
                assert page.evaluate(STEP_IN, [who, 0]) is not None
        return self.pages[who]

    # --- a row

    def show(self, row: Row) -> Page:
        """Bring a page into the state of its row."""
        self.reach(row.scene)
        page = self.page_of(row.who)
        if row.goes:
            page.goto(self.path(row))
        for step in row.steps:
            Hands(self, page).do(step)
        page.locator(selector(row.sees)).filter(visible=True).first.wait_for(timeout=PATIENCE_MS)
        return page

    def path(self, row: Row) -> str:
        """The address of a row."""
        if row.route.startswith("/:rest"):
            return "/no/such/page"
        if row.route == "/links/:token":
            return f"/links/{self.link if row.state == 'open' else 'used-up'}"
        if row.route.startswith("/standard/"):
            given = {":version": "2018r9", ":old": "2010", ":next": "2018"}
            return reduce(lambda path, one: path.replace(*one), given.items(), row.route)
        if row.route.startswith("/pool/applications/"):
            none = row.state == "no such application"
            return row.route.replace(":id", "ap_none" if none else self.application)
        if row.route.startswith(("/shared/regions/", "/passkey-links/")):
            return row.route.replace(":id", "pe_none").replace(":token", "used-up")
        rooms = row.route.startswith(("/room", "/evaluations", "/supervise/rooms", "/ratings"))
        draw = self.far if row.scene <= Scene.WITHDRAWN else self.draw
        id_ = self.desk.get(row.state) or (self.evaluation if rooms else draw)
        return row.route.replace(":id", id_) + row.query

    @cached_property
    def application(self) -> str:
        """An application for appointment that waits for a review."""
        manager = self.person("pool_manager")
        return str(manager.post("/api/appointments", application_body(manager))["id"])

    @cached_property
    def link(self) -> str:
        """A one-time link that nobody has used."""
        body = {"username": "new.clerk", "role": "clerk", "display": "新任工作人员"}
        made = self.person("administrator").post("/api/accounts", body)
        return str(made["link"]).rsplit("/", 1)[1]

    def bundle(self) -> bytes:
        """The bundle that everybody may fetch."""
        anyone, path = Person(self.server.url, ""), f"/api/public/draws/{self.draw}/bundle"

        def published() -> bytes | None:
            answer = anyone.call("GET", path)
            return bytes(answer.content) if answer.status_code == 200 else None

        return until(published, 60 + END_SECONDS, "the bundle is published")

    # --- scenes

    def reach(self, scene: Scene) -> None:
        """Let the day go on until a scene."""
        while self.now < scene:
            self.now = Scene(self.now + 1)
            if self.now is scene or self.now is not Scene.DESK:  # a day passes the full desk by
                self.enact(self.now)

    def _desk(self) -> None:
        self.desk = laid(self.server.url, self.person)

    def enact(self, scene: Scene) -> None:
        """What happens at the beginning of a scene."""
        getattr(self, f"_{scene.name.lower()}", lambda: None)()

    def _filed(self) -> None:
        applicant = self.person("applicant")
        far = request_body("far", draw_in=FAR_SECONDS, closes_in=2 * FAR_SECONDS)
        self.far = applicant.post("/api/draws", far)["id"]
        near = request_body("near", draw_in=DRAW_SECONDS, closes_in=END_SECONDS)
        self.draw = applicant.post("/api/draws", near)["id"]

    def _withdrawn(self) -> None:
        self.person("applicant").post(f"/api/draws/{self.far}/withdraw", {"reason": "项目调整"})

    def _invited(self) -> None:
        self.member.is_invited()
        self.play()

    def play(self) -> None:
        """Every expert invited but the first is played from here on."""
        threading.Thread(target=self._play, daemon=True).start()

    def _sealed(self) -> None:
        self.member.goes_to("/inbox")
        self.member.accepts()
        self.sealed()

    def sealed(self) -> None:
        """Every seat is taken; the clerk takes up the draw."""
        self._until_draw("sealed")
        body = {"draw_id": self.draw, "title": "城东片区排水管网改造工程（演示）"}
        self.evaluation = self.clerk.post("/api/evaluations", body)["id"]

    def _prepared(self) -> None:
        path = f"/api/evaluations/{self.evaluation}"
        bidders = [
            {"id": id_, "name": name, "unified_credit_code": code, "price_fen": fen}
            for id_, name, code, fen in BIDDERS
        ]
        self.clerk.put(f"{path}/bidders", {"bidders": bidders})
        for bidder in ("", *(id_ for id_, _, _, _ in BIDDERS)):
            name = bidder or "tender"
            file = {"file": (f"{name}.pdf", pdf_with(name), "application/pdf")}
            data = {"kind": "bid", "bidder_id": bidder} if bidder else {"kind": "tender"}
            answer = self.clerk.call("POST", f"{path}/documents", files=file, data=data)
            assert answer.status_code == 201, answer.text
        self.clerk.put(f"{path}/criteria", {"criteria": CRITERIA})

    def _check_in(self) -> None:
        self.clerk.post(f"/api/evaluations/{self.evaluation}/ready")
        self._until_phase(Phase.CHECK_IN)

    def _waiting(self) -> None:
        self.member.goes_to(f"/room/{self.evaluation}")
        self.member.checks_in()

    def _undertaking(self) -> None:
        self.go_on()

    def go_on(self) -> None:
        """The clerk leaves check-in as soon as everybody is there."""

        def left() -> bool:
            self.clerk.say(self.evaluation, commands.Advance(leaving=Phase.CHECK_IN), "go-on")
            return self._phase() is not Phase.CHECK_IN

        until(left, PATIENCE, "everybody has checked in", pause=0.5)

    def _recusal(self) -> None:
        self.member.goes_to(f"/room/{self.evaluation}")
        self.member.signs_the_undertaking()

    def _leader(self) -> None:
        self.member.goes_to(f"/room/{self.evaluation}")
        self.member.declares_no_interest()

    def _scoring(self) -> None:
        votes = self.member.page.locator(".choices label input")
        votes.first.wait_for(timeout=PATIENCE_MS)
        self.member.votes_for(str(votes.first.get_attribute("value")))
        self._until_phase(Phase.SCORING)

    def _summary(self) -> None:
        self.member.goes_to(f"/room/{self.evaluation}")
        self.member.is_connected()
        self.member.begins_to_score()
        self.member.scores(_odd_sheet())
        self.member.is_saved()
        # Those who are played have sealed already: with this sheet all of them open.
        self.member.seals_the_sheet()
        self._until_phase(Phase.SUMMARY)

    def _report(self) -> None:
        self.member.goes_to(f"/room/{self.evaluation}")
        self.member.is_connected()
        asked = self.member.page.locator("article[data-testid^=flag-]")
        reported = self.member.at("sign-report")
        lead = self.member.at("advance-summary")

        def answered() -> bool:
            if reported.count():
                return True
            if open_ := asked.count():
                one = asked.first
                others = one.locator(".values span:not(.me) b").first.inner_text()
                one.locator("input[data-testid^=amend-]").fill(others)
                one.locator("[data-testid^=flag-reason-]").fill("漏看证明，改正。")
                one.locator("[data-testid^=amend-submit-]").click()
                expect(asked).not_to_have_count(open_, timeout=PATIENCE_MS)
            elif lead.count() and lead.is_enabled():
                lead.click()
            return False

        until(answered, PATIENCE, "every question is answered")

    def _signed(self) -> None:
        self.member.goes_to(f"/room/{self.evaluation}")
        self.member.is_connected()
        self.member.signs_the_report()

    def _closed(self) -> None:
        def go_on() -> bool:
            self.clerk.say(self.evaluation, commands.Advance(leaving=Phase.REPORT), "close")
            return self._phase() is Phase.CLOSED

        until(go_on, PATIENCE, "the room is closed", pause=0.5)

    def _unsealed(self) -> None:
        self._until_draw("unsealed", 2 * END_SECONDS)
        self.bundle()

    # --- waiting

    def _phase(self) -> Phase:
        return Phase(self.clerk.get(f"/api/evaluations/{self.evaluation}")["phase"])

    def _until_phase(self, *wanted: Phase) -> None:
        until(lambda: self._phase() in wanted, 2 * PATIENCE, f"the room is in {wanted[0]}")

    def _until_draw(self, state: str, seconds: float = 2 * PATIENCE) -> None:
        applicant = self.person("applicant")

        def reached() -> bool:
            return bool(applicant.get(f"/api/draws/{self.draw}")["state"] == state)

        until(reached, seconds, f"the draw is {state}")

    def _play(self) -> None:
        async def forever() -> None:
            async with httpx.AsyncClient(base_url=self.server.url, timeout=30) as http:
                players = Players(Play(self.server.url, leave=1, pace=0.02), http)
                while not self.stop.is_set():
                    with suppress(httpx.TransportError, httpx.HTTPStatusError):
                        await players.round()
                    await asyncio.sleep(0.5)

        asyncio.run(forever())


MARKS = {"plan": "30", "safety": "15", "record": "1"}
"""What this member gives: an objective mark that nobody else gives, so that the room asks."""


def _odd_sheet() -> list[Entry]:
    return [
        ((bidder, line["id"]), MARKS[line["id"]], "内容不够具体，见第 2 页。")
        for bidder in range(len(BIDDERS))
        for line in CRITERIA["criteria"]
    ]
