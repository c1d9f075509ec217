"""A recording over HTTP: the timeline for every supervisor, pictures only after two opened it."""

import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import av
import pytest

from evaluation_room.core.media_rules import Track
from evaluation_room.store import EvaluationRow
from foundation.auth.roles import Role
from tests.app.bench import MORNING, PASSWORD, code_of
from tests.app.recorded import AT, ROOM, WHY, Recorded, a_recorded_service
from tests.evaluation_room.archive.packets import opus, publication, spoken


@pytest.fixture
def recorded(tmp_path: Path) -> Iterator[Recorded]:
    with a_recorded_service(tmp_path / "home") as made:
        yield made


def test_the_timeline_needs_no_opening_and_decrypts_nothing(recorded: Recorded) -> None:
    told = recorded.by("one").get(f"/api/recordings/{ROOM}").json()

    segments = [(one["track"], one["number"], one["ending"]) for one in told["segments"]]
    assert sorted(segments) == [
        ("face", 1, "rolled"),
        ("face", 2, "ended"),
        ("mic", 1, "rolled"),
        ("mic", 2, "ended"),
    ]
    mic = next(one for one in told["segments"] if one["track"] == "mic")
    assert mic["levels"] == "28" * 30
    assert told["openings"] == []


def test_r_sod_2_two_supervisors_open_a_recording_for_eight_hours(recorded: Recorded) -> None:
    opening = recorded.propose()
    assert code_of(recorded.clip(opening)) == "recording.not_open"
    own = recorded.confirm(opening, "one")
    assert (own.status_code, code_of(own)) == (403, "recording.second_person_needed")

    told = recorded.confirm(opening).json()
    assert told["state"] == "open"
    assert datetime.fromisoformat(told["until"]) == MORNING + timedelta(hours=8)
    assert recorded.clip(opening).status_code == 200
    recorded.bench.clock.advance(timedelta(hours=7, minutes=59))
    recorded.people.clear()  # sign-ins have ended by then
    assert recorded.clip(opening, who="three").status_code == 200
    recorded.bench.clock.advance(timedelta(minutes=1))
    recorded.people.clear()
    assert code_of(recorded.clip(opening, who="four")) == "recording.not_open"


def test_r_sod_2_two_accounts_of_one_person_are_one_person(recorded: Recorded) -> None:
    accounts = recorded.bench.house.accounts
    recorded.by("one")
    first = accounts.by_username("one")
    second = recorded.bench.an_account(Role.SUPERVISOR, "one-again")
    assert first is not None
    with recorded.bench.house.books.write() as book:
        from foundation.auth.store import AccountRow

        row = book.db.get_one(AccountRow, second.id)
        row.person = book.db.get_one(AccountRow, first.id).person
        book.db.add(row)
    assert accounts.same_person(first.id, second.id)
    opening = recorded.propose()
    recorded.people["again"] = recorded.bench.browser()
    recorded.people["again"].post(
        "/api/sign-in", json={"username": "one-again", "password": PASSWORD}
    )

    assert code_of(recorded.confirm(opening, "again")) == "recording.second_person_needed"
    listed = recorded.by("again").get(f"/api/recordings/{ROOM}").json()["openings"]
    assert [one["may_confirm"] for one in listed] == [False]
    listed = recorded.by("two").get(f"/api/recordings/{ROOM}").json()["openings"]
    assert [one["may_confirm"] for one in listed] == [True]


def test_a_clip_plays_alone_and_each_set_of_tracks_is_an_entry_once(recorded: Recorded) -> None:
    opening = recorded.propose()
    recorded.confirm(opening)
    clips = [recorded.clip(opening, f"e1/face/{n}?sound=mic") for n in (1, 2)]

    found: list[tuple[int, int]] = []
    for clip in clips:
        assert clip.headers["cache-control"] == "private, no-store"
        with av.open(io.BytesIO(clip.content), "r") as container:
            frames = list(container.decode(*container.streams))
        pictures = sum(isinstance(one, av.VideoFrame) for one in frames)
        found.append((pictures, len(frames) - pictures))
    assert [one[0] for one in found] == [450, 150]
    assert [one[1] for one in found] == [1500, 500], "the sound of both is whole, nothing twice"
    assert [one.tracks for one in recorded.watched] == [(Track.FACE, Track.MIC)]
    recorded.clip(opening, "e1/face/1")
    recorded.clip(opening, "e1/mic/1")
    recorded.clip(opening, "e1/face/1?sound=mic", who="two")
    assert len(recorded.watched) == 4


def test_a_case_is_asked_for_once_and_lapses_when_nobody_confirms(recorded: Recorded) -> None:
    opening = recorded.propose()
    again = recorded.by("two").post(f"/api/recordings/{ROOM}/openings", json=WHY)
    assert code_of(again) == "recording.already_asked"
    recorded.bench.clock.advance(timedelta(hours=72))
    recorded.people.clear()

    assert code_of(recorded.confirm(opening, "late")) == "recording.opening_lapsed"
    assert recorded.propose("three")


def test_refusals_name_what_is_wrong(recorded: Recorded) -> None:
    opening = recorded.propose()
    recorded.confirm(opening)
    assert code_of(recorded.confirm(opening)) == "recording.already_confirmed"
    assert code_of(recorded.confirm("op_none")) == "recording.unknown_opening"
    assert code_of(recorded.clip("op_none")) == "recording.unknown_opening"
    assert code_of(recorded.clip(opening, "e1/face/9")) == "recording.unknown_segment"
    assert code_of(recorded.clip(opening, "e2/face/1")) == "recording.unknown_segment"
    assert recorded.clip(opening, "..%2F..%2Fkeys/face/1").status_code in {404, 422}
    nobody = recorded.by("one").get("/api/recordings/ev_none")
    assert code_of(nobody) == "room.unknown_evaluation"


def test_a_changed_or_missing_file_is_named_and_not_shown(recorded: Recorded) -> None:
    opening = recorded.propose()
    recorded.confirm(opening)
    places = recorded.bench.house.recordings.places
    path = places.segment(ROOM, "e1", "face", 1)
    data = bytearray(path.read_bytes())
    data[5000] ^= 1
    path.write_bytes(data)
    answer = recorded.clip(opening)
    assert code_of(answer) == "recording.segment_changed"
    assert "e1" in answer.text
    path.unlink()
    assert code_of(recorded.clip(opening)) == "recording.segment_missing"
    places.of(ROOM).joinpath("room.key").unlink()
    assert code_of(recorded.clip(opening, "e1/face/2")) == "recording.key_gone"
    assert recorded.watched == [], "what was not shown was not watched"


def test_nothing_recorded_is_not_opened(recorded: Recorded) -> None:
    with recorded.bench.house.books.write() as book:
        book.db.add(EvaluationRow(id="ev_2", draw_id="dr_2", created_by="ac_1", created_at=MORNING))
    answer = recorded.by("one").post("/api/recordings/ev_2/openings", json=WHY)
    assert code_of(answer) == "recording.nothing_recorded"


def test_names_of_the_log_s_facts_are_keys_and_not_accounts(recorded: Recorded) -> None:
    opening = recorded.propose()
    recorded.confirm(opening)
    recorded.clip(opening)
    told = str([one.event for one in recorded.bench.house.media_book.facts(ROOM)])
    assert "ac_" not in told
    assert "supervisor" not in told


def test_the_service_starts_and_stops_with_its_recorder(recorded: Recorded) -> None:
    house = recorded.bench.house
    with recorded.bench.browser():
        track = house.recordings.archive.begin(
            publication(Track.MIC, room=ROOM, who="e2"), lambda: None
        )
        for at_us, packet in spoken(opus(2), start_us=AT):
            track.packet(packet, at_us)
    mine = [one for one in house.media_book.log(ROOM).segments if one.who == "e2"]
    assert [(one.packets, one.ending) for one in mine] == [(100, "ended")]
    assert house.recordings.places.under_way() == []
