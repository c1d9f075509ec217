"""Appointment (聘任) to the expert pool: the machine of an application, and what the rules ask.

An application names what it claims, item by item: each specialty, and for an expert who is
already here a title or a region. Each item has its documents, its reviewer and a verdict; who
approves has reviewed none of them. Who the applicant is stays in the vault: nothing here can
hold a name.

The word admission (`core/admission.py`) belongs to a draw's own test.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Any, Final

from draw_engine.core import appointment_errors as errors
from foundation.rulebook.overlay import Overlay

SamePerson = Callable[[str, str], bool]
"""Whether two accounts are one person's."""


class State(StrEnum):
    """Where an application stands. `filed` waits for reviews, then for the approval."""

    FILED = "filed"
    RETURNED = "returned"
    REFUSED = "refused"
    APPROVED = "approved"


OPEN: Final = frozenset({State.FILED, State.RETURNED})


class Verdict(StrEnum):
    """What a reviewer found of one item."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Base(StrEnum):
    """The kinds of trade whose conditions differ (招标投标 / 政府采购)."""

    ZB = "ZB"
    GP = "GP"


REJECTIONS: Final = ("not_proven", "other_field", "unreadable", "expired", "forged")
RETURNS: Final = ("papers_missing", "facts_wrong", "item_unfit")
REFUSALS: Final = ("conditions", "listed", "false_papers", "withdrawn")
DECLARATIONS: Final = ("conduct", "knows_law", "e_skills", "fit", "citizen", "clean_record")
"""What an applicant declares in the application form; the papers stay with the pool's manager."""

DOCUMENT_KINDS: Final = ("title_certificate", "qualification", "degree", "work_record", "other")


class Rank(IntEnum):
    """How high a professional title (职称) is."""

    OTHER = 0
    INTERMEDIATE = 1
    SENIOR = 2


RANKS: Final[Mapping[str, Rank]] = {
    "正高级职称": Rank.SENIOR,
    "高级职称": Rank.SENIOR,
    "同等专业水平": Rank.SENIOR,
    "中级职称": Rank.INTERMEDIATE,
}
"""Titles an application may state; an equal level (同等专业水平) is for the reviewer to judge."""

TITLE_ITEM: Final = "title:"
REGION_ITEM: Final = "region:"


@dataclass(frozen=True, slots=True)
class Document:
    """One paper of the evidence by its SHA-256; what it shows is sealed on disk."""

    sha256: str
    kind: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Review:
    """What one person found of one item, and when."""

    verdict: Verdict
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Item:
    """One claim: a versioned specialty code, or `title:` and `region:` with their value."""

    claim: str
    documents: tuple[Document, ...] = ()
    review: Review | None = None

    @property
    def accepted(self) -> bool:
        """Did a reviewer accept it?"""
        return self.review is not None and self.review.verdict is Verdict.ACCEPTED


@dataclass(frozen=True, slots=True)
class Application:
    """One application.

    Args:
        expert_id: empty until an appointment is approved; for more items of an expert who is
            in the pool already it is that expert.
        extends: asks for more items, and not for an appointment.
        within_age: base -> whether the limit of age was kept on the day of filing. The vault
            knows the day of birth and says no more than this.
        unit: the recommending unit (推荐单位), a legal body.
    """

    id: str
    extends: bool
    region: int
    employer: str
    employer_name: str
    group: str
    title: str
    years: int
    unit: str
    declared: frozenset[str]
    within_age: Mapping[str, bool]
    valid_to: date
    generated: bool
    items: tuple[Item, ...]
    filed_by: str
    filed_at: datetime
    state: State = State.FILED
    reason: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    expert_id: str = ""
    bases: tuple[str, ...] = ()

    @property
    def specialties(self) -> tuple[Item, ...]:
        """The items that are specialties."""
        return tuple(
            one for one in self.items if not one.claim.startswith((TITLE_ITEM, REGION_ITEM))
        )

    @property
    def waits_for(self) -> str:
        """Who has the next word: `review`, `approval`, `filer`, or nobody."""
        if self.state is State.RETURNED:
            return "filer"
        if self.state is not State.FILED:
            return ""
        return "review" if any(one.review is None for one in self.items) else "approval"

    def item(self, claim: str) -> Item:
        """One item.

        Raises:
            UnknownItem: the application makes no such claim.
        """
        for one in self.items:
            if one.claim == claim:
                return one
        raise errors.UnknownItem


class Outcome(StrEnum):
    """What a rule says of an applicant."""

    PASS = "pass"  # noqa: S105 - no secret
    FAIL = "fail"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Check:
    """One rule on one applicant: for which trades it decides, what it wants, what is there."""

    rule: str
    bases: tuple[Base, ...]
    outcome: Outcome
    wanted: Mapping[str, int | str | bool]
    there: Mapping[str, int | str | bool]


def checks(
    application: Application, counts: tuple[int, int], overlay: Overlay
) -> tuple[Check, ...]:
    """What each rule of eligibility says of an applicant.

    Args:
        counts: distinct classes of the second and third level that the expert would have.

    Source: RULES R-ELIG-1, R-ELIG-2, R-ELIG-3, R-ELIG-4, R-ELIG-9.
    """
    every, rank = (Base.ZB, Base.GP), RANKS.get(application.title, Rank.OTHER)
    years, least = application.years, overlay.years_least
    there: dict[str, int | str | bool] = {"title": application.title, "years": years}
    own = tuple(name for name in DECLARATIONS[:4] if name in application.declared)
    second, third = counts
    citizen, clean = ("citizen" in application.declared, "clean_record" in application.declared)
    few = _within(second, overlay.second_level_most) and _within(third, overlay.third_level_most)
    return (
        Check(
            "R-ELIG-1",
            (Base.ZB,),
            _said(rank is Rank.SENIOR and years >= least),
            {"title": "高级职称", "years": least},
            there,
        ),
        Check(
            "R-ELIG-2",
            (Base.ZB,),
            _said(len(own) == 4),
            {"declarations": 4},
            {"declarations": len(own)},
        ),
        *(
            Check(
                "R-ELIG-3",
                (base,),
                _said(application.within_age.get(base, True)),
                {"age_most": most},
                {"within": application.within_age.get(base, True)},
            )
            for base, most in ((Base.ZB, overlay.age_most), (Base.GP, overlay.gp_age_most))
        ),
        Check(
            "R-ELIG-4",
            (Base.GP,),
            _said(
                citizen and (rank is Rank.SENIOR or (rank is Rank.INTERMEDIATE and years >= least))
            ),
            {"title": "中级职称", "years": least, "citizen": True},
            there | {"citizen": citizen},
        ),
        Check(
            "R-ELIG-4b",
            (Base.GP,),
            # The clause is known but its text was not at hand: it decides, and says so.
            Outcome.UNVERIFIED if clean else Outcome.FAIL,
            {"clean_years": 3},
            {"clean": clean},
        ),
        Check(
            "R-ELIG-9",
            every,
            _said(few),
            {"second_most": overlay.second_level_most, "third_most": overlay.third_level_most},
            {"second": second, "third": third},
        ),
    )


def _said(holds: bool) -> Outcome:
    return Outcome.PASS if holds else Outcome.FAIL


def _within(n: int, most: int) -> bool:
    """A limit of 0 is none."""
    return most == 0 or n <= most


def bases(found: Iterable[Check]) -> tuple[Base, ...]:
    """The trades in which the applicant may serve: those that no check stands against."""
    barred = {base for one in found if one.outcome is Outcome.FAIL for base in one.bases}
    return tuple(base for base in Base if base not in barred)


def base_of(regime: str) -> Base | None:
    """The base that a regime asks of its experts; None where the law names none."""
    return {"ZB": Base.ZB, "GP": Base.GP}.get(regime.partition("-")[0])


def classes(codes: Iterable[str], below: Callable[[str], Iterable[str]]) -> tuple[int, int]:
    """How many classes of the second and of the third level a list of bare codes touches.

    Args:
        below: the third-level codes under a code of a higher level; who claims a whole class
            claims each of them.
    """
    second: set[str] = set()
    third: set[str] = set()
    for code in codes:
        if len(code) >= 5:
            third.add(code[:5])
            second.add(code[:3])
            continue
        for one in below(code) or (code,):
            third.add(one[:5])
            second.add(one[:3])
    return len(second), len(third)


def require_open(application: Application) -> None:
    """Refuse what is decided.

    Raises:
        WrongState: it is approved or refused.
    """
    if application.state not in OPEN:
        raise errors.WrongState(state=application.state)


def require_reviewable(application: Application, claim: str, verdict: Verdict, reason: str) -> None:
    """May this item be reviewed now?

    Raises:
        WrongState, UnknownItem.
        EvidenceMissing: nothing to look at.
        UnknownReason: a rejection without a reason of the list, or an acceptance with one.
    """
    if application.state is not State.FILED:
        raise errors.WrongState(state=application.state)
    if not application.item(claim).documents:
        raise errors.EvidenceMissing
    wanted = REJECTIONS if verdict is Verdict.REJECTED else ("",)
    if reason not in wanted:
        raise errors.UnknownReason


def require_returnable(application: Application, reason: str, among: tuple[str, ...]) -> None:
    """May it be returned or refused, with this reason?

    Raises:
        WrongState, UnknownReason.
    """
    require_open(application)
    if reason not in among:
        raise errors.UnknownReason


def require_approvable(application: Application, by: str, same_person: SamePerson) -> None:
    """May this person approve it now?

    Raises:
        WrongState: it is not filed.
        NotReviewed: an item has no verdict yet.
        NothingAccepted: no item was accepted, or an appointment without a specialty.
        ReviewerApproves: the one who approves has reviewed an item (R-SOD-1).
    """
    if application.state is not State.FILED:
        raise errors.WrongState(state=application.state)
    reviews = [one.review for one in application.items]
    if None in reviews:
        raise errors.NotReviewed
    wanted = application.items if application.extends else application.specialties
    if not any(one.accepted for one in wanted):
        raise errors.NothingAccepted
    if any(review is not None and same_person(review.by, by) for review in reviews):
        raise errors.ReviewerApproves


def require_conditions(found: Iterable[Check]) -> tuple[Base, ...]:
    """The bases for which the conditions are met.

    Raises:
        ConditionsUnmet: for none; names the first rule that stands against it.
    """
    found = tuple(found)
    may = bases(found)
    if not may:
        raise errors.ConditionsUnmet(
            rule_unmet=next(one.rule for one in found if one.outcome is Outcome.FAIL)
        )
    return may


# --- the fold: what the entries of an application add up to ---


def filed(body: Mapping[str, Any]) -> Application:
    """The application in the body of `appointment.filed`."""
    at = datetime.fromisoformat(body["at"])
    return Application(
        id=body["id"],
        extends=body["extends"],
        items=tuple(_item(one, body["by"], at) for one in body["items"]),
        filed_by=body["by"],
        filed_at=at,
        expert_id=body["expert_id"],
        generated=body["generated"],
        **_facts(body),
    )


def amended(before: Application, body: Mapping[str, Any]) -> Application:
    """After `appointment.amended`: other facts and items; a verdict stays with the same papers."""
    at = datetime.fromisoformat(body["at"])
    known = {one.claim: one for one in before.items}
    items = []
    for one in body["items"]:
        new, old = _item(one, body["by"], at), known.get(one["claim"])
        same = old and [d.sha256 for d in old.documents] == [d.sha256 for d in new.documents]
        items.append(old if old is not None and same else new)
    return replace(before, state=State.FILED, reason="", items=tuple(items), **_facts(body))


def _facts(body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "region": body["region"],
        "employer": body["employer"],
        "employer_name": body["employer_name"],
        "group": body["group"],
        "title": body["title"],
        "years": body["years"],
        "unit": body["unit"],
        "declared": frozenset(body["declared"]),
        "within_age": dict(body["within_age"]),
        "valid_to": date.fromisoformat(body["valid_to"]),
    }


def _item(one: Mapping[str, Any], by: str, at: datetime) -> Item:
    documents = tuple(Document(d["sha256"], d["kind"], by, at) for d in one["documents"])
    return Item(one["claim"], documents)


def added(before: Application, body: Mapping[str, Any]) -> Application:
    """After `appointment.evidence_added`: the item waits for a review, a return is answered."""
    at = datetime.fromisoformat(body["at"])
    more = tuple(Document(d["sha256"], d["kind"], body["by"], at) for d in body["documents"])
    return _with_item(
        replace(before, state=State.FILED, reason=""),
        body["claim"],
        lambda one: replace(one, documents=one.documents + more, review=None),
    )


def reviewed(before: Application, body: Mapping[str, Any]) -> Application:
    """After `appointment.reviewed`."""
    at = datetime.fromisoformat(body["at"])
    review = Review(Verdict(body["verdict"]), body["reason"], body["by"], at)
    return _with_item(before, body["claim"], lambda one: replace(one, review=review))


def _with_item(before: Application, claim: str, change: Callable[[Item], Item]) -> Application:
    items = (change(one) if one.claim == claim else one for one in before.items)
    return replace(before, items=tuple(items))


def decided(before: Application, state: State, body: Mapping[str, Any]) -> Application:
    """After `appointment.returned`, `appointment.refused` or `appointment.approved`."""
    return replace(
        before,
        state=state,
        reason=body.get("reason", ""),
        decided_by=body["by"],
        decided_at=datetime.fromisoformat(body["at"]),
        expert_id=body.get("expert_id", before.expert_id),
        bases=tuple(body.get("bases", ())),
    )


DECISIONS: Final[Mapping[str, State]] = {
    "appointment.returned": State.RETURNED,
    "appointment.refused": State.REFUSED,
    "appointment.approved": State.APPROVED,
}
SEEN: Final = "appointment.person_shown"


def fold(facts: Iterable[tuple[str, Mapping[str, Any] | None]]) -> Application | None:
    """The application that the entries (type, body) of its stream add up to.

    An entry whose body was erased is passed over.
    """
    found: Application | None = None
    for type_, body in facts:
        if body is None or type_ == SEEN:
            continue
        if type_ == "appointment.filed":
            found = filed(body)
            continue
        if found is not None:
            found = step(found, type_, body)
    return found


def step(before: Application, type_: str, body: Mapping[str, Any]) -> Application:
    """The application after one more entry."""
    if type_ in DECISIONS:
        return decided(before, DECISIONS[type_], body)
    return _CHANGES[type_](before, body)


_CHANGES: Final[Mapping[str, Callable[[Application, Mapping[str, Any]], Application]]] = {
    "appointment.amended": amended,
    "appointment.evidence_added": added,
    "appointment.reviewed": reviewed,
}
