"""Which pages a member has open while scoring: told by the page, once a minute."""

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from evaluation_room.core.page_views import Told, pages_read
from evaluation_room.media_book import MediaBook
from evaluation_room.routes import Guest, Rooms

router = APIRouter(prefix="/api", tags=["evaluations"])


class PageToldIn(BaseModel):
    """A page that came on the screen `ago` seconds ago and stayed for `seconds`."""

    document: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
    page: Annotated[int, Field(ge=1, le=100_000)]
    ago: Annotated[int, Field(ge=0, le=24 * 3600)]
    seconds: Annotated[int, Field(ge=0, le=24 * 3600)]


class PagesToldIn(BaseModel):
    """What was looked at since the last time."""

    views: Annotated[list[PageToldIn], Field(max_length=200)]


def media_book_of(request: Request) -> MediaBook:
    """The book that app/wiring.py hung on the application."""
    return cast(MediaBook, request.app.state.media_book)


@router.post("/evaluations/{evaluation_id}/pages", status_code=204)
def read(
    evaluation_id: str,
    body: PagesToldIn,
    who: Guest,
    rooms: Rooms,
    book: Annotated[MediaBook, Depends(media_book_of)],
) -> None:
    """Keep what was looked at; what can't be true is left out."""
    viewer = rooms.viewer(evaluation_id, who)
    room = rooms.hub.room(evaluation_id)
    told = [Told(**one.model_dump()) for one in body.views]
    fact = pages_read(room, viewer, told, rooms.books.clock.now())
    if fact is not None:
        book.note(evaluation_id, fact)
