"""Doors of appointment: managers of the pool file, review and approve; experts keep a profile."""

from datetime import date, timedelta
from typing import Annotated, cast

from fastapi import APIRouter, Depends, File, Query, Request, Response, UploadFile

from draw_engine.appointment_desk import AppointmentDesk, Shown
from draw_engine.appointment_schemas import (
    ApplicantOut,
    ApplicationFormOut,
    ApplicationIn,
    ApplicationOut,
    ApplicationsOut,
    CodedReasonIn,
    EvidenceIn,
    FormersIn,
    GiveUpIn,
    MoreIn,
    NewEmployerIn,
    PapersIn,
    ProfileOut,
    ReviewIn,
    ShownOut,
    TelephoneIn,
    TrainingIn,
    UploadedOut,
)
from draw_engine.core import appointment as core
from draw_engine.core.appointment_errors import NotAnExpert
from draw_engine.evidence import MOST_BYTES, media_type
from draw_engine.profile_desk import ProfileDesk
from foundation.auth.guards import Principal, requires
from foundation.auth.roles import Permission
from foundation.clock import Clock
from foundation.ids import ExpertId
from foundation.instants import CHINA_STANDARD_TIME
from foundation.rulebook.overlay import Overlay

router = APIRouter(prefix="/api", tags=["appointment"])

Reviewer = Annotated[Principal, requires(Permission.APPOINTMENT_REVIEW)]
Approver = Annotated[Principal, requires(Permission.APPOINTMENT_APPROVE)]
Own = Annotated[Principal, requires(Permission.PROFILE_CONFIRM)]


def appointments_of(request: Request) -> AppointmentDesk:
    """The desk of applications."""
    return cast(AppointmentDesk, request.app.state.appointments)


def profiles_of(request: Request) -> ProfileDesk:
    """The desk of profiles."""
    return cast(ProfileDesk, request.app.state.profiles)


def overlay_of(request: Request) -> Overlay:
    """The local values in force."""
    return cast(Overlay, request.app.state.overlay)


def clock_of(request: Request) -> Clock:
    """The application's clock."""
    return cast(Clock, request.app.state.clock)


class ProfileView:
    """An expert's profile as the page shows it."""

    def __init__(self, request: Request) -> None:
        self.profiles, self.desk = profiles_of(request), appointments_of(request)
        self._overlay, self._clock = overlay_of(request), clock_of(request)

    def of(self, expert_id: ExpertId) -> ProfileOut:
        """The profile now."""
        found = self.profiles.show(expert_id)
        today = self._clock.now().astimezone(CHINA_STANDARD_TIME).date()
        ahead = timedelta(days=self._overlay.profile_remind_days)
        asked = [one for one in self.desk.newest(expert_id=expert_id) if one.extends]
        return ProfileOut.of(found, asked, due_soon=found.due.profile_until - today <= ahead)


View = Annotated[ProfileView, Depends()]
Appointments = Annotated[AppointmentDesk, Depends(appointments_of)]
Profiles = Annotated[ProfileDesk, Depends(profiles_of)]
Rules = Annotated[Overlay, Depends(overlay_of)]


@router.get("/appointments")
def applications(
    _: Reviewer,
    desk: Appointments,
    state: Annotated[list[core.State] | None, Query(max_length=4)] = None,
) -> ApplicationsOut:
    """The newest applications, of some states where given."""
    return ApplicationsOut(
        applications=[ApplicationOut.of(one) for one in desk.newest(state or ())],
        counts=desk.counts(),
    )


@router.get("/appointments/form")
def form(_: Reviewer, overlay: Rules) -> ApplicationFormOut:
    """The closed lists and limits that an application is filled in by."""
    lists = {
        "titles": list(core.RANKS),
        "declarations": list(core.DECLARATIONS),
        "document_kinds": list(core.DOCUMENT_KINDS),
        "rejections": list(core.REJECTIONS),
        "returns": list(core.RETURNS),
        "refusals": list(core.REFUSALS),
    }
    return ApplicationFormOut.of(lists, overlay)


@router.post("/appointments/documents", status_code=201)
def upload(_: Reviewer, desk: Appointments, file: Annotated[UploadFile, File()]) -> UploadedOut:
    """Keep a paper, sealed; it belongs to nobody until an application names its hash."""
    return UploadedOut(sha256=desk.evidence.put(file.file.read(MOST_BYTES + 1)))


@router.post("/appointments", status_code=201)
def file_application(body: ApplicationIn, who: Reviewer, desk: Appointments) -> ApplicationOut:
    """File an application from the applicant's papers."""
    return ApplicationOut.of(desk.file(body.to_who(), body.to_papers(), who.account_id))


@router.get("/appointments/{id}")
def one_application(id: str, who: Reviewer, desk: Appointments, overlay: Rules) -> ShownOut:
    """One application with its evidence and what the rules say of it now."""
    return _shown(desk.show(id), who, desk, overlay)


@router.put("/appointments/{id}")
def amend(id: str, body: PapersIn, who: Reviewer, desk: Appointments, overlay: Rules) -> ShownOut:
    """Other papers for an application that is not decided."""
    desk.amend(id, body.to_papers(), who.account_id)
    return _shown(desk.show(id), who, desk, overlay)


@router.post("/appointments/{id}/person")
def person(id: str, who: Reviewer, desk: Appointments) -> ApplicantOut:
    """Who applies, to compare with the papers; that somebody asked is an entry."""
    return ApplicantOut.of(desk.person(id, who.account_id))


@router.get("/appointments/{id}/documents/{sha256}", response_class=Response)
def paper(id: str, sha256: str, _: Reviewer, desk: Appointments) -> Response:
    """One document of an application, as it was uploaded."""
    data = desk.paper(id, sha256)
    return Response(data, 200, {"Content-Disposition": "inline"}, media_type(data))


@router.post("/appointments/{id}/evidence")
def add_evidence(
    id: str, body: EvidenceIn, who: Reviewer, desk: Appointments, overlay: Rules
) -> ShownOut:
    """More papers for an item, which waits for a review again."""
    papers = tuple(one.to_paper() for one in body.documents)
    desk.add_evidence(id, body.claim, papers, who.account_id)
    return _shown(desk.show(id), who, desk, overlay)


@router.post("/appointments/{id}/review")
def review(id: str, body: ReviewIn, who: Reviewer, desk: Appointments, overlay: Rules) -> ShownOut:
    """Say what the papers of one item show."""
    desk.review(id, body.claim, body.verdict, body.reason, who.account_id)
    return _shown(desk.show(id), who, desk, overlay)


@router.post("/appointments/{id}/return")
def give_back(
    id: str, body: CodedReasonIn, who: Approver, desk: Appointments, overlay: Rules
) -> ShownOut:
    """Give it back for more papers."""
    desk.return_(id, body.reason, who.account_id)
    return _shown(desk.show(id), who, desk, overlay)


@router.post("/appointments/{id}/refuse")
def refuse(
    id: str, body: CodedReasonIn, who: Approver, desk: Appointments, overlay: Rules
) -> ShownOut:
    """End it; the person is forgotten and may apply again."""
    desk.refuse(id, body.reason, who.account_id)
    return _shown(desk.show(id), who, desk, overlay)


@router.post("/appointments/{id}/approve")
def approve(id: str, who: Approver, desk: Appointments, overlay: Rules) -> ShownOut:
    """Appoint; by another person than any who reviewed (R-SOD-1)."""
    desk.approve(id, who.account_id)
    return _shown(desk.show(id), who, desk, overlay)


@router.post("/pool/experts/{id}/trainings", status_code=201)
def record_training(
    id: str, body: TrainingIn, who: Reviewer, desk: Appointments, profiles: Profiles
) -> ProfileOut:
    """A training that an expert attended, by the certificate uploaded before."""
    desk.evidence.get(body.certificate)
    expert = ExpertId(id)
    found = profiles.record_training(expert, body.on, body.certificate, who.account_id)
    return ProfileOut.of(found, [], due_soon=False)


@router.get("/my/profile")
def my_profile(who: Own, view: View) -> ProfileOut:
    """The expert's own profile, until when it holds, and what was asked for besides."""
    return view.of(_expert(who))


@router.post("/my/profile/confirm")
def confirm(who: Own, view: View) -> ProfileOut:
    """Confirm that everything is right as it stands."""
    view.profiles.confirm(_expert(who), who.account_id)
    return view.of(_expert(who))


@router.put("/my/profile/employer")
def change_employer(body: NewEmployerIn, who: Own, view: View) -> ProfileOut:
    """Another employer, at once; the one before goes on recusing for three years (R-REC-1)."""
    view.profiles.change_employer(_expert(who), body.to_employer(), body.since, who.account_id)
    return view.of(_expert(who))


@router.put("/my/profile/telephone")
def change_telephone(body: TelephoneIn, who: Own, view: View) -> ProfileOut:
    """Another telephone; the vault alone keeps it."""
    view.profiles.change_phone(_expert(who), body.number, who.account_id)
    return view.of(_expert(who))


@router.post("/my/profile/former", status_code=201)
def declare_former(body: FormersIn, who: Own, view: View) -> ProfileOut:
    """Employers of the last years; draws against their bids pass the expert over."""
    former = [(one.to_employer(), one.from_on, one.to_on) for one in body.employers]
    view.profiles.declare_former(_expert(who), former, who.account_id)
    return view.of(_expert(who))


@router.post("/my/profile/give-up")
def give_up(body: GiveUpIn, who: Own, view: View) -> ProfileOut:
    """Hold one specialty less, at once."""
    view.profiles.give_up(_expert(who), body.code, who.account_id)
    return view.of(_expert(who))


@router.post("/my/profile/documents", status_code=201)
def upload_own(_: Own, desk: Appointments, file: Annotated[UploadFile, File()]) -> UploadedOut:
    """Keep a paper of one's own, sealed."""
    return UploadedOut(sha256=desk.evidence.put(file.file.read(MOST_BYTES + 1)))


@router.post("/my/profile/more", status_code=201)
def ask_more(body: MoreIn, who: Own, view: View) -> ProfileOut:
    """Ask for more specialties, another title or region; two persons look at the evidence."""
    items = tuple(one.to_claim() for one in body.items)
    view.desk.ask_more(_expert(who), items, who.account_id)
    return view.of(_expert(who))


def _shown(found: Shown, who: Principal, desk: AppointmentDesk, overlay: Overlay) -> ShownOut:
    one = found.application
    first: date | None = None
    if one.state is core.State.APPROVED and one.decided_at is not None and not one.extends:
        entered = one.decided_at.astimezone(CHINA_STANDARD_TIME).date()
        first = entered + timedelta(days=overlay.quarantine_days)
    may = not desk.has_reviewed(one, who.account_id)
    return ShownOut.of(found, may_approve=may, in_hats_from=first)


def _expert(who: Principal) -> ExpertId:
    if who.expert_id is None:
        raise NotAnExpert
    return who.expert_id
