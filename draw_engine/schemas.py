"""Wire shapes of draws. Times are ISO-8601 with Z, codes `2018:A080205`, bytes lower hex.

What an applicant or the public gets holds no name, no telephone number and no count.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer
from stdnum.cn import uscc

from draw_engine.core.book_line import Lists
from draw_engine.core.composition import RuleOutcome
from draw_engine.core.draw_state import Draw, Ending, Stage
from draw_engine.core.eligibility import Band, PoolTooSmall
from draw_engine.core.redraw import Redraw
from draw_engine.core.region_rules import MOST_RULES
from draw_engine.core.request import MAX_SEATS, DrawRequest, Party, RegionRequest, SlotRequest
from draw_engine.refusals import PartyCodeWrong


def zulu(at: datetime) -> str:
    """An instant as the wire writes it: UTC, milliseconds, Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def in_utc(at: datetime) -> datetime:
    """The instant in UTC; far years are refused, since another zone's clock can't show them."""
    if not EARLIEST <= at < LATEST:
        raise ValueError("no year of this service")
    return at.astimezone(UTC)


Instant = Annotated[
    AwareDatetime,
    AfterValidator(in_utc),
    PlainSerializer(zulu, return_type=str, when_used="json"),
]
Text = Annotated[str, Field(min_length=1, max_length=200)]
Hex32 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Hex64 = Annotated[str, Field(pattern="^[0-9a-f]{128}$")]


class In(BaseModel):
    """What the API takes: exactly these members."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Out(BaseModel):
    """What the API gives."""

    model_config = ConfigDict(frozen=True)


class SlotIn(In):
    """Seats of one kind. There is no member for a person (R-PRIN-1, R-NARROW-1)."""

    codes: Annotated[list[Text], Field(min_length=1, max_length=20)]
    seats: Annotated[int, Field(ge=1, le=25)]
    regions: Annotated[list[Annotated[str, Field(pattern="^[0-9]{6}$")]], Field(max_length=40)] = []


class RegionRuleIn(In):
    """A rule for all drawn members together: `min` to `max` of them from the provinces of `set`."""

    set: Annotated[
        list[Annotated[str, Field(pattern="^[0-9]{6}$")]], Field(min_length=1, max_length=40)
    ]
    min: Annotated[int, Field(ge=0, le=MAX_SEATS)]
    max: Annotated[int, Field(ge=0, le=MAX_SEATS)]

    def to_rule(self) -> RegionRequest:
        """The value."""
        return RegionRequest(tuple(int(code) for code in self.set), self.min, self.max)

    @classmethod
    def of(cls, one: RegionRequest) -> Self:
        """The wire form."""
        return cls(set=[f"{region:06d}" for region in one.regions], min=one.least, max=one.most)


class PartyIn(In):
    """A unit to be recused from; never a person (R-NARROW-3)."""

    kind: Literal["bidder", "procuring_entity", "agency"]
    unified_credit_code: Annotated[str, Field(min_length=1, max_length=18)]
    name: Text

    def to_party(self) -> Party:
        """The value; PartyCodeWrong where the code's own check digit does not hold."""
        code = self.unified_credit_code.strip().upper()
        if not uscc.is_valid(code):
            raise PartyCodeWrong(party=self.name)
        return Party(self.kind, code, self.name)


class DrawRequestIn(In):
    """A draw request (抽取申请)."""

    request_key: Annotated[str, Field(min_length=8, max_length=100)]
    project_code: Text
    project_name: Text
    section: Annotated[str, Field(min_length=1, max_length=60)]
    regime: Annotated[str, Field(max_length=20)]
    purpose: Literal["PREQUAL", "EVALUATE", "REVIEW", "ARGUE"]
    slots: Annotated[list[SlotIn], Field(min_length=1, max_length=20)]
    committee_size: Annotated[int, Field(ge=1, le=99)]
    owner_representatives: Annotated[list[Text], Field(max_length=20)]
    parties: Annotated[list[PartyIn], Field(max_length=500)]
    draw_at: Instant
    latest_draw_at: Instant
    starts_at: Instant
    unseal_after: Instant
    place: Text
    contact: Text
    demands: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=10)] = []
    region_rules: Annotated[list[RegionRuleIn], Field(max_length=MOST_RULES)] = []

    def to_request(self, filed_by: str) -> DrawRequest:
        """The value that the service takes; PartyCodeWrong for a code that is none."""
        plain = self.model_dump(
            exclude={"slots", "owner_representatives", "parties", "demands", "region_rules"}
        )
        slots = tuple(
            SlotRequest(tuple(s.codes), s.seats, tuple(int(r) for r in s.regions))
            for s in self.slots
        )
        parties = tuple(party.to_party() for party in self.parties)
        return DrawRequest(
            **plain,
            filed_by=filed_by,
            slots=slots,
            owner_representatives=tuple(self.owner_representatives),
            parties=parties,
            demands=tuple(self.demands),
            region_rules=tuple(rule.to_rule() for rule in self.region_rules),
        )

    @classmethod
    def of(cls, request: DrawRequest) -> Self:
        """The request as it was filed."""
        plain = {name: getattr(request, name) for name in cls.model_fields}
        plain["slots"] = [
            SlotIn(codes=list(s.codes), seats=s.seats, regions=[f"{r:06d}" for r in s.regions])
            for s in request.slots
        ]
        plain["owner_representatives"] = list(request.owner_representatives)
        plain["demands"] = list(request.demands)
        plain["region_rules"] = [RegionRuleIn.of(one) for one in request.region_rules]
        plain["parties"] = [
            PartyIn.model_validate(
                {"kind": p.kind, "unified_credit_code": p.unified_credit_code, "name": p.name}
            )
            for p in request.parties
        ]
        return cls(**plain)


class RefusalOut(Out):
    """Why a slot can't be drawn, and the next rung of the widening ladder."""

    code: str
    rule: str | None
    facts: dict[str, Any]
    way_out_codes: list[str]


class SlotCheckOut(Out):
    """All that an applicant may learn of a slot (R-NARROW-2)."""

    band: str
    refusal: RefusalOut | None

    @classmethod
    def of(cls, band: Band, refusal: PoolTooSmall | None) -> Self:
        """The wire form."""
        if refusal is None:
            return cls(band=band, refusal=None)
        out = RefusalOut(
            code=refusal.code,
            rule=refusal.rule,
            facts=dict(refusal.facts),
            way_out_codes=list(refusal.way_out_codes),
        )
        return cls(band=band, refusal=out)


class RuleOut(Out):
    """What one rule says of a request."""

    rule: str
    outcome: str
    facts: dict[str, Any]

    @classmethod
    def of(cls, one: RuleOutcome) -> Self:
        """The wire form."""
        return cls(rule=one.rule, outcome=one.outcome, facts=dict(one.facts))


class DrawCheckOut(Out):
    """What the rule book says before a request is filed."""

    admissible: bool
    slots: list[SlotCheckOut]
    rules: list[RuleOut]


class NextOut(Out):
    """What happens next, and when if that is known."""

    what: str
    at: Instant | None


class RailOut(Out):
    """A step of the draw that everybody may see, and when it was reached."""

    step: str
    at: Instant | None


class SlotOut(Out):
    """A slot as filed; `names` are those of its specialties."""

    codes: list[str]
    names: list[str]
    seats: int


class RegionRuleOut(Out):
    """A region rule of the committee as filed; `names` are those of its provinces."""

    set: list[str]
    names: list[str]
    min: int
    max: int


class CheckpointOut(Out):
    """The checkpoint that first holds the freeze; `cosigned` counts its witnesses."""

    size: int
    root: str
    fingerprint: str
    cosigned: int


class ShareOut(Out):
    """A holder's part: `sealed` its tip is given, `given` its value of the draw is open."""

    party: str
    body: str
    home: str
    given: bool
    sealed: bool


class RedrawOut(Out):
    """What an ended draw leaves to the next: seats that are kept, open, or not answered yet."""

    kept: int
    open: int
    waiting: int


class AbortOut(Out):
    """Why a draw ended without a committee; `facts` where a request was refused at the freeze."""

    reason: str
    party: str | None
    rule: str | None
    facts: dict[str, Any]


class ListsOut(Out):
    """Which lists a draw used."""

    day: date
    hash: str

    @classmethod
    def of(cls, lists: Lists) -> Self:
        """The wire form."""
        return cls(day=lists.day, hash=lists.hash.hex())


class DrawOut(Out):
    """A draw as its applicant sees it: no count, no name, ever."""

    id: str
    project_code: str
    project_name: str
    section: str
    regime: str
    purpose: str
    state: str
    state_since: Instant
    next: NextOut | None
    rail: list[RailOut]
    slots: list[SlotOut]
    region_rules: list[RegionRuleOut]
    committee_size: int
    owner_representatives: list[str]
    draw_at: Instant
    latest_draw_at: Instant
    starts_at: Instant
    unseal_after: Instant
    place: str
    contact: str
    lists: ListsOut | None
    """The lists that the freeze used: their day and hash; the manifest commits to both."""
    M: str | None
    log_index: int | None
    checkpoint: CheckpointOut | None
    sealed: bool
    """False: the vault reveals with the others, so the result can be computed before unsealing."""
    shares: list[ShareOut]
    abort: AbortOut | None
    evaluation_id: str | None
    seq: int
    kept: list[int]
    """For each member who keeps a seat: which draw of the section drew them."""
    before: str | None
    """The draw whose members keep their seats in this one."""
    redraw: RedrawOut | None

    @classmethod
    def of(
        cls,
        draw: Draw,
        *,
        names: Mapping[str, str],
        provinces: Mapping[str, str],
        checkpoint: CheckpointOut | None,
        evaluation_id: str | None,
        lead: timedelta,
        overdue: bool,
        left: Redraw | None,
    ) -> Self:
        """The wire form; `names` gives the name of each specialty code, `provinces` of each
        region, `overdue` whether the supervisor's signature under an abort is, `left` what a
        redraw would keep."""
        request = draw.request
        ended = draw.ended
        return cls(
            id=draw.id,
            project_code=request.project_code,
            project_name=request.project_name,
            section=request.section,
            regime=request.regime,
            purpose=request.purpose,
            state=draw.stage,
            state_since=draw.since,
            next=_next(draw, lead, overdue),
            rail=_rail(draw),
            slots=[
                SlotOut(codes=list(s.codes), names=[names[c] for c in s.codes], seats=s.seats)
                for s in request.slots
            ],
            region_rules=[_region_rule(one, provinces) for one in request.region_rules],
            committee_size=request.committee_size,
            owner_representatives=list(request.owner_representatives),
            draw_at=request.draw_at,
            latest_draw_at=request.latest_draw_at,
            starts_at=request.starts_at,
            unseal_after=request.unseal_after,
            place=request.place,
            contact=request.contact,
            lists=ListsOut.of(draw.lists) if draw.lists else None,
            M=draw.M or None,
            log_index=draw.logged.index if draw.logged else None,
            checkpoint=checkpoint,
            sealed=bool(draw.seal),
            shares=[_share(draw, holder) for holder in draw.policy["holders"]],
            abort=_abort(ended) if ended else None,
            evaluation_id=evaluation_id,
            seq=draw.draw["seq"],
            kept=[one.seq for one in draw.kept],
            before=draw.kept[0].before if draw.kept else None,
            redraw=RedrawOut(kept=len(left.kept), open=left.open, waiting=left.waiting)
            if left
            else None,
        )


class DrawsOut(Out):
    """Several draws, newest first."""

    draws: list[DrawOut]


class WithdrawIn(In):
    """Why a request is taken back."""

    reason: Text


class SetAsideIn(In):
    """Why a draw is set aside; an entry keeps it."""

    reason: Text


class NamesIn(In):
    """Why the names are opened; an entry keeps it."""

    reason: Text


def _region_rule(one: RegionRequest, provinces: Mapping[str, str]) -> RegionRuleOut:
    codes = [f"{region:06d}" for region in one.regions]
    names = [provinces.get(code, code) for code in codes]
    return RegionRuleOut(set=codes, names=names, min=one.least, max=one.most)


def _abort(ended: Ending) -> AbortOut:
    return AbortOut(
        reason=ended.why or ended.reason,
        party=ended.party or None,
        rule=ended.rule or None,
        facts=dict(ended.facts),
    )


def _share(draw: Draw, holder: Mapping[str, Any]) -> ShareOut:
    party = holder["party"]
    return ShareOut(
        party=party,
        body=holder["body"],
        home=holder["home"],
        given=(party, 0) in draw.reveals,
        sealed=party in draw.tips,
    )


def _next(draw: Draw, lead: timedelta, overdue: bool) -> NextOut | None:
    request = draw.request
    if draw.called is not None and draw.ended is None:
        return NextOut(what="supervisor_silent" if overdue else "abort_signature", at=None)
    tips = all(party in draw.tips for party in draw.parties)
    table: dict[Stage, tuple[str, datetime | None]] = {
        Stage.FILED: ("tips", request.latest_draw_at),
        Stage.TIPS: ("freeze", request.draw_at - lead) if tips else ("tips", None),
        Stage.ADMISSION: ("admission", request.latest_draw_at),
        Stage.FROZEN: ("draw", request.draw_at),
        Stage.REVEALING: ("shares", None),
        Stage.DRAWN: ("invite", None),
        Stage.INVITING: ("answers", request.starts_at),
        Stage.SEALED: ("unseal", request.unseal_after),
    }
    if draw.stage not in table:
        return None
    what, at = table[draw.stage]
    return NextOut(what=what, at=at)


def _rail(draw: Draw) -> list[RailOut]:
    opened = [r.mark.at for (party, j), r in draw.reveals.items() if j == 0 and party != draw.seal]
    frozen = draw.admissions.get("supervisor")
    marks = {
        "filed": draw.filed.at,
        "frozen": frozen.at if frozen else None,
        "shares": max(opened) if opened and draw.seed_fixed else None,
        "drawn": draw.results[0].at if 0 in draw.results else None,
        "notified": draw.invited[0].at if 0 in draw.invited else None,
        "sealed": draw.sealed.at if draw.sealed else None,
        "unsealed": draw.unsealed.at if draw.unsealed and not draw.ended else None,
    }
    return [RailOut(step=step, at=at) for step, at in marks.items()]
