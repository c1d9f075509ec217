"""What an applicant asks for (抽取申请), as a value.

No field can hold an expert: a request names specialties, seats and site regions, and
the parties whose people must stand aside (R-PRIN-1, R-NARROW-1, R-NARROW-3).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Final, Self

from draw_engine.core.region_rules import MOST_RULES, require_together
from draw_engine.core.selection import RegionRule
from foundation.errors import Kind, ServiceError

PURPOSES: Final = ("PREQUAL", "EVALUATE", "REVIEW", "ARGUE")
PARTY_KINDS: Final = ("bidder", "procuring_entity", "agency")
MAX_SEATS: Final = 25

_CODE = re.compile(r"(?P<version>[0-9]{4}(r[1-9][0-9]?)?):(?P<code>[A-Z]([0-9]{2}){0,4})", re.ASCII)


class RequestUnreadable(ServiceError):
    """A member of the request is missing, of the wrong form or against another one."""

    code = "draw.request_unreadable"
    kind = Kind.INVALID


class TimesOutOfOrder(ServiceError):
    """Draw, latest draw, start and unsealing do not follow each other (R-TIME-4)."""

    code = "draw.times_out_of_order"
    kind = Kind.INVALID
    rule: ClassVar[str | None] = "R-TIME-4"


@dataclass(frozen=True, slots=True)
class SlotRequest:
    """Seats of one kind: specialty codes such as `2018:A0802`, site regions (GB/T 2260)."""

    codes: tuple[str, ...]
    seats: int
    regions: tuple[int, ...] = ()

    @property
    def bare_codes(self) -> tuple[str, ...]:
        """The codes without their version, sorted, as `where` holds them."""
        return tuple(sorted(code.partition(":")[2] for code in self.codes))


@dataclass(frozen=True, slots=True)
class RegionRequest:
    """A rule for all drawn members together: at least `least` and at most `most` of them from
    these provinces (GB/T 2260, ascending)."""

    regions: tuple[int, ...]
    least: int
    most: int

    @property
    def rule(self) -> RegionRule:
        """The rule as the manifest holds it."""
        return RegionRule(frozenset(self.regions), self.least, self.most)


@dataclass(frozen=True, slots=True)
class Party:
    """A unit to be recused from: a bidder, the procuring entity or the agency."""

    kind: str
    unified_credit_code: str
    name: str


@dataclass(frozen=True, slots=True)
class DrawRequest:
    """One request to draw a committee for a lot. All instants are UTC."""

    request_key: str
    filed_by: str
    project_code: str
    project_name: str
    section: str
    regime: str
    purpose: str
    slots: tuple[SlotRequest, ...]
    committee_size: int
    owner_representatives: tuple[str, ...]
    parties: tuple[Party, ...]
    draw_at: datetime
    latest_draw_at: datetime
    starts_at: datetime
    unseal_after: datetime
    place: str
    contact: str
    demands: tuple[str, ...] = ()
    region_rules: tuple[RegionRequest, ...] = ()

    @property
    def seats(self) -> int:
        """Seats to be drawn, over all slots."""
        return sum(slot.seats for slot in self.slots)

    @property
    def committee_rules(self) -> tuple[RegionRule, ...]:
        """The region rules of the committee as the manifest holds them."""
        return tuple(asked.rule for asked in self.region_rules)

    @property
    def asked(self) -> list[tuple[int, tuple[int, ...]]]:
        """Of each slot its seats and the regions it asks for, none for any."""
        return [(slot.seats, slot.regions) for slot in self.slots]

    @property
    def classification(self) -> str:
        """The one version of the classification that all codes belong to."""
        return self.slots[0].codes[0].partition(":")[0]

    def slot_of(self, seat: int) -> int:
        """The slot in which seat number `seat` (slots in order, seats within) stands."""
        for slot, wanted in enumerate(self.slots):
            if seat < wanted.seats:
                return slot
            seat -= wanted.seats
        raise RequestUnreadable(member="seat")

    def to_body(self) -> dict[str, Any]:
        """The request as a ledger payload; times become whole Unix seconds."""
        body = {name: getattr(self, name) for name in _PLAIN}
        body |= {name: int(getattr(self, name).timestamp()) for name in _TIMES}
        body["slots"] = [
            {"codes": list(s.codes), "seats": s.seats, "regions": list(s.regions)}
            for s in self.slots
        ]
        body["owner_representatives"] = list(self.owner_representatives)
        if self.demands:
            body["demands"] = list(self.demands)
        if self.region_rules:
            body["region_rules"] = [
                {"set": list(r.regions), "min": r.least, "max": r.most} for r in self.region_rules
            ]
        body["parties"] = [
            {"kind": p.kind, "unified_credit_code": p.unified_credit_code, "name": p.name}
            for p in self.parties
        ]
        return body

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> Self:
        """The request in a payload that `to_body` made."""
        plain: dict[str, Any] = {name: body[name] for name in _PLAIN}
        plain |= {name: datetime.fromtimestamp(body[name], UTC) for name in _TIMES}
        return cls(
            **plain,
            slots=tuple(
                SlotRequest(tuple(s["codes"]), s["seats"], tuple(s["regions"]))
                for s in body["slots"]
            ),
            owner_representatives=tuple(body["owner_representatives"]),
            parties=tuple(Party(**p) for p in body["parties"]),
            demands=tuple(body.get("demands", ())),
            region_rules=tuple(
                RegionRequest(tuple(r["set"]), r["min"], r["max"])
                for r in body.get("region_rules", ())
            ),
        )


_PLAIN: Final = (
    "request_key",
    "filed_by",
    "project_code",
    "project_name",
    "section",
    "regime",
    "purpose",
    "committee_size",
    "place",
    "contact",
)
_TIMES: Final = ("draw_at", "latest_draw_at", "starts_at", "unseal_after")


def check_form(request: DrawRequest, kept: int = 0) -> None:
    """Refuse what no rule book could make sense of.

    Args:
        kept: members who keep their seats from an earlier draw; region rules count them.

    Raises:
        RequestUnreadable: names the first member that is wrong.
        RegionRulesClash: no committee could keep all region rules.
        TimesOutOfOrder: draw_at <= latest_draw_at <= starts_at <= unseal_after fails, or
            latest_draw_at is later than unseal_after.
    """
    for member in ("request_key", "project_code", "section", "place", "contact"):
        if not str(getattr(request, member)).strip():
            raise RequestUnreadable(member=member)
    if request.purpose not in PURPOSES:
        raise RequestUnreadable(member="purpose")
    _check_slots(request.slots)
    _check_region_rules(request, kept)
    if any(party.kind not in PARTY_KINDS for party in request.parties):
        raise RequestUnreadable(member="parties")
    times = [getattr(request, name) for name in _TIMES]
    if times != sorted(times):
        raise TimesOutOfOrder


def _check_slots(slots: Sequence[SlotRequest]) -> None:
    if not slots or sum(slot.seats for slot in slots) > MAX_SEATS:
        raise RequestUnreadable(member="slots")
    versions = set()
    for slot in slots:
        found = [_CODE.fullmatch(code) for code in slot.codes]
        if not found or slot.seats < 1:
            raise RequestUnreadable(member="slots")
        if len(set(slot.codes)) != len(slot.codes) or len(set(slot.regions)) != len(slot.regions):
            raise RequestUnreadable(member="slots")
        for match in found:
            if match is None:
                raise RequestUnreadable(member="codes")
            versions.add(match["version"])
    if len(versions) != 1:
        raise RequestUnreadable(member="codes")


def _check_region_rules(request: DrawRequest, kept: int) -> None:
    asked = request.region_rules
    sets = [one.regions for one in asked]
    if len(asked) > MOST_RULES or len(set(sets)) < len(sets):
        raise RequestUnreadable(member="region_rules")
    for one in asked:
        ascending = one.regions and list(one.regions) == sorted(set(one.regions))
        if not ascending or not 0 <= one.least <= one.most <= request.seats + kept:
            raise RequestUnreadable(member="region_rules")
    require_together(request.committee_rules, request.asked, kept)
