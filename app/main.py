"""create_app(): a list of parts, no logic."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from anyio.to_thread import run_sync
from fastapi import APIRouter, FastAPI

import app.credit_routes
import app.demo.routes
import app.desk_search
import app.meta
import blacklist.case_routes
import blacklist.feed_routes
import blacklist.list_routes
import blacklist.rating_routes
import blacklist.routes
import classification.edition_routes
import classification.routes
import draw_engine.appointment_routes
import draw_engine.own_routes
import draw_engine.pool_routes
import draw_engine.remap_routes
import draw_engine.routes
import evaluation_room.gateway
import evaluation_room.page_routes
import evaluation_room.recording_routes
import evaluation_room.routes
import evaluation_room.signing_routes
import evaluation_room.watch_routes
import foundation.auth.passkey_routes
import foundation.auth.routes
from app import replies
from app.doors import doors_of, refuse_unguarded
from app.etag import EntityTags
from app.meta import PRODUCT, product_version
from app.pages import pages
from app.record import Record
from app.shield import BodyLimit, OwnSiteOnly, SecurityHeaders
from app.wiring import House

ROUTERS: Final[tuple[APIRouter, ...]] = (
    app.meta.router,
    foundation.auth.routes.router,
    foundation.auth.passkey_routes.router,
    app.demo.routes.router,
    app.desk_search.router,
    app.credit_routes.router,
    classification.routes.router,
    classification.edition_routes.router,
    blacklist.routes.router,
    blacklist.feed_routes.router,
    blacklist.rating_routes.router,
    blacklist.case_routes.router,
    blacklist.list_routes.router,
    draw_engine.pool_routes.router,
    draw_engine.appointment_routes.router,
    draw_engine.remap_routes.router,
    draw_engine.routes.router,
    draw_engine.own_routes.router,
    evaluation_room.routes.router,
    evaluation_room.signing_routes.router,
    evaluation_room.watch_routes.router,
    evaluation_room.recording_routes.router,
    evaluation_room.page_routes.router,
    evaluation_room.gateway.router,
)


def create_app(house: House | None = None) -> FastAPI:
    """The whole service. Without a house it can be read (doors, contract), not served.

    Raises:
        DoorWithoutGuard: a door has neither guard nor public reason.
    """
    service = FastAPI(
        title=PRODUCT,
        version=product_version(),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=_lifespan,
    )
    for router in ROUTERS:
        service.include_router(router)
    service.include_router(pages(doors_of(service)))
    replies.install(service)
    _shield(service, house)
    refuse_unguarded(service)
    if house is not None:
        house.move_in(service)
    return service


def _shield(service: FastAPI, house: House | None) -> None:
    """Inside out: what is added last meets a request first."""
    settings = None if house is None else house.settings
    service.add_middleware(EntityTags)
    service.add_middleware(BodyLimit)
    service.add_middleware(OwnSiteOnly, public_origin=settings.public_origin if settings else "")
    service.add_middleware(SecurityHeaders, strict_transport=bool(settings and settings.tls_cert))
    service.add_middleware(Record)


@asynccontextmanager
async def _lifespan(service: FastAPI) -> AsyncIterator[None]:
    house: House | None = getattr(service.state, "house", None)
    if house is None:
        yield
        return
    # Before anybody can join: what was under way is not touched once it is recorded to again.
    await run_sync(house.recordings.start)
    await house.jobs.start()
    try:
        yield
    finally:
        if house.media is not None:
            await house.media.close()
        await run_sync(house.recordings.close)
        await house.jobs.stop()
