"""Wire shapes of appointments and profiles. A name is in one answer alone: `ApplicantOut`."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field

from draw_engine.applicants import Applicant
from draw_engine.appointment_desk import Claim, Papers, Shown, Who
from draw_engine.core.appointment import Application, Check, Item, Verdict
from draw_engine.evidence import Paper
from draw_engine.profile_desk import Employer, FormerEmployer, Profile
from foundation.rulebook.overlay import Overlay

Text = Annotated[str, Field(max_length=100)]
Code = Annotated[str, Field(max_length=40)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class PaperIn(BaseModel):
    """A paper that was uploaded before, by its hash."""

    sha256: Sha256
    kind: Code

    def to_paper(self) -> Paper:
        """As the desk takes it."""
        return Paper(self.sha256, self.kind)


class ClaimIn(BaseModel):
    """One claim: a versioned specialty code, or `title:` or `region:` with its value."""

    claim: Annotated[str, Field(max_length=60)]
    documents: Annotated[list[PaperIn], Field(max_length=20)] = []

    def to_claim(self) -> Claim:
        """As the desk takes it."""
        return Claim(self.claim, tuple(one.to_paper() for one in self.documents))


class PapersIn(BaseModel):
    """What the applicant's papers say, but who it is."""

    employer: Text
    unified_credit_code: Code
    group_credit_code: Code = ""
    region: Code
    title: Text
    years: Annotated[int, Field(ge=0, le=70)]
    unit: Text
    declared: Annotated[list[Code], Field(max_length=20)] = []
    valid_to: Code
    items: Annotated[list[ClaimIn], Field(max_length=60)]

    def to_papers(self) -> Papers:
        """As the desk takes it."""
        return Papers(
            employer=self.employer,
            unified_credit_code=self.unified_credit_code,
            group_credit_code=self.group_credit_code,
            region=self.region,
            title=self.title,
            years=self.years,
            unit=self.unit,
            declared=tuple(self.declared),
            valid_to=self.valid_to,
            items=tuple(one.to_claim() for one in self.items),
        )


class ApplicationIn(PapersIn):
    """An application from the applicant's papers; who it is goes to the vault and nowhere else."""

    name: Text
    id_number: Code
    phone: Code

    def to_who(self) -> Who:
        """The person."""
        return Who(self.name, self.id_number, self.phone)

    def __repr__(self) -> str:
        return "ApplicationIn(…)"


class EvidenceIn(BaseModel):
    """More papers for an item."""

    claim: Annotated[str, Field(max_length=60)]
    documents: Annotated[list[PaperIn], Field(max_length=20)]


class ReviewIn(BaseModel):
    """What the papers of an item show."""

    claim: Annotated[str, Field(max_length=60)]
    verdict: Verdict
    reason: Code = ""


class CodedReasonIn(BaseModel):
    """A reason of the closed list."""

    reason: Code


class UploadedOut(BaseModel):
    """A paper that was kept."""

    sha256: str


class EvidenceOut(BaseModel):
    """A paper of an item."""

    sha256: str
    kind: str
    at: datetime


class ClaimOut(BaseModel):
    """One claim with its papers and what was found of them."""

    claim: str
    documents: list[EvidenceOut]
    verdict: str
    reason: str
    reviewed_by: str
    reviewed_at: datetime | None

    @classmethod
    def of(cls, one: Item) -> Self:
        """The wire form."""
        review = one.review
        return cls(
            claim=one.claim,
            documents=[EvidenceOut(sha256=d.sha256, kind=d.kind, at=d.at) for d in one.documents],
            verdict=review.verdict if review else "",
            reason=review.reason if review else "",
            reviewed_by=review.by if review else "",
            reviewed_at=review.at if review else None,
        )


class ApplicationOut(BaseModel):
    """One application; `waits_for` is review, approval, filer or nobody."""

    id: str
    extends: bool
    state: str
    waits_for: str
    region: str
    employer: str
    unified_credit_code: str
    group_credit_code: str
    title: str
    years: int
    unit: str
    declared: list[str]
    valid_to: date
    generated: bool
    items: list[ClaimOut]
    filed_by: str
    filed_at: datetime
    reason: str
    decided_by: str
    decided_at: datetime | None
    expert_id: str
    bases: list[str]

    @classmethod
    def of(cls, one: Application) -> Self:
        """The wire form."""
        return cls(
            id=one.id,
            extends=one.extends,
            state=one.state,
            waits_for=one.waits_for,
            region=f"{one.region:06d}",
            employer=one.employer_name,
            unified_credit_code=one.employer,
            group_credit_code="" if one.group == one.employer else one.group,
            title=one.title,
            years=one.years,
            unit=one.unit,
            declared=sorted(one.declared),
            valid_to=one.valid_to,
            generated=one.generated,
            items=[ClaimOut.of(item) for item in one.items],
            filed_by=one.filed_by,
            filed_at=one.filed_at,
            reason=one.reason,
            decided_by=one.decided_by,
            decided_at=one.decided_at,
            expert_id=one.expert_id,
            bases=list(one.bases),
        )


class ApplicantCheckOut(BaseModel):
    """What one rule says: for which trades it decides, what it wants, what is there."""

    rule: str
    bases: list[str]
    outcome: str
    wanted: dict[str, int | str | bool]
    there: dict[str, int | str | bool]

    @classmethod
    def of(cls, one: Check) -> Self:
        """The wire form."""
        return cls(
            rule=one.rule,
            bases=[base.value for base in one.bases],
            outcome=one.outcome,
            wanted=dict(one.wanted),
            there=dict(one.there),
        )


class ShownOut(BaseModel):
    """An application on its page. `outside` is null where no outside list is kept or asked.

    `may_approve` is false for who has reviewed an item. `in_hats_from` is the first day on which
    a draw may reach who was appointed.
    """

    application: ApplicationOut
    checks: list[ApplicantCheckOut]
    outside: list[str] | None
    may_approve: bool
    in_hats_from: date | None

    @classmethod
    def of(cls, shown: Shown, *, may_approve: bool, in_hats_from: date | None) -> Self:
        """The wire form."""
        return cls(
            application=ApplicationOut.of(shown.application),
            checks=[ApplicantCheckOut.of(one) for one in shown.checks],
            outside=None if shown.outside is None else list(shown.outside),
            may_approve=may_approve,
            in_hats_from=in_hats_from,
        )


class ApplicationsOut(BaseModel):
    """The newest applications, and how many wait for whom or have ended how."""

    applications: list[ApplicationOut]
    counts: dict[str, int]


class ApplicantOut(BaseModel):
    """Who applies: for comparing the papers. The last digits of the numbers stay covered."""

    name: str
    id_number: str
    phone: str

    @classmethod
    def of(cls, one: Applicant) -> Self:
        """The wire form."""
        return cls(
            name=one.name,
            id_number=one.id_number[:14] + "****",
            phone=one.phone[:3] + "****" + one.phone[-4:],
        )


class ApplicationFormOut(BaseModel):
    """What an application may say: closed lists, and the limits in force (0 is none)."""

    titles: list[str]
    declarations: list[str]
    document_kinds: list[str]
    rejections: list[str]
    returns: list[str]
    refusals: list[str]
    years_least: int
    second_level_most: int
    third_level_most: int
    quarantine_days: int
    profile_days: int

    @classmethod
    def of(cls, lists: dict[str, list[str]], overlay: Overlay) -> Self:
        """The wire form."""
        return cls(
            **lists,
            years_least=overlay.years_least,
            second_level_most=overlay.second_level_most,
            third_level_most=overlay.third_level_most,
            quarantine_days=overlay.quarantine_days,
            profile_days=overlay.profile_days,
        )


class TrainingIn(BaseModel):
    """A training attended, by its certificate."""

    on: date
    certificate: Sha256


class EmployerIn(BaseModel):
    """An employer as it is typed."""

    name: Text
    unified_credit_code: Code
    group_credit_code: Code = ""

    def to_employer(self) -> Employer:
        """As the desk takes it."""
        return Employer(self.name, self.unified_credit_code, self.group_credit_code)


class NewEmployerIn(EmployerIn):
    """The employer now, and since when."""

    since: date


class FormerIn(EmployerIn):
    """An employer of the past."""

    from_on: date | None = None
    to_on: date


class FormersIn(BaseModel):
    """Employers of the last years."""

    employers: Annotated[list[FormerIn], Field(min_length=1, max_length=20)]


class TelephoneIn(BaseModel):
    """Another telephone."""

    number: Code


class GiveUpIn(BaseModel):
    """A specialty to hold no longer."""

    code: Code


class MoreIn(BaseModel):
    """What an expert asks for besides, each with its papers."""

    items: Annotated[list[ClaimIn], Field(min_length=1, max_length=60)]


class FormerOut(BaseModel):
    """An employer of the past; `recuses_until` is the last day on which it still recuses."""

    name: str
    unified_credit_code: str
    from_on: date | None
    to_on: date

    @classmethod
    def of(cls, one: FormerEmployer) -> Self:
        """The wire form."""
        return cls(
            name=one.name,
            unified_credit_code=one.unified_credit_code,
            from_on=one.from_on,
            to_on=one.to_on,
        )


class FaultOut(BaseModel):
    """The rule that keeps the expert out of draws, and since when."""

    rule: str
    since: date


class ProfileOut(BaseModel):
    """The expert's own profile. `telephone` is the last four digits."""

    expert_id: str
    employer: str
    unified_credit_code: str
    telephone: str
    region: str
    title: str
    codes: list[str]
    valid_to: date
    former: list[FormerOut]
    trained_on: date | None
    confirmed_on: date
    due_on: date
    training_due_on: date | None
    due_soon: bool
    fault: FaultOut | None
    bases: list[str] | None
    asked: list[ApplicationOut]

    @classmethod
    def of(cls, one: Profile, asked: list[Application], *, due_soon: bool) -> Self:
        """The wire form."""
        facts = one.facts
        return cls(
            expert_id=facts.expert_id,
            employer=one.employer_name,
            unified_credit_code=facts.employer,
            telephone=one.phone,
            region=f"{facts.region:06d}",
            title=facts.title,
            codes=[f"{facts.classification}:{code}" for code in facts.codes],
            valid_to=facts.valid_to,
            former=[FormerOut.of(former) for former in one.former],
            trained_on=one.trained_on,
            confirmed_on=one.due.counts_from,
            due_on=one.due.profile_until,
            training_due_on=one.due.training_until,
            due_soon=due_soon,
            fault=None if one.fault is None else FaultOut(rule=one.fault[0], since=one.fault[1]),
            bases=None if one.bases is None else list(one.bases),
            asked=[ApplicationOut.of(application) for application in asked],
        )
