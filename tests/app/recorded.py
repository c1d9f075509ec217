"""A service with a recording in it, and supervisors who open it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from evaluation_room.core.media_events import Watched
from evaluation_room.core.media_rules import Track
from evaluation_room.store import EvaluationRow
from foundation.auth.roles import Role
from tests.app.bench import MORNING, PASSWORD, Bench, a_bench
from tests.evaluation_room.archive.packets import SECOND, opus, packed, publication, spoken, vp8

ROOM = "ev_recorded"
AT = round(MORNING.timestamp()) * SECOND
WHY = {"case": "鄂监 2026-17", "reason": "投诉称评审时有人代坐"}


@dataclass
class Recorded:
    """A service with a recording of one member: forty seconds of face and microphone."""

    bench: Bench
    people: dict[str, TestClient] = field(default_factory=dict)

    def record(self) -> None:
        """Record, as the engine would."""
        archive = self.bench.house.recordings.archive
        face = archive.begin(publication(Track.FACE, room=ROOM), lambda: None)
        mic = archive.begin(publication(Track.MIC, room=ROOM, id_="ab" * 8), lambda: None)
        for at_us, packet in packed(vp8(40), start_us=AT):
            face.packet(packet, at_us)
        for at_us, packet in spoken(opus(40), start_us=AT):
            mic.packet(packet, at_us)
        for one in (face, mic):
            one.end()
        archive.turn()
        archive.notary.turn()

    def by(self, who: str) -> TestClient:
        """The browser of a supervisor with that user name."""
        if who not in self.people:
            account = self.bench.an_account(Role.SUPERVISOR, who)
            self.people[who] = self.bench.browser()
            self.people[who].post(
                "/api/sign-in", json={"username": account.username, "password": PASSWORD}
            )
        return self.people[who]

    def propose(self, who: str = "one") -> str:
        answer = self.by(who).post(f"/api/recordings/{ROOM}/openings", json=WHY)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["opening"])

    def confirm(self, opening: str, who: str = "two") -> Any:
        return self.by(who).post(f"/api/recordings/{ROOM}/openings/{opening}/confirmation")

    def clip(self, opening: str, rest: str = "e1/face/1?sound=mic", who: str = "one") -> Any:
        return self.by(who).get(f"/api/recordings/{ROOM}/openings/{opening}/clips/{rest}")

    @property
    def watched(self) -> list[Watched]:
        facts = self.bench.house.media_book.facts(ROOM)
        return [one.event for one in facts if isinstance(one.event, Watched)]


@contextmanager
def a_recorded_service(home: Path) -> Iterator[Recorded]:
    """A service on `home` with one evaluation, recorded."""
    with a_bench(home) as bench:
        with bench.house.books.write() as book:
            row = EvaluationRow(id=ROOM, draw_id="dr_1", created_by="ac_1", created_at=MORNING)
            book.db.add(row)
        made = Recorded(bench)
        made.record()
        yield made
