"""The standard and the regions over HTTP: public facts, cacheable, the same for everybody."""

from functools import lru_cache
from typing import Annotated, Final, cast

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import TypeAdapter

from classification import shown
from classification.core.catalogue import Catalogue
from classification.core.code import SpecialtyCode
from classification.core.regions import Regions
from classification.schemas import (
    RegionDetailOut,
    RegionOut,
    RegionTreeOut,
    SpecialtyDetailOut,
    SpecialtyFoundOut,
    SpecialtyOut,
    VersionOut,
)
from classification.service import ClassificationService
from foundation.auth.guards import public

CACHE: Final = {"Cache-Control": "public, max-age=600, must-revalidate"}
ASK_AGAIN: Final = {"Cache-Control": "public, no-cache"}
IN_FORCE: Final = "in-force"

router = APIRouter(prefix="/api", tags=["classification"])
open_to_all = [public("the standard and the regions are published facts")]


def service_of(request: Request) -> ClassificationService:
    """The service that app/wiring.py hung on the application."""
    return cast(ClassificationService, request.app.state.classification)


Classification = Annotated[ClassificationService, Depends(service_of)]
Search = Annotated[str, Query(min_length=1, max_length=60)]
Limit = Annotated[int, Query(ge=1, le=200)]


@router.get("/classification/versions", dependencies=open_to_all)
def versions(classification: Classification) -> list[VersionOut]:
    """Every version of the standard held here; one of them is in force."""
    return shown.versions(classification)


@router.get(
    "/classification/{version}/tree", dependencies=open_to_all, response_model=list[SpecialtyOut]
)
def tree(version: str, classification: Classification) -> Response:
    """A whole version, in the order of the standard; `in-force` is the one in force.

    Its ETag saves sending it twice.
    """
    catalogue = _version(version, classification)
    headers = ASK_AGAIN if version == IN_FORCE else CACHE
    return Response(_tree(catalogue), media_type="application/json", headers=headers)


@router.get("/classification/{version}/codes/{code}", dependencies=open_to_all)
def one_code(version: str, code: str, classification: Classification) -> SpecialtyDetailOut:
    """One line of any version by its bare code; an older one with what it became since."""
    catalogue = _version(version, classification)
    line = catalogue.get(SpecialtyCode(catalogue.version, code))
    return shown.detail(line, classification)


@router.get("/classification/{version}/codes/{code}/subtree", dependencies=open_to_all)
def subtree(version: str, code: str, classification: Classification) -> list[SpecialtyOut]:
    """A line and all below it, in the order of the standard."""
    catalogue = _version(version, classification)
    lines = catalogue.subtree(SpecialtyCode(catalogue.version, code))
    return [SpecialtyOut.of(line, catalogue) for line in lines]


@router.get("/classification/search", dependencies=open_to_all)
def search(
    q: Search,
    classification: Classification,
    version: str = IN_FORCE,
    limit: Limit = 50,
) -> list[SpecialtyFoundOut]:
    """Lines by beginning of the code, words of the names, or pinyin; best first."""
    catalogue = _version(version, classification)
    return [SpecialtyFoundOut.of(line, catalogue) for line in catalogue.search(q, limit)]


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


@router.get("/regions/tree", dependencies=open_to_all, response_model=list[RegionTreeOut])
def region_tree(classification: Classification) -> Response:
    """Province, prefecture, county: the whole country as a tree."""
    body = _region_tree(classification.regions)
    return Response(body, media_type="application/json", headers=CACHE)


@router.get("/regions/search", dependencies=open_to_all)
def search_regions(
    q: Search, classification: Classification, limit: Limit = 50
) -> list[RegionDetailOut]:
    """Regions by beginning of the code, words of their path, or pinyin; best first."""
    every = classification.regions
    return [RegionDetailOut.in_full(one, every) for one in every.search(q, limit)]


@router.get("/regions/{code}", dependencies=open_to_all)
def one_region(code: str, classification: Classification, response: Response) -> RegionDetailOut:
    """One region by its six digits, with its path and what lies below."""
    response.headers.update(CACHE)
    return RegionDetailOut.in_full(classification.regions.get(code), classification.regions)


def _version(version: str, classification: ClassificationService) -> Catalogue:
    return classification.catalogue if version == IN_FORCE else classification.tree(version)


@lru_cache(maxsize=4)
def _tree(catalogue: Catalogue) -> bytes:
    lines = [SpecialtyOut.of(line, catalogue) for line in catalogue]
    return TypeAdapter(list[SpecialtyOut]).dump_json(lines)


@lru_cache(maxsize=1)
def _region_tree(regions: Regions) -> bytes:
    provinces = [RegionTreeOut.of(one, regions) for one in regions.children()]
    return TypeAdapter(list[RegionTreeOut]).dump_json(provinces)
