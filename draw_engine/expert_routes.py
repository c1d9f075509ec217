"""HTTP for the invited expert: inbox, answer, own record. Never a project fact (R-CONF-3)."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter

from draw_engine.desk import AtDesk, Desk
from draw_engine.expert_schemas import (
    AnswerIn,
    DisputeIn,
    InboxOut,
    InvitationOut,
    OwnDrawOut,
    OwnHatsOut,
    RecordEntryOut,
)
from draw_engine.schemas import Out
from draw_engine.vault_seats import InvitationUnknown
from foundation.auth.guards import Principal, requires
from foundation.auth.roles import Permission
from foundation.ids import ExpertId

router = APIRouter(prefix="/api", tags=["inbox"])

Expert = Annotated[Principal, requires(Permission.INBOX_READ)]
Answerer = Annotated[Principal, requires(Permission.INBOX_ANSWER)]
Recorded = Annotated[Principal, requires(Permission.RECORD_READ)]
Disputer = Annotated[Principal, requires(Permission.RECORD_DISPUTE)]


class RecordOut(Out):
    """An expert's standing and everything recorded in the expert's own name."""

    standing: dict[str, Any]
    entries: list[RecordEntryOut]


@router.get("/inbox")
def inbox(who: Expert, desk: AtDesk) -> InboxOut:
    """The expert's invitations, newest first."""
    return _inbox(_expert(who), desk)


@router.post("/inbox/{invitation_id}/answer")
def answer(invitation_id: str, body: AnswerIn, who: Answerer, desk: AtDesk) -> InboxOut:
    """Accept or decline; signed by the account's own key, which makes a decline evidence."""
    expert = _expert(who)
    desk.draws.answer(
        expert,
        invitation_id,
        accept=body.answer == "accept",
        reason=body.reason or "other",
        sign=lambda message: desk.accounts.sign(who.account_id, message),
    )
    return _inbox(expert, desk)


@router.get("/my/record")
def my_record(who: Recorded, desk: AtDesk) -> RecordOut:
    """Every invitation and what became of it, with the right to dispute."""
    expert = _expert(who)
    standing = desk.blacklist.standing(expert)
    until = standing.until.isoformat() if standing.until else None
    return RecordOut(
        standing={"standing": standing.status, "rule": standing.rule, "until": until},
        entries=[RecordEntryOut.of(one) for one, _ in desk.draws.inbox(expert)],
    )


@router.post("/my/record/{record_id}/dispute")
def dispute(record_id: str, body: DisputeIn, who: Disputer, desk: AtDesk) -> RecordOut:
    """Dispute an entry; the ledger says that it is disputed, the words stay sealed."""
    desk.draws.dispute(_expert(who), record_id, body.text)
    return my_record(who, desk)


@router.get("/my/hats")
def my_hats(who: Recorded, desk: AtDesk, day: date | None = None) -> OwnHatsOut:
    """Every draw of a day, now over, that asked for such an expert: in which hats the expert was,
    or the exclusion with its reason, each with its proof (SPEC.md section 9)."""
    expert = _expert(who)
    found = desk.hats.on(expert, day) if day else []
    return OwnHatsOut(
        days=desk.hats.days(expert), day=day, draws=[OwnDrawOut.of(one) for one in found]
    )


def _inbox(expert: ExpertId, desk: Desk) -> InboxOut:
    found = desk.draws.inbox(expert)
    return InboxOut(invitations=[InvitationOut.of(one, room) for one, room in found])


def _expert(who: Principal) -> ExpertId:
    if who.expert_id is None:
        raise InvitationUnknown
    return who.expert_id
