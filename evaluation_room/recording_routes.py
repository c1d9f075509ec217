"""Recordings over HTTP, for supervisors alone: the timeline, its opening by two, what it shows."""

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from evaluation_room.archive.recordings import Recordings
from evaluation_room.core.media_coverage import seats_covered
from evaluation_room.core.media_log import Opening
from evaluation_room.core.media_rules import Track
from evaluation_room.core.page_views import are_shown
from evaluation_room.recording_schemas import OpeningIn, OpeningOut, RecordingOut
from evaluation_room.routes import Rooms
from foundation.auth.accounts import Accounts
from foundation.auth.guards import requires
from foundation.auth.principal import Principal
from foundation.auth.roles import Permission

router = APIRouter(prefix="/api/recordings", tags=["recordings"])

Opener = Annotated[Principal, requires(Permission.RECORDING_OPEN)]
Whose = Annotated[str, Path(pattern=r"^([eo][1-9][0-9]{0,2}|clerk)$")]


def recordings_of(request: Request) -> Recordings:
    """The service that app/wiring.py hung on the application."""
    return cast(Recordings, request.app.state.recordings)


def accounts_of(request: Request) -> Accounts:
    """The accounts service, likewise."""
    return cast(Accounts, request.app.state.accounts)


Kept = Annotated[Recordings, Depends(recordings_of)]
People = Annotated[Accounts, Depends(accounts_of)]


@router.get("/{evaluation_id}")
def timeline(
    evaluation_id: str, who: Opener, rooms: Rooms, kept: Kept, people: People
) -> RecordingOut:
    """Segments, gaps, levels, alarms, how much is recorded, openings; needs no opening."""
    rooms.row(evaluation_id)
    log = kept.book.log(evaluation_id)
    openings = [_out(one, who, kept, people) for one in log.openings.values()]
    room = rooms.hub.room(evaluation_id)
    covered = seats_covered(room, log, kept.clock.now())
    shown = are_shown(room)
    return RecordingOut.of(evaluation_id, log, openings, covered, with_pages=shown)


@router.post("/{evaluation_id}/openings", status_code=201)
def propose(
    evaluation_id: str, body: OpeningIn, who: Opener, *, rooms: Rooms, kept: Kept, people: People
) -> OpeningOut:
    """Ask that the recording be opened for a case (R-SOD-2)."""
    rooms.row(evaluation_id)
    now = kept.clock.now()
    one = kept.openings.propose(evaluation_id, body.case, body.reason, who.account_id, now)
    return _out(one, who, kept, people)


@router.post("/{evaluation_id}/openings/{opening}/confirmation")
def confirm(
    evaluation_id: str, opening: str, who: Opener, *, rooms: Rooms, kept: Kept, people: People
) -> OpeningOut:
    """Agree as another person; the recording is open for eight hours (R-SOD-2)."""
    rooms.row(evaluation_id)
    now = kept.clock.now()
    one = kept.openings.confirm(evaluation_id, opening, who.account_id, now)
    return _out(one, who, kept, people)


@router.get(
    "/{evaluation_id}/openings/{opening}/clips/{seat}/{track}/{number}", response_class=Response
)
def clip(
    evaluation_id: str,
    opening: str,
    *,
    seat: Whose,
    track: Track,
    number: Annotated[int, Path(ge=1)],
    who: Opener,
    rooms: Rooms,
    kept: Kept,
    sound: Annotated[Track | None, Query()] = None,
) -> Response:
    """One segment as WebM that plays by itself; a picture with the sound of the same person.

    Time 0 of the file is the segment's `started_at`. Each set of tracks watched is an entry.
    """
    rooms.row(evaluation_id)
    log = kept.openings.require(evaluation_id, opening, kept.clock.now())
    made = kept.shelf.clip(evaluation_id, log, seat, track, number, sound=sound)
    tracks = [track] if sound is None else [track, sound]
    # On record before a byte of it leaves.
    kept.openings.watch(evaluation_id, opening, seat, tracks, who.account_id)
    return Response(
        made.data, media_type="video/webm", headers={"Cache-Control": "private, no-store"}
    )


def _out(one: Opening, who: Principal, kept: Recordings, people: Accounts) -> OpeningOut:
    names = {each.public_key: each.display for each in people.all()}
    may = kept.openings.may_confirm(one, who.account_id)
    return OpeningOut.of(one, kept.clock.now(), names, may_confirm=may)
