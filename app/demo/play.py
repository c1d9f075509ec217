"""Plays seats of a demonstration through the public interface, as browsers would.

Each played member signs in with one click, accepts its invitation, and sits in the room
over its own socket until the room is closed. The service can't tell it from a person.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import httpx2
from rich.console import Console
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from app.demo.accounts import EXPERT
from app.demo.seat import next_wish
from app.errors import NotReady
from evaluation_room import messages as wire
from evaluation_room.core.shown import RoomView, Shown
from evaluation_room.core.values import Phase, SeatId
from evaluation_room.core.view_fold import apply

LOOK_SECONDS: Final = 5.0
RETRY_SECONDS: Final = 2.0
MAX_FRAME: Final = 4 * 2**20
OWNERS: Final = ("owner-1", "owner-2")

out = Console(stderr=True, soft_wrap=True)


@dataclass(frozen=True, slots=True)
class Play:
    """What to play: where, whom, how many invited experts are left to people, how fast."""

    base_url: str
    experts: bool = True
    owners: bool = False
    leave: int = 1
    pace: float = 1.0
    certificate: str | None = None

    @property
    def tls(self) -> ssl.SSLContext | None:
        """The context for https; trusts the certificate that was named."""
        if not self.base_url.startswith("https"):
            return None
        return ssl.create_default_context(cafile=self.certificate)

    @property
    def socket_url(self) -> str:
        """Where the room's socket is."""
        return "ws" + self.base_url.removeprefix("http").rstrip("/") + "/ws/room"


@dataclass(slots=True)
class Member:
    """One played person and what it is busy with."""

    name: str
    token: str
    sitting: dict[str, "asyncio.Task[None]"] = field(default_factory=dict)

    @property
    def headers(self) -> dict[str, str]:
        """Who is asking."""
        return {"Authorization": f"Bearer {self.token}"}


class Players:
    """Everybody who is played."""

    def __init__(self, play: Play, http: httpx2.AsyncClient) -> None:
        self._play = play
        self._http = http
        self._members: dict[str, Member] = {}

    async def forever(self) -> None:
        """Look for new invitations and rooms again and again, until cancelled.

        Raises:
            NotReady: the service does not answer.
        """
        while True:
            try:
                await self.round()
            except httpx2.TransportError as silent:
                raise NotReady(url=self._play.base_url) from silent
            await asyncio.sleep(LOOK_SECONDS)

    async def round(self) -> None:
        """Sign in who is new, answer what is open, enter what may be entered."""
        async for member in self._everybody():
            if not member.name.startswith(OWNERS):
                await self._answer_inbox(member)
            await self._enter_rooms(member)

    async def _everybody(self) -> AsyncIterator[Member]:
        if self._play.owners:
            for card in OWNERS:
                if (member := await self._sign_in(card, 0)) is not None:
                    yield member
        invitation = self._play.leave
        while self._play.experts:
            member = await self._sign_in(EXPERT, invitation)
            if member is None:
                return
            yield member
            invitation += 1

    async def _sign_in(self, card: str, invitation: int) -> Member | None:
        if card in OWNERS and card in self._members:
            return self._members[card]
        answer = await self._http.post(
            "/api/demo/sign-in", json={"account_id": card, "invitation": invitation}
        )
        if answer.status_code == 404:
            return None
        answer.raise_for_status()
        signed = answer.json()
        key = card if card in OWNERS else signed["account"]["id"]
        if key not in self._members:
            self._members[key] = Member(card if card in OWNERS else key, signed["tab_token"])
            out.print(f"{signed['account']['display']}: here", highlight=False)
        return self._members[key]

    async def _get(self, member: Member, path: str) -> dict[str, Any]:
        answer = await self._http.get(path, headers=member.headers)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    async def _answer_inbox(self, member: Member) -> None:
        inbox = await self._get(member, "/api/inbox")
        for one in inbox["invitations"]:
            if one["state"] == "invited":
                await asyncio.sleep(self._play.pace)
                path = f"/api/inbox/{one['id']}/answer"
                await self._http.post(path, json={"answer": "accept"}, headers=member.headers)
                out.print(f"{member.name}: accepted", highlight=False)

    async def _enter_rooms(self, member: Member) -> None:
        mine = await self._get(member, "/api/my/evaluations")
        for one in mine["evaluations"]:
            task = member.sitting.get(one["evaluation_id"])
            if one["can_enter"] and (task is None or task.done()):
                sit = self._sit(member, one["evaluation_id"])
                member.sitting[one["evaluation_id"]] = asyncio.create_task(sit)

    async def _sit(self, member: Member, evaluation_id: str) -> None:
        """Hold a seat until the socket ends; the next round takes it up again."""
        with suppress(WebSocketException, OSError, httpx2.HTTPError):
            answer = await self._http.post(
                "/api/tickets", json={"purpose": "room"}, headers=member.headers
            )
            answer.raise_for_status()
            async with connect(
                self._play.socket_url, ssl=self._play.tls, max_size=MAX_FRAME
            ) as socket:
                hello = wire.Hello(ticket=answer.json()["ticket"], evaluation_id=evaluation_id)
                await socket.send(hello.model_dump_json())
                await self.sitting(socket).until_closed()

    def sitting(self, socket: ClientConnection) -> "Sitting":
        """How a seat is held on a socket."""
        return Sitting(socket, self._play.pace)


class Line(Protocol):
    """The two halves of a socket."""

    async def send(self, text: str, /) -> None:
        """Say a frame."""
        ...

    async def recv(self) -> str | bytes:
        """Hear a frame."""
        ...


class Sitting:
    """One seat on one socket: fold what comes, say what the habits say."""

    def __init__(self, socket: Line, pace: float) -> None:
        self._socket = socket
        self._pace = pace
        self._view = RoomView()
        self._seat: SeatId | None = None
        self._said = 0
        self._waiting = False
        self._heartbeat = 20.0
        self._patience = self._heartbeat / 2

    async def until_closed(self) -> None:
        """Sit until the room is closed or the socket ends."""
        while self._view.phase is not Phase.CLOSED:
            try:
                frame = await asyncio.wait_for(self._socket.recv(), self._patience)
            except TimeoutError:
                await self._socket.send(wire.Ping().model_dump_json())
                self._waiting, self._patience = False, self._heartbeat / 2
            else:
                if not self._take(wire.SERVER.validate_json(frame)):
                    return
            await self._speak()

    def _take(self, frame: wire.ServerFrame) -> bool:
        """Take a frame in; False when it is the last one."""
        match frame:
            case wire.Welcome():
                self._seat = frame.viewer.seat
                self._heartbeat = float(frame.heartbeat_seconds)
            case wire.Snapshot():
                self._view = frame.view.model_copy(update={"seq": frame.seq})
            case wire.Event():
                told = Shown(seq=frame.seq, at=frame.at, index=frame.index, event=frame.event)
                self._view = apply(self._view, told)
            case wire.Done():
                self._waiting = False
            case wire.Refused():
                # too early or overtaken; asked again on the next event, or in a moment
                self._patience = RETRY_SECONDS
                out.print(f"{self._seat}: {frame.error.code}", highlight=False)
            case wire.Bye():
                return False
        return True

    async def _speak(self) -> None:
        if self._seat is None or self._waiting:
            return
        wish = next_wish(self._view, self._seat)
        if wish is None:
            return
        await asyncio.sleep(self._pace)
        self._said += 1
        self._waiting = True
        said = wire.Do(id=f"{self._seat}-{self._view.seq}-{self._said}", command=wish)
        await self._socket.send(said.model_dump_json())


async def play(what: Play) -> None:
    """Play until interrupted."""
    async with httpx2.AsyncClient(base_url=what.base_url, verify=what.tls or True) as http:
        await Players(what, http).forever()
