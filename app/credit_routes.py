"""Doors of credit records: a file in the data standard goes out with a reason, or is looked at."""

from datetime import date
from typing import Annotated, cast

from fastapi import APIRouter, Depends, File, Request, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from app.credit_records import CreditRecords, Form, Told
from blacklist.core.grounds import Kind
from foundation.auth.guards import Principal, requires
from foundation.auth.roles import Permission
from foundation.ids import ExpertId

TYPES = {Form.XML: "application/xml", Form.JSON: "application/json"}

router = APIRouter(prefix="/api/dataspec", tags=["dataspec"])

Decider = Annotated[Principal, requires(Permission.BLACKLIST_DECIDE)]
Enterer = Annotated[Principal, requires(Permission.BLACKLIST_ENTER, Permission.BLACKLIST_DECIDE)]


def records_of(request: Request) -> CreditRecords:
    """The service that the application hung up."""
    return cast(CreditRecords, request.app.state.credit_records)


AtRecords = Annotated[CreditRecords, Depends(records_of)]


class CreditExportIn(BaseModel):
    """In which form, and why; the reason is kept in the log."""

    model_config = ConfigDict(extra="forbid")

    form: Form
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class CreditRecordOut(BaseModel):
    """A record of a file about one of ours; the number that it was found by is not told."""

    record: int
    expert_id: ExpertId
    kind: Kind | None
    ground: str
    result: str
    basis: str
    deciding_body: str
    starts_on: date
    ends_on: date | None
    held: bool

    @classmethod
    def of(cls, told: Told) -> "CreditRecordOut":
        """Built from what was read."""
        return cls(**{name: getattr(told, name) for name in cls.model_fields})


class CreditCheckOut(BaseModel):
    """How many records the file holds, and those about our people."""

    records: int
    ours: list[CreditRecordOut]


@router.post("/credit-records/export", response_class=Response)
def export(body: CreditExportIn, who: Decider, records: AtRecords) -> Response:
    """Our list as EXPERT_CREDIT_RECORD; that it left, and why, is an entry (R-E-3)."""
    file = records.export(body.form, body.reason, who.account_id)
    return Response(file, media_type=TYPES[body.form], headers={"Cache-Control": "no-store"})


@router.post("/credit-records/check")
def check(file: Annotated[UploadFile, File()], who: Enterer, records: AtRecords) -> CreditCheckOut:
    """Who of our people stands in another service's file; nothing follows from it by itself."""
    count, ours = records.check(file.file.read(), who.account_id)
    return CreditCheckOut(records=count, ours=[CreditRecordOut.of(one) for one in ours])
