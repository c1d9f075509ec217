"""Wire form of the room: one JSON object a frame, tagged by `type`. PROTOCOL.md says when."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from evaluation_room.core.commands import Command
from evaluation_room.core.shown import RoomView, ShownEvent
from evaluation_room.core.values import Key, SeatId, Value
from evaluation_room.media_messages import ClientMediaFrame, ServerMediaFrame

Ticket = Annotated[str, Field(min_length=16, max_length=200)]


class Since(Value):
    """The last event the client holds of a view stream."""

    stream: Annotated[str, Field(max_length=200)]
    seq: Annotated[int, Field(ge=0, lt=2**53)]


class Hello(Value):
    """First frame, within five seconds."""

    type: Literal["hello"] = "hello"
    ticket: Ticket
    evaluation_id: Annotated[str, Field(max_length=60)]
    since: Since | None = None


class Do(Value):
    """A command. `id` is the client's, new for each wish, the same for each retry."""

    type: Literal["command"] = "command"
    id: Key
    command: Command


class Named(BaseModel):
    """All that is asked of a command that cannot be read: its id."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: Literal["command"]
    id: Key


class Ping(Value):
    """Still here."""

    type: Literal["ping"] = "ping"


ClientFrame = Annotated[Hello | Do | Ping | ClientMediaFrame, Field(discriminator="type")]
CLIENT: TypeAdapter[ClientFrame] = TypeAdapter(ClientFrame)


class Viewer(Value):
    """Who the server takes this socket for."""

    role: Literal["seat", "clerk", "supervisor"]
    seat: SeatId | None = None


class Welcome(Value):
    """Answer to hello; events or a snapshot follow. `now` is the server's clock."""

    type: Literal["welcome"] = "welcome"
    protocol: Literal["room/1"] = "room/1"
    viewer: Viewer
    stream: str
    now: datetime
    heartbeat_seconds: int
    resumed: bool


class Snapshot(Value):
    """The folded view at `seq`; fold what follows onto it."""

    type: Literal["snapshot"] = "snapshot"
    seq: int
    view: RoomView


class Event(Value):
    """One event of the view stream, `seq` exactly one more than the last."""

    type: Literal["event"] = "event"
    seq: int
    at: datetime
    index: int
    event: ShownEvent


class Done(Value):
    """The command is a fact (or already was); its events carry up to view `seq`."""

    type: Literal["done"] = "done"
    id: Key
    seq: int


class Fault(Value):
    """A refusal: code, rule of the rule book, facts. Words are in the locale files."""

    code: str
    rule: str | None = None
    facts: Mapping[str, str | int | bool] = Field(default_factory=dict)


class Refused(Value):
    """The command changed nothing."""

    type: Literal["refused"] = "refused"
    id: Key
    error: Fault


class Trouble(Value):
    """A frame could not be read, or the socket's standing changed; nothing else changed.

    `id` is that of a command that could not be read, so that whoever waits for it is told.
    """

    type: Literal["error"] = "error"
    id: Key | None = None
    error: Fault


class Draft(Value):
    """The seat's unfinished sheet as last saved; `draft` is null when there is none."""

    type: Literal["draft"] = "draft"
    revision: int
    draft: str | None
    saved_at: datetime | None


class Progress(Value):
    """Filled cells of a seat."""

    seat: SeatId
    done: int
    of: int


class Presence(Value):
    """Who is connected; progress to clerk, supervisor and the seat itself. Not a fact."""

    type: Literal["presence"] = "presence"
    online: tuple[SeatId, ...]
    progress: tuple[Progress, ...] = ()


class Pong(Value):
    """Answer to ping, with the server's clock."""

    type: Literal["pong"] = "pong"
    now: datetime


class Bye(Value):
    """Last frame before the server closes, and why."""

    type: Literal["bye"] = "bye"
    error: Fault


ServerFrame = Annotated[
    Welcome
    | Snapshot
    | Event
    | Done
    | Refused
    | Trouble
    | Draft
    | Presence
    | Pong
    | Bye
    | ServerMediaFrame,
    Field(discriminator="type"),
]
SERVER: TypeAdapter[ServerFrame] = TypeAdapter(ServerFrame)
