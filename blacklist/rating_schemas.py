"""Wire shapes of the assessment. An expert's shapes hold no rater; a rater's hold no account."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from blacklist.core.log_facts import instant
from blacklist.core.points import Act, On, Point, Reached, Row, Scheme, Threshold, plain
from blacklist.core.rating import Fact, Link, Logged, Said, Someone
from blacklist.core.retaliation import Base, Pattern
from blacklist.rating_accounts import Account, Occasion
from blacklist.rating_service import Form, Opened, Round

Code = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z_]+$")]
Seat = Annotated[str, Field(min_length=1, max_length=10, pattern=r"^[a-z0-9]+$")]
Words = Annotated[str, Field(max_length=500)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RatingLinkIn(_In):
    """The place of an entry in the log."""

    stream: Annotated[str, Field(min_length=1, max_length=100)]
    seq: Annotated[int, Field(ge=1)]


class SaidIn(_In):
    """One fact about somebody, what shows it, and why it weighs."""

    of: Seat
    fact: Code
    links: Annotated[list[RatingLinkIn], Field(max_length=20)]
    reason: Words

    def said(self) -> Said:
        """As the core takes it."""
        links = tuple(Link(one.stream, one.seq) for one in self.links)
        return Said(self.of, self.fact, links, self.reason.strip())


class RatingIn(_In):
    """A whole rating; nothing in it is "nothing to remark"."""

    said: Annotated[list[SaidIn], Field(max_length=100)]


class PointDisputeIn(_In):
    """What an expert says against a point."""

    text: Words


class DisputeDecisionIn(_In):
    """What is decided of it."""

    keep: bool
    reason: Words


class RatingRoundOut(BaseModel):
    """A round: how many have rated; who has not only once it is locked."""

    evaluation_id: str
    title: str
    starts_at: datetime
    place: str
    due_on: date
    raters: int
    given: int
    locked_at: datetime | None
    missing: list[str]

    @classmethod
    def of(cls, one: Round) -> Self:
        """Built from the round."""
        return cls(
            evaluation_id=one.evaluation_id,
            title=one.title,
            starts_at=one.starts_at,
            place=one.place,
            due_on=one.due_on,
            raters=len(one.raters),
            given=one.given,
            locked_at=one.locked_at,
            missing=list(one.missing),
        )


class MyRoundOut(BaseModel):
    """A round in which the reader rates."""

    round: RatingRoundOut
    has_rated: bool


class MyRoundsOut(BaseModel):
    """Every such round that is open."""

    rounds: list[MyRoundOut]


class RatedPersonOut(BaseModel):
    """Somebody of the evaluation, by seat and alias."""

    name: str
    party: str
    alias: str
    void: bool

    @classmethod
    def of(cls, one: Someone) -> Self:
        """Built from the core's."""
        return cls(name=one.name, party=one.party.value, alias=one.alias, void=one.void)


class RatingFactOut(BaseModel):
    """A fact of the closed list."""

    code: str
    article: str
    article_en: str
    mark: str
    of: list[str]
    shown_by: list[str]

    @classmethod
    def of_fact(cls, one: Fact) -> Self:
        """Built from the table's."""
        return cls(
            code=one.code,
            article=one.article,
            article_en=one.article_en,
            mark=one.mark,
            of=sorted(one.of),
            shown_by=sorted(one.shown_by),
        )


class RatingEntryOut(BaseModel):
    """An entry of the room's log: where it stands and what it is, not what it holds."""

    stream: str
    seq: int
    index: int
    at: datetime
    type: str
    seat: str
    phase: str

    @classmethod
    def of(cls, one: Logged) -> Self:
        """Built from the entry."""
        return cls(
            stream=one.stream,
            seq=one.seq,
            index=one.index,
            at=one.at,
            type=one.type,
            seat=str(one.facts.get("seat", "")),
            phase=str(one.facts.get("phase", "")),
        )


class RatingFormOut(BaseModel):
    """All that one rater needs."""

    round: RatingRoundOut
    rater: RatedPersonOut
    people: list[RatedPersonOut]
    facts: list[RatingFactOut]
    entries: list[RatingEntryOut]
    has_rated: bool

    @classmethod
    def of(cls, one: Form) -> Self:
        """Built from the service's."""
        return cls(
            round=RatingRoundOut.of(one.round),
            rater=RatedPersonOut.of(one.rater),
            people=[RatedPersonOut.of(each) for each in one.people],
            facts=[RatingFactOut.of_fact(each) for each in one.facts],
            entries=[RatingEntryOut.of(each) for each in one.entries],
            has_rated=one.has_rated,
        )


class RatingRoundsOut(BaseModel):
    """Every round."""

    rounds: list[RatingRoundOut]


class RatingLinkOut(BaseModel):
    """The place of an entry in the log."""

    stream: str
    seq: int


class StatedOut(BaseModel):
    """One fact as it was stated."""

    of: str
    fact: str
    links: list[RatingLinkOut]
    reason: str


class OpenedOut(BaseModel):
    """What one rater stated, by their part in the evaluation and not by account."""

    rater: RatedPersonOut
    said: list[StatedOut]

    @classmethod
    def of(cls, one: Opened) -> Self:
        """Built from the service's."""
        return cls(
            rater=RatedPersonOut.of(one.rater),
            said=[
                StatedOut(of=each.of, fact=each.fact, links=_links(each.links), reason=each.reason)
                for each in one.said
            ],
        )


class OpenedRoundOut(BaseModel):
    """Everything stated in a locked round."""

    ratings: list[OpenedOut]


class SchemeRowOut(BaseModel):
    """A row of the table of points."""

    fact: str
    points: str
    source: str
    source_en: str
    mark: str
    on: bool

    @classmethod
    def of(cls, one: Row) -> Self:
        """Built from the table's."""
        points = plain(one.points)
        return cls(
            fact=one.fact,
            points=points,
            source=one.source,
            source_en=one.source_en,
            mark=one.mark,
            on=one.on,
        )


class ThresholdOut(BaseModel):
    """A line that asks for something."""

    id: str
    on: On
    act: Act
    at: str
    fact: str
    months: int
    published: bool
    source: str
    source_en: str
    mark: str

    @classmethod
    def of(cls, one: Threshold) -> Self:
        """Built from the table's."""
        return cls(
            id=one.id,
            on=one.on,
            act=one.act,
            at=str(one.below) if one.on is On.SHARE else plain(one.at),
            fact=one.fact,
            months=one.months,
            published=one.published,
            source=one.source,
            source_en=one.source_en,
            mark=one.mark,
        )


class UnsupportedOut(BaseModel):
    """What the province provides as well and this service does not do."""

    what: str
    why_zh: str
    why_en: str


class SchemeOut(BaseModel):
    """The table of points in force."""

    id: str
    version: str
    hash: str
    title_zh: str
    title_en: str
    counts: str
    start: str
    rows: list[SchemeRowOut]
    thresholds: list[ThresholdOut]
    unsupported: list[UnsupportedOut]

    @classmethod
    def of(cls, one: Scheme) -> Self:
        """Built from the core's."""
        return cls(
            id=one.id,
            version=one.version,
            hash=one.hash,
            title_zh=one.title_zh,
            title_en=one.title_en,
            counts=one.counts.value,
            start=plain(one.start),
            rows=[SchemeRowOut.of(each) for each in one.rows],
            thresholds=[ThresholdOut.of(each) for each in one.thresholds],
            unsupported=[
                UnsupportedOut(what=each.what, why_zh=each.why_zh, why_en=each.why_en)
                for each in one.unsupported
            ],
        )


class AccountPointOut(BaseModel):
    """A point as the expert and the reviewer see it: no rater, no name of an evaluation."""

    id: str
    fact: str
    article: str
    article_en: str
    points: str
    source: str
    source_en: str
    scheme: str
    starts_at: datetime
    place: str
    given_at: datetime
    reasons: list[str]
    links: list[RatingLinkOut]
    from_log: bool
    stated_by: int
    dispute: str
    disputed_at: datetime | None
    decision: str
    decision_reason: str
    decided_at: datetime | None
    taken_back_at: datetime | None
    taken_back_reason: str

    @classmethod
    def of(cls, one: Point, about: Occasion, fact: Fact | None, scheme: Scheme | None) -> Self:
        """Built from the point and what is sealed in it; `scheme` gives the row behind it."""
        row = scheme.row(one.fact) if scheme is not None and scheme.version == one.scheme else None
        return cls(
            id=one.id,
            fact=one.fact,
            article=fact.article if fact else "",
            article_en=fact.article_en if fact else "",
            points=one.points,
            source=row.source if row else "",
            source_en=row.source_en if row else "",
            scheme=one.scheme,
            starts_at=instant(about.starts_at),
            place=about.place,
            given_at=one.given_at,
            reasons=list(about.reasons),
            links=_links(about.links),
            from_log=about.stated_by == 0,
            stated_by=about.stated_by,
            dispute=one.dispute,
            disputed_at=one.disputed_at,
            decision=one.decision,
            decision_reason=one.decision_reason,
            decided_at=one.decided_at,
            taken_back_at=one.taken_back_at,
            taken_back_reason=one.taken_back_reason,
        )


class ReachedOut(BaseModel):
    """A threshold on record."""

    threshold: str
    act: Act
    months: int
    total: str
    at: datetime
    case_id: str
    left_at: datetime | None

    @classmethod
    def of(cls, one: Reached) -> Self:
        """Built from the record."""
        return cls(
            threshold=one.threshold,
            act=Act(one.act),
            months=one.months,
            total=one.total,
            at=one.at,
            case_id=one.case_id,
            left_at=one.left_at,
        )


class PointAccountOut(BaseModel):
    """One line of the list of accounts: numbers, and how near a threshold."""

    expert_id: str
    year: int
    total: str
    nearness: float
    attended: int
    drawn: int
    times: dict[str, int]
    disputes_open: int
    reached: list[ReachedOut]

    @classmethod
    def of(cls, one: Account) -> Self:
        """Built from the account."""
        return cls(
            expert_id=one.expert_id,
            year=one.year,
            total=one.total,
            nearness=one.nearness,
            attended=one.attended,
            drawn=one.drawn,
            times=dict(one.times),
            disputes_open=sum(
                each.disputed_at is not None and each.decided_at is None for each in one.points
            ),
            reached=[ReachedOut.of(each) for each in one.reached if each.left_at is None],
        )


class PointAccountsOut(BaseModel):
    """Accounts by nearness; the base rate they are read against; the table behind them."""

    scheme: SchemeOut | None
    accounts: list[PointAccountOut]
    attended: int
    drawn: int


class FullPointAccountOut(BaseModel):
    """An account with every point on it."""

    scheme: SchemeOut | None
    account: PointAccountOut
    points: list[AccountPointOut]


class PointDisputeOut(BaseModel):
    """A disputed point for the reviewer. `dissented`: the expert had signed a dissent there."""

    expert_id: str
    dissented: bool
    point: AccountPointOut


class PointDisputesOut(BaseModel):
    """Every dispute, the undecided first."""

    disputes: list[PointDisputeOut]


class PatternOut(BaseModel):
    """How one rater's deductions fall; `rater` is an index that tells nobody who it is."""

    rater: str
    party: str
    dissenters: int
    dissenters_deducted: int
    others: int
    others_deducted: int
    one_in: int

    @classmethod
    def of(cls, one: Pattern) -> Self:
        """Built from the core's; chance is told as "one in"."""
        return cls(
            rater=one.rater[:8],
            party=one.party,
            dissenters=one.dissenters,
            dissenters_deducted=one.dissenters_deducted,
            others=one.others,
            others_deducted=one.others_deducted,
            one_in=int(1 / one.chance),
        )


class RatingWatchOut(BaseModel):
    """Deductions after dissent, beside the base rate."""

    patterns: list[PatternOut]
    rated: int
    deducted: int

    @classmethod
    def of_base(cls, patterns: list[Pattern], base: Base) -> Self:
        """Built from the core's."""
        return cls(
            patterns=[PatternOut.of(one) for one in patterns],
            rated=base.rated,
            deducted=base.deducted,
        )


def _links(links: tuple[Link, ...]) -> list[RatingLinkOut]:
    return [RatingLinkOut(stream=one.stream, seq=one.seq) for one in links]
