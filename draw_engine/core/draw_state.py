"""A draw is the sum of the entries of its stream; this is the fold.

The draw protocol's own entries (manifest, admission, reveal, result, decline, abort,
unseal) and ours (`draw.…`) stand in one stream, in the order in which they became true.
No entry tells which expert sits where: seats have numbers, members have positions, and
those only the vault can read.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, Protocol, Self

from draw_engine.core.book_line import Lists, lists_of
from draw_engine.core.request import DrawRequest
from foundation.errors import Kind, ServiceError

VAULT: Final = "vault"
SUPERVISOR: Final = "supervisor"
SUPERVISOR_SILENT: Final = "supervisor_silent"
"""Why a draw ended that no abort closes: the one who signs aborts is the silent party."""
KEPT_LEFT: Final = "kept_left"
"""Why a draw was ended: a member who kept a seat in it left, and no step can fill that seat."""


class UnknownEntry(ServiceError):
    """The stream of a draw holds an entry that no draw can have."""

    code = "draw.unknown_entry"
    kind = Kind.UNAVAILABLE


class Stage(StrEnum):
    """Where a draw stands, as everybody may know."""

    FILED = "filed"
    TIPS = "tips"
    ADMISSION = "admission"
    FROZEN = "frozen"
    REVEALING = "revealing"
    DRAWN = "drawn"
    INVITING = "inviting"
    SEALED = "sealed"
    UNSEALED = "unsealed"
    ABORTED = "aborted"
    REFUSED = "refused"


OVER: Final = frozenset({Stage.UNSEALED, Stage.ABORTED, Stage.REFUSED})


class Fact(Protocol):
    """What the fold needs of a ledger entry."""

    @property
    def index(self) -> int: ...
    @property
    def seq(self) -> int: ...
    @property
    def type(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def body(self) -> Mapping[str, Any] | None: ...
    @property
    def protocol(self) -> Mapping[str, Any] | None: ...


@dataclass(frozen=True, slots=True)
class Mark:
    """Where in the log and when."""

    index: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Tip:
    """A holder's signed end of chain; both lower-case hex."""

    tip: str
    sig: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Reveal:
    """A chain value in the log; `y` is hex."""

    y: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Decline:
    """A seat became vacant and opened supplementary step `step`."""

    step: int
    seat: int
    cause: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat without its person: `invited`, `accepted` or `vacant`, since which step."""

    state: str
    step: int


@dataclass(frozen=True, slots=True)
class KeptSeat:
    """A seat whose member was drawn before in this section and keeps it; nobody is drawn for it.

    Its number `seat` follows those of the drawn seats. `before` is the draw before, where it was
    seat `was`; `seq` the draw of the section in which its member was drawn, on these conditions.
    """

    seat: int
    before: str
    was: int
    seq: int
    codes: tuple[str, ...]
    regions: tuple[int, ...]

    def to_body(self) -> dict[str, Any]:
        """As it stands in the entry of the request."""
        return {**asdict(self), "codes": list(self.codes), "regions": list(self.regions)}

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> Self:
        """What `to_body` wrote."""
        plain = {**body, "codes": tuple(body["codes"]), "regions": tuple(body["regions"])}
        return cls(**plain)


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a draw ended without a result, and whose fault it was ("" if nobody's).

    `rule` and `facts` are those of the refusal where a request was refused at the freeze.
    `why` tells what `reason` cannot: `KEPT_LEFT` behind `withdrawn`.
    """

    reason: str
    party: str
    mark: Mark
    rule: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""


@dataclass(frozen=True, slots=True)
class Draw:
    """The state of one draw after `seq` entries of its stream."""

    id: str
    seq: int
    request: DrawRequest
    draw: Mapping[str, Any]
    policy: Mapping[str, Any]
    rulebook: Mapping[str, Any]
    max_steps: int
    filed: Mark
    since: datetime
    seal: str = VAULT
    """The party that reveals nothing before unsealing; "" in an unsealed draw."""
    kept: tuple[KeptSeat, ...] = ()
    tips: Mapping[str, Tip] = field(default_factory=dict)
    manifest: Mapping[str, Any] | None = None
    M: str = ""
    handle: str = ""
    handle_salt: str = ""
    epoch: int = 0
    screened_at: datetime | None = None
    """When the freeze asked who may serve; None in draws from before it was written down."""
    funnel: tuple[Mapping[str, Any], ...] = ()
    logged: Mark | None = None
    admissions: Mapping[str, Mark] = field(default_factory=dict)
    accepted: int = 0
    reveals: Mapping[tuple[str, int], Reveal] = field(default_factory=dict)
    results: Mapping[int, Mark] = field(default_factory=dict)
    declines: tuple[Decline, ...] = ()
    invited: Mapping[int, Mark] = field(default_factory=dict)
    seats: Mapping[int, Seat] = field(default_factory=dict)
    called: Ending | None = None
    ended: Ending | None = None
    set_aside: Mark | None = None
    refused: bool = False
    holds: frozenset[str] = frozenset()
    alarms: frozenset[str] = frozenset()
    sealed: Mark | None = None
    unseal_called: Mark | None = None
    unsealed: Mark | None = None
    names_opened: tuple[Mark, ...] = ()

    @property
    def lists(self) -> Lists | None:
        """The lists that the freeze used; None before it, and in draws from before there were."""
        return lists_of(self.manifest["book"]["version"]) if self.manifest else None

    @property
    def parties(self) -> tuple[str, ...]:
        """All chain parties in the order of the manifest's inputs, the supervisor last."""
        return tuple(holder["party"] for holder in self.policy["holders"])

    @property
    def revealers(self) -> tuple[str, ...]:
        """Parties that reveal before unsealing: all but the one that keeps the seal."""
        return tuple(party for party in self.parties if party != self.seal)

    @property
    def step(self) -> int:
        """The newest step that was opened: 0, then one for each decline."""
        return len(self.declines)

    @property
    def seed_fixed(self) -> bool:
        """Whether every y_0 that comes before the result is in the log."""
        return all((party, 0) in self.reveals for party in self.revealers)

    @property
    def freeze_index(self) -> int | None:
        """Index of the last entry of the freeze (the supervisor's admission), once there."""
        return mark.index if (mark := self.admissions.get(SUPERVISOR)) else None

    @property
    def stage(self) -> Stage:
        """Where the draw stands."""
        return next(stage for stage, holds in _STAGES if holds(self))

    @property
    def next_revealer(self) -> str | None:
        """Whose turn it is in the newest step, or None when the step is complete."""
        missing = (p for p in self.revealers if (p, self.step) not in self.reveals)
        return next(missing, None)

    @property
    def members_still_seated(self) -> bool:
        """Whether somebody was drawn or kept who has not left."""
        if 0 in self.results and not self.invited:
            return True
        return any(seat.state != "vacant" for seat in self.seats.values())

    @property
    def seat_numbers(self) -> tuple[int, ...]:
        """Every seat of the committee that is not an owner's: those to be drawn, then kept ones."""
        return (*range(self.request.seats), *(one.seat for one in self.kept))

    def value(self, party: str, step: int) -> bytes:
        """A chain value that is in the log; KeyError where it is not."""
        return bytes.fromhex(self.reveals[party, step].y)


_STAGES: Final[tuple[tuple[Stage, Callable[[Draw], bool]], ...]] = (
    (Stage.REFUSED, lambda d: d.refused),
    (Stage.ABORTED, lambda d: d.ended is not None),
    (Stage.UNSEALED, lambda d: d.unsealed is not None),
    (Stage.SEALED, lambda d: bool(d.invited) and all_accepted(d)),
    (Stage.INVITING, lambda d: bool(d.invited)),
    (Stage.DRAWN, lambda d: 0 in d.results),
    (Stage.REVEALING, lambda d: bool(d.reveals)),
    (Stage.FROZEN, lambda d: d.freeze_index is not None),
    (Stage.ADMISSION, lambda d: d.manifest is not None),
    (Stage.TIPS, lambda d: any(party != VAULT for party in d.tips)),
    (Stage.FILED, lambda d: True),
)


def all_accepted(draw: Draw) -> bool:
    """Whether every seat is taken by somebody who will come."""
    return all(seat.state == "accepted" for seat in draw.seats.values())


def fold(facts: Iterable[Fact]) -> Draw:
    """The draw that a stream's entries add up to.

    Raises:
        UnknownEntry: the first entry is no request, or a type is not known here.
    """
    draw: Draw | None = None
    for fact in facts:
        draw = _filed(fact) if draw is None else apply(draw, fact)
    if draw is None:
        raise UnknownEntry(type="")
    return draw


def apply(draw: Draw, fact: Fact) -> Draw:
    """The draw after one more entry."""
    try:
        step = _STEPS[fact.type]
    except KeyError:
        raise UnknownEntry(type=fact.type) from None
    body: Mapping[str, Any] = fact.protocol if fact.protocol is not None else fact.body or {}
    after = replace(step(draw, fact, body), seq=fact.seq)
    if after.stage is draw.stage:
        return after
    sealed = _mark(fact) if after.stage is Stage.SEALED else after.sealed
    if after.stage is Stage.INVITING:
        sealed = None
    return replace(after, since=fact.at, sealed=sealed)


def _filed(fact: Fact) -> Draw:
    if fact.type != "draw.requested" or fact.body is None:
        raise UnknownEntry(type=fact.type)
    body = fact.body
    return Draw(
        id=body["draw_id"],
        seq=fact.seq,
        request=DrawRequest.from_body(body["request"]),
        draw=body["draw"],
        policy=body["policy"],
        rulebook=body["rulebook"],
        max_steps=body["max_steps"],
        filed=_mark(fact),
        since=fact.at,
        seal=body.get("seal", VAULT),
        kept=tuple(map(KeptSeat.from_body, body.get("kept", ()))),
    )


def _mark(fact: Fact) -> Mark:
    return Mark(fact.index, fact.at)


def _tip_given(draw: Draw, fact: Fact, body: Mapping[str, Any]) -> Draw:
    tip = Tip(body["tip"], body["sig"], _mark(fact))
    return replace(draw, tips={**draw.tips, body["party"]: tip})


def _manifest(draw: Draw, fact: Fact, body: Mapping[str, Any]) -> Draw:
    private = fact.body or {}
    return replace(
        draw,
        M=body["M"],
        handle=body["handle"],
        logged=_mark(fact),
        manifest=private.get("manifest"),
        handle_salt=private.get("handle_salt", ""),
        epoch=private.get("epoch", 0),
        screened_at=_instant(private.get("screened_at", "")),
        funnel=tuple(private.get("funnel", ())),
    )


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _admission(draw: Draw, fact: Fact, body: Mapping[str, Any]) -> Draw:
    admissions = {**draw.admissions, body["party"]: _mark(fact)}
    return replace(draw, admissions=admissions, accepted=body["accepted"])


def _reveal(draw: Draw, fact: Fact, body: Mapping[str, Any]) -> Draw:
    key = (body["party"], body["j"])
    if key in draw.reveals:
        return draw
    return replace(draw, reveals={**draw.reveals, key: Reveal(body["y"], _mark(fact))})


def _result(draw: Draw, fact: Fact, body: Mapping[str, Any]) -> Draw:
    return replace(draw, results={**draw.results, body["step"]: _mark(fact)})


def _decline(draw: Draw, fact: Fact, body: Mapping[str, Any]) -> Draw:
    decline = Decline(body["step"], body["seat"], body["class"], _mark(fact))
    return replace(draw, declines=(*draw.declines, decline))


def _abort(draw: Draw, fact: Fact, body: Mapping[str, Any]) -> Draw:
    why = draw.called.why if draw.called else ""
    return replace(draw, ended=Ending(body["reason"], body["party"], _mark(fact), why=why))


def _abort_called(draw: Draw, fact: Fact, body: Mapping[str, Any]) -> Draw:
    why = body.get("why", "")
    return replace(draw, called=Ending(body["reason"], body["party"], _mark(fact), why=why))


def _refused(draw: Draw, fact: Fact, body: Mapping[str, Any]) -> Draw:
    ending = Ending(body["code"], "", _mark(fact), body.get("rule", ""), body.get("facts", {}))
    return replace(draw, ended=ending, refused=True)


def _lapsed(draw: Draw, fact: Fact, body: Mapping[str, Any]) -> Draw:
    return replace(draw, ended=Ending(body["reason"], body["party"], _mark(fact)))


def _set_aside(draw: Draw, fact: Fact, body: Mapping[str, Any]) -> Draw:
    ended = draw.ended or Ending(SUPERVISOR_SILENT, SUPERVISOR, _mark(fact))
    return replace(draw, ended=ended, set_aside=_mark(fact))


def _invited(draw: Draw, fact: Fact, body: Mapping[str, Any]) -> Draw:
    step = body["step"]
    return replace(
        draw,
        seats={**draw.seats, body["seat"]: Seat("invited", step)},
        invited={**draw.invited, step: _mark(fact)},
    )


def _kept(draw: Draw, _: Fact, body: Mapping[str, Any]) -> Draw:
    return replace(draw, seats={**draw.seats, body["seat"]: Seat("accepted", 0)})


def _seat_accepted(draw: Draw, _: Fact, body: Mapping[str, Any]) -> Draw:
    return replace(draw, seats={**draw.seats, body["seat"]: Seat("accepted", body["step"])})


def _seat_vacated(draw: Draw, _: Fact, body: Mapping[str, Any]) -> Draw:
    return replace(draw, seats={**draw.seats, body["seat"]: Seat("vacant", body["step"])})


_STEPS: Final[Mapping[str, Callable[[Draw, Fact, Mapping[str, Any]], Draw]]] = MappingProxyType(
    {
        "draw.tip_given": _tip_given,
        "manifest": _manifest,
        "admission": _admission,
        "reveal": _reveal,
        "result": _result,
        "decline": _decline,
        "abort": _abort,
        "unseal": lambda d, f, b: replace(d, unsealed=_mark(f)),
        "alarm": lambda d, f, b: replace(d, alarms=d.alarms | {b["code"]}),
        "draw.refused": _refused,
        "draw.lapsed": _lapsed,
        "draw.set_aside": _set_aside,
        "draw.abort_called": _abort_called,
        "draw.kept": _kept,
        "draw.invited": _invited,
        "draw.seat_accepted": _seat_accepted,
        "draw.seat_vacated": _seat_vacated,
        "draw.unseal_called": lambda d, f, b: replace(d, unseal_called=_mark(f)),
        "draw.held": lambda d, f, b: replace(d, holds=d.holds | {b["by"]}),
        "draw.released": lambda d, f, b: replace(d, holds=d.holds - {b["by"]}),
        "draw.names_opened": lambda d, f, b: replace(d, names_opened=(*d.names_opened, _mark(f))),
        "draw.recomputed": lambda d, f, b: d,
    }
)
"""Every type of entry that the stream of a draw may hold."""
