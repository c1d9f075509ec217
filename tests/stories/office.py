"""The people of the office over plain HTTP, patient with a server that dies and comes back.

Every act is said again until it is answered; that is safe because each is idempotent, and
a story in which it is not would fail at its end.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx2 as httpx
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from evaluation_room import messages as wire
from evaluation_room.core import commands
from tests.stories.acknowledged import Acknowledged
from tests.stories.paper import pdf_with

T = TypeVar("T")

BIDDERS = (
    ("generated-1", "演示投标人一（生成）", "91330100GENAAAA01F", 98_000_000_00),
    ("generated-2", "演示投标人二（生成）", "91330100GENBBBB02R", 87_654_321_00),
    ("generated-3", "演示投标人三（生成）", "91330100GENCCCC034", 91_250_000_50),
)
ENTITY = {
    "kind": "procuring_entity",
    "unified_credit_code": "11330100GENDDDD04N",
    "name": "演示招标人（生成）",
}
CRITERIA: dict[str, Any] = {
    "price_weight": "30",
    "criteria": [
        {"id": "plan", "title": "施工总体部署", "max": "40", "step": "0.5",
         "kind": "subjective", "guide": "部署合理得 28 至 40 分"},
        {"id": "safety", "title": "安全与文明施工", "max": "20", "step": "0.5",
         "kind": "subjective", "guide": "措施完整得 14 至 20 分"},
        {"id": "record", "title": "类似业绩", "max": "10", "step": "1",
         "kind": "objective", "guide": "每项 2 分，最多 10 分"},
    ],
}  # fmt: skip


class NotYet(AssertionError):
    """What was waited for did not come in time."""


def until(look: Callable[[], T | None], seconds: float, what: str, pause: float = 0.25) -> T:
    """The first answer of `look` that is not None or False.

    Raises:
        NotYet: none came within `seconds`.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(pause)
    raise NotYet(what)


@dataclass
class Person:
    """One signed-in tab of a demonstration."""

    url: str
    card: str
    invitation: int = 0
    patience: float = 60
    token: str = ""
    said: int = field(default=0)
    heard: list[Acknowledged] = field(default_factory=list)

    def sign_in(self) -> "Person":
        """Step into the card."""
        body = {"account_id": self.card, "invitation": self.invitation, "tab": True}
        self.token = self.call("POST", "/api/demo/sign-in", json=body).json()["tab_token"]
        return self

    def call(self, method: str, path: str, **how: Any) -> httpx.Response:
        """Say it until it is answered; a refusal is an answer."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}

        def once() -> httpx.Response | None:
            try:
                answer = httpx.request(method, self.url + path, headers=headers, timeout=30, **how)
            except httpx.TransportError:
                return None
            return answer if answer.status_code < 500 else None

        return until(lambda: _boxed(once()), self.patience, f"{method} {path}")[0]

    def get(self, path: str) -> Any:
        """The body of a good answer."""
        answer = self.call("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any = None) -> Any:
        """As `get`, for an act."""
        answer = self.call("POST", path, json=body)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def put(self, path: str, body: Any) -> Any:
        """As `post`."""
        answer = self.call("PUT", path, json=body)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def say(self, evaluation_id: str, command: commands.Command, id_: str) -> str:
        """Say a command in the room; "done" or the code of the refusal."""
        return until(
            lambda: self._say_once(evaluation_id, command, id_), self.patience, command.type
        )

    def _say_once(self, evaluation_id: str, command: commands.Command, id_: str) -> str | None:
        ticket = self.post("/api/tickets", {"purpose": "room"})["ticket"]
        address = "ws" + self.url.removeprefix("http") + "/ws/room"
        try:
            with connect(address, max_size=4 * 2**20) as socket:
                hello = wire.Hello(ticket=ticket, evaluation_id=evaluation_id)
                socket.send(hello.model_dump_json())
                socket.send(wire.Do(id=id_, command=command).model_dump_json())
                while True:
                    frame = wire.SERVER.validate_json(socket.recv(timeout=20))
                    if isinstance(frame, wire.Done):
                        self.heard.append(Acknowledged(id_, "", command))
                        return "done"
                    if isinstance(frame, wire.Refused | wire.Bye):
                        return frame.error.code
        except (WebSocketException, OSError, TimeoutError):
            return None


def _boxed(answer: httpx.Response | None) -> tuple[httpx.Response] | None:
    return None if answer is None else (answer,)


def request_body(key: str, *, draw_in: float, closes_in: float) -> dict[str, Any]:
    """A draw of five experts from two specialties for a generated project."""
    now = datetime.now(UTC)

    def at(seconds: float) -> str:
        return (now + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")

    return {
        "request_key": f"story-{key}",
        "project_code": f"DEMO-{key}",
        "project_name": "城东片区排水管网改造工程（演示）",
        "section": "01",
        "regime": "ZB",
        "purpose": "EVALUATE",
        "slots": [
            {"codes": ["2018:A08"], "seats": 3, "regions": []},
            {"codes": ["2018:A06"], "seats": 2, "regions": []},
        ],
        "committee_size": 5,
        "owner_representatives": [],
        "parties": [
            {"kind": "bidder", "unified_credit_code": code, "name": name}
            for _, name, code, _ in BIDDERS
        ]
        + [ENTITY],
        "draw_at": at(draw_in),
        "latest_draw_at": at(closes_in),
        "starts_at": at(closes_in),
        "unseal_after": at(closes_in),
        "place": "市民中心三楼（演示）",
        "contact": "0571-00000000",
    }


def prepare(clerk: Person, draw_id: str) -> str:
    """Bidders, documents, criteria, ready; the id of the evaluation."""
    planned = clerk.post("/api/evaluations", {"draw_id": draw_id, "title": "技术评审（演示）"})
    path = f"/api/evaluations/{planned['id']}"
    clerk.put(
        f"{path}/bidders",
        {
            "bidders": [
                {"id": id_, "name": name, "unified_credit_code": code, "price_fen": fen}
                for id_, name, code, fen in BIDDERS
            ]
        },
    )
    for bidder in ("", *(id_ for id_, _, _, _ in BIDDERS)):
        name = bidder or "tender"
        file = {"file": (f"{name}.pdf", pdf_with(name), "application/pdf")}
        data = {"kind": "bid", "bidder_id": bidder} if bidder else {"kind": "tender"}
        answer = clerk.call("POST", f"{path}/documents", files=file, data=data)
        assert answer.status_code == 201, answer.text
    clerk.put(f"{path}/criteria", {"criteria": CRITERIA})
    answer = clerk.call("POST", f"{path}/ready")
    # A cut between the fact and its answer: the second asking is told that it is done.
    assert answer.status_code < 300 or clerk.get(path)["digest"], answer.text
    return str(planned["id"])
