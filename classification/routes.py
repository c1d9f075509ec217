"""The standard and the regions over HTTP: public facts, cacheable, the same for everybody."""

from functools import lru_cache
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import TypeAdapter

from classification.core.catalogue import Catalogue
from classification.core.code import SpecialtyCode
from classification.schemas import (
    RegionOut,
    SpecialtyDetailOut,
    SpecialtyFoundOut,
    SpecialtyOut,
)
from classification.service import ClassificationService
from foundation.auth.guards import public

CACHE = {"Cache-Control": "public, max-age=600, must-revalidate"}

router = APIRouter(prefix="/api", tags=["classification"])
open_to_all = [public("the standard and the regions are published facts")]


def service_of(request: Request) -> ClassificationService:
    """The service that app/wiring.py hung on the application."""
    return cast(ClassificationService, request.app.state.classification)


Classification = Annotated[ClassificationService, Depends(service_of)]
Search = Annotated[str, Query(min_length=1, max_length=60)]


@router.get(
    "/classification/{version}/tree", dependencies=open_to_all, response_model=list[SpecialtyOut]
)
def tree(version: str, classification: Classification) -> Response:
    """The whole version, in the order of the standard; its ETag saves sending it twice."""
    body = _tree(classification.tree(version))
    return Response(body, media_type="application/json", headers=CACHE)


@router.get("/classification/{version}/codes/{code}", dependencies=open_to_all)
def one_code(version: str, code: str, classification: Classification) -> SpecialtyDetailOut:
    """One line by its bare code; a code of 2010 is refused with what it meant then."""
    line = classification.resolve(str(SpecialtyCode(version, code)))
    return SpecialtyDetailOut.of(line, classification.tree(version))


@router.get("/classification/search", dependencies=open_to_all)
def search(
    q: Search,
    classification: Classification,
    version: str = "2018",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[SpecialtyFoundOut]:
    """Lines by beginning of the code, words of the names, or pinyin initials; best first."""
    catalogue = classification.tree(version)
    return [SpecialtyFoundOut.of(line, catalogue) for line in classification.find(q, limit)]


@router.get("/regions", dependencies=open_to_all)
def regions(
    classification: Classification,
    response: Response,
    level: Annotated[int | None, Query(ge=1, le=3)] = None,
    parent: Annotated[str | None, Query(pattern="^[0-9]{6}$")] = None,
) -> list[RegionOut]:
    """Regions of a level, or directly below a region, by code."""
    response.headers.update(CACHE)
    return [RegionOut.of(one) for one in classification.find_regions(level, parent)]


@lru_cache(maxsize=4)
def _tree(catalogue: Catalogue) -> bytes:
    lines = [SpecialtyOut.of(line, catalogue) for line in catalogue]
    return TypeAdapter(list[SpecialtyOut]).dump_json(lines)
