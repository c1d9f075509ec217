"""What a member looked at while scoring, as their page tells it."""

import json
from datetime import timedelta
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from app import replies
from evaluation_room import page_routes
from evaluation_room.core.media_events import PagesRead
from evaluation_room.core.page_views import PAGES_READ, Told, are_shown, pages_read
from evaluation_room.core.views import CLERK, SUPERVISOR, Viewer, ViewerRole
from evaluation_room.media_book import MediaBook
from foundation.auth.roles import Role
from foundation.ledger.verify_export import verify_export
from tests.evaluation_room.bench import RoomBench

E1 = Viewer(ViewerRole.SEAT, "e1")


def exported(bench: RoomBench) -> list[str | None]:
    """The bodies of the page views that an export of the room holds."""
    data = bench.rooms.reading.export(bench.id)
    assert verify_export(data, bench.rooms.log_key).sound
    entries = json.loads(data)["entries"]
    return [one["body"] for one in entries if PAGES_READ in bytes.fromhex(one["leaf"]).decode()]


def test_pages_stand_at_the_servers_time_and_in_order(bench: RoomBench) -> None:
    bench.open()
    document, now = bench.room.documents[0].document_id, bench.clock.now()
    fact = pages_read(
        bench.room, E1, [Told(document, 7, ago=20, seconds=20), Told(document, 3, 60, 38)], now
    )
    assert fact is not None
    assert (fact.seat, [(one.page, one.seconds) for one in fact.views]) == (
        "e1",
        [(3, 38), (7, 20)],
    )
    assert [now - one.from_at for one in fact.views] == [
        timedelta(minutes=1),
        timedelta(seconds=20),
    ]


def test_what_cannot_be_true_is_left_out(bench: RoomBench) -> None:
    bench.open()
    document, now = bench.room.documents[0].document_id, bench.clock.now()
    for told in (
        Told(document, 1, ago=60, seconds=1),  # only turned over
        Told(document, 1, ago=7200, seconds=60),  # long ago
        Told("d-of-nobody", 1, ago=60, seconds=30),
    ):
        assert pages_read(bench.room, E1, [told], now) is None
    longer = pages_read(bench.room, E1, [Told(document, 1, ago=30, seconds=999)], now)
    assert longer is not None
    assert longer.views[0].seconds == 30  # nobody has read into the future


def test_only_members_who_score_are_read(bench: RoomBench) -> None:
    some = [Told("d1", 1, ago=60, seconds=30)]
    assert pages_read(bench.room, E1, some, bench.clock.now()) is None  # check-in
    bench.open()
    document = bench.room.documents[0].document_id
    some = [Told(document, 1, ago=60, seconds=30)]
    for viewer in (CLERK, SUPERVISOR, Viewer(ViewerRole.SEAT, "e9")):
        assert pages_read(bench.room, viewer, some, bench.clock.now()) is None


def test_a_supervisor_sees_them_once_the_sheets_are_open(bench: RoomBench) -> None:
    seats = bench.open()
    assert not are_shown(bench.room)
    for seat in ("e1", "e2"):
        bench.submit(seat, seats[seat])
    assert not are_shown(bench.room)
    for seat in sorted(seats.keys() - {"e1", "e2"}):
        bench.submit(seat, seats[seat])
    assert are_shown(bench.room)


def test_a_members_page_tells_and_only_the_members_own(bench: RoomBench) -> None:
    app, book = FastAPI(), MediaBook(bench.books, linger_seconds=0.01)
    app.include_router(page_routes.router)
    replies.install(app)
    app.state.rooms, app.state.accounts, app.state.media_book = bench.rooms, bench.accounts, book
    bench.open()
    document = bench.room.documents[0].document_id
    body = {"views": [{"document": document, "page": 4, "ago": 50, "seconds": 45}]}

    def tell(name: str, body: dict[str, Any]) -> int:
        who = bench.people[name]
        token = bench.accounts.sign_ins.begin_tab(who.account_id, Role(who.role)).access
        headers = {"Authorization": f"Bearer {token}"}
        with TestClient(app) as client:
            answer = client.post(f"/api/evaluations/{bench.id}/pages", json=body, headers=headers)
        return answer.status_code

    assert tell("x1", body) == 204
    assert tell("x1", {"views": [body["views"][0] | {"page": 0}]}) == 422
    stranger = bench.add_expert("x9")
    assert stranger
    assert tell("x9", body) == 403
    assert tell("clerk", body) == 204  # has entered, and scores nothing
    book.close()
    [fact] = book.facts(bench.id)
    assert exported(bench) == [None]  # not while members judge
    bench.score(bench.seated())
    [kept] = exported(bench)
    assert kept is not None
    assert document in bytes.fromhex(kept).decode()
    assert isinstance(fact.event, PagesRead)
    assert (fact.event.seat, fact.event.views[0].page, fact.event.views[0].seconds) == ("e1", 4, 45)
