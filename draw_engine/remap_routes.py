"""Doors of a remapping: the second person adopts a version, the pool manager carries on."""

from dataclasses import asdict
from typing import Annotated, Self, cast

from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from classification.core.code import SpecialtyCode
from draw_engine.pool_routes import Classification
from draw_engine.remapping import Remapping, RemapReport
from foundation.auth.guards import Principal, requires
from foundation.auth.roles import Permission

router = APIRouter(prefix="/api/pool", tags=["pool"])

Reader = Annotated[Principal, requires(Permission.CLASSIFICATION_READ)]
Decider = Annotated[Principal, requires(Permission.CLASSIFICATION_DECIDE)]
Adopter = Annotated[Principal, requires(Permission.CLASSIFICATION_ADOPT)]


class AdoptIn(BaseModel):
    """Why the second person adopts."""

    reason: Annotated[str, Field(max_length=500)]


class StepOut(BaseModel):
    """Experts with codes of `old`, by what became of those codes in `new`."""

    old: str
    new: str
    experts: int
    sure: int
    decided: int
    partly: int
    undecided: int
    given_up: int


class RemapOut(BaseModel):
    """What a remapping did, or would do; `index` is -1 where nothing was written."""

    classification: str
    steps: list[StepOut]
    experts: int
    not_drawable: int
    changed: int
    list_sha256: str
    by: str
    at: str
    index: int

    @classmethod
    def of(cls, one: RemapReport) -> Self:
        """The wire form."""
        return cls(**asdict(one))


class HoldersOut(BaseModel):
    """How many experts hold each code of a version."""

    holders: dict[str, int]


def remapping_of(request: Request) -> Remapping:
    """The remapping that the application hung up."""
    return cast(Remapping, request.app.state.remapping)


Remap = Annotated[Remapping, Depends(remapping_of)]


@router.post("/classification/{version}/adopt")
def adopt(version: str, body: AdoptIn, who: Adopter, remap: Remap) -> RemapOut:
    """Put an imported version in force and carry the experts over, all in one transaction.

    Not by the person who brought the list in (R-SOD-1).
    """
    return RemapOut.of(remap.adopt(version, body.reason, who.account_id))


@router.get("/remap/preview/{version}")
def preview(version: str, _: Reader, remap: Remap) -> RemapOut:
    """What adopting a version, or remapping to it, would do now."""
    return RemapOut.of(remap.preview(version))


@router.post("/remap")
def carry_on(who: Decider, remap: Remap) -> RemapOut:
    """Carry what was decided since to the version in force."""
    return RemapOut.of(remap.remap(who.account_id))


@router.get("/remap")
def last(_: Reader, remap: Remap) -> RemapOut:
    """The newest report."""
    return RemapOut.of(remap.last())


@router.get("/remap/list.csv", response_class=StreamingResponse)
def listed(_: Reader, remap: Remap) -> StreamingResponse:
    """The list of the newest report: expert ids and outcomes, no names."""
    return StreamingResponse(
        remap.lines(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="experts-remapped.csv"'},
    )


@router.get("/remap/holders/{version}")
def holders(version: str, _: Reader, remap: Remap, classification: Classification) -> HoldersOut:
    """How many experts hold each code of a version: where a decision matters most."""
    classification.tree(version)
    found = remap.waiting(version)
    return HoldersOut(holders={str(SpecialtyCode(version, code)): n for code, n in found.items()})
