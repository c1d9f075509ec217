"""The export decodes wholly in other programs; the verifier names whatever is not as in the log."""

import itertools
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import av
import pytest

from evaluation_room.archive.clip import Shelf
from evaluation_room.archive.errors import FolderNotEmpty, NothingToShow
from evaluation_room.archive.export import Export, Report
from evaluation_room.archive.verify import Fault, Finding, Verified, Verifier
from evaluation_room.core.media_events import Gap, RecordedMedia, RecorderAlarmed
from evaluation_room.core.media_log import MediaLog, fold
from evaluation_room.core.media_rules import Track
from tests.evaluation_room.archive.bench import ArchiveBench
from tests.evaluation_room.archive.decoders import complaints
from tests.evaluation_room.archive.packets import (
    ROOM,
    SECOND,
    START,
    Packet,
    opus,
    packed,
    publication,
    speech,
    spoken,
    vp8,
)


def record(
    bench: ArchiveBench,
    track: Track,
    packets: list[Packet],
    *,
    who: str = "e1",
    id_: str = "aa" * 8,
) -> None:
    """One publication from its first packet to its end."""
    bench.now_us = packets[0][0]
    taken = bench.track(publication(track, who=who, id_=id_))
    bench.feed(taken, packets)
    taken.end()
    bench.archive.turn()


def a_room(bench: ArchiveBench) -> MediaLog:
    """A masked member who reloads the page, loses a packet and shares a screen, and a clerk."""
    again = START + 50 * SECOND
    face = list(packed(vp8(40)))
    record(bench, Track.FACE, [one for n, one in enumerate(face) if n != 120])
    record(bench, Track.MIC, list(spoken(opus(40))), id_="ab" * 8)
    record(bench, Track.MASKED, list(packed(vp8(40))), id_="ac" * 8)
    record(bench, Track.VOICE, list(spoken(opus(40))), id_="ad" * 8)
    record(bench, Track.FACE, list(packed(vp8(6), start_us=again, first=9)), id_="ba" * 8)
    record(bench, Track.MIC, list(spoken(opus(6), start_us=again, first=9)), id_="bb" * 8)
    screen = packed(vp8(6, ((640, 360), (320, 240), (1280, 720))))
    record(bench, Track.SCREEN, list(screen), id_="bc" * 8)
    record(bench, Track.MIC, list(spoken(opus(6))), who="clerk", id_="bd" * 8)
    bench.settle()
    return log_of(bench)


def log_of(bench: ArchiveBench) -> MediaLog:
    at = datetime.fromtimestamp(START / SECOND, UTC)
    kept = [one for one in bench.facts if not isinstance(one, RecorderAlarmed)]
    return fold(RecordedMedia(n, n, at, one) for n, one in enumerate(kept, 1))


def exported(bench: ArchiveBench, log: MediaLog, to: Path) -> tuple[Report, list[str], int]:
    said: list[str] = []
    steps: list[int] = []

    def record_files(files: Sequence[str]) -> None:
        assert not [one for one in to.iterdir() if one.suffix != ".part"], "the log knows first"
        said.extend(files)

    shelf = Shelf(bench.places, bench.keys)
    report = Export(shelf, ROOM, log, record_files, lambda: steps.append(1)).write(to)
    return report, said, len(steps)


def test_everything_is_exported_and_decodes_wholly(bench: ArchiveBench, tmp_path: Path) -> None:
    log = a_room(bench)
    to = tmp_path / "out"
    report, said, steps = exported(bench, log, to)

    names = {one.name: one for one in report.files}
    assert set(names) == {
        "clerk-mic.webm",
        "e1-face.webm",
        "e1-masked.webm",
        "e1-screen.webm",
    }
    assert sorted(one.name for one in to.iterdir()) == sorted([*names, "recording.json"])
    assert steps == len(log.segments)
    frames: dict[str, tuple[int, int]] = {}
    for one in report.files:
        path = to / one.name
        assert sha256(path.read_bytes()).hexdigest() == one.sha256
        assert path.stat().st_mode & 0o077 == 0
        assert complaints(str(path)) == []
        with av.open(str(path), "r") as container:
            found = list(container.decode(*container.streams))
        pictures = sum(isinstance(each, av.VideoFrame) for each in found)
        frames[one.name] = pictures, len(found) - pictures
    assert said == [one.sha256 for one in report.files]
    lost = names["e1-face.webm"].counts[Track.FACE]
    assert lost.missing == 1
    assert 0 < lost.dropped <= 75, "until the next keyframe and no longer"
    assert frames == {
        "clerk-mic.webm": (0, 300),
        "e1-face.webm": (690 - lost.dropped, 2300),
        "e1-masked.webm": (600, 2000),
        "e1-screen.webm": (90, 0),
    }


def test_sound_and_picture_stay_in_step_and_a_reload_stays_a_gap(
    bench: ArchiveBench, tmp_path: Path
) -> None:
    exported(bench, a_room(bench), tmp_path / "out")
    with av.open(str(tmp_path / "out" / "e1-face.webm"), "r") as container:
        times: dict[str, list[float]] = {"video": [], "audio": []}
        for packet in container.demux():
            if packet.pts is not None and packet.time_base is not None:
                times[packet.stream.type].append(float(packet.pts * packet.time_base))
    for kind, each in times.items():
        before, after = [(a, b) for a, b in itertools.pairwise(each) if b - a > 5][-1]
        assert abs(before - 40) < 0.2, kind
        assert abs(after - 50) < 0.2, kind
    assert abs(times["video"][-1] - times["audio"][-1]) < 0.1


def test_the_index_tells_when_each_file_began(bench: ArchiveBench, tmp_path: Path) -> None:
    exported(bench, a_room(bench), tmp_path / "out")
    index = json.loads((tmp_path / "out" / "recording.json").read_text("utf-8"))

    began = {one["name"]: datetime.fromisoformat(one["began_at"]) for one in index["files"]}
    assert began["e1-face.webm"] == datetime.fromtimestamp(START / SECOND, UTC)
    assert index["unread"] == []


def test_a_changed_file_is_left_out_and_named_and_the_rest_exported(
    bench: ArchiveBench, tmp_path: Path
) -> None:
    log = a_room(bench)
    flip(bench.places.segment(ROOM, "e1", "masked", 1), 4000)
    report, _, _ = exported(bench, log, tmp_path / "out")

    assert report.unread == [("e1", Track.MASKED, 1, "recording.segment_changed")]
    masked = next(one for one in report.files if one.name == "e1-masked.webm")
    assert masked.counts[Track.MASKED].frames == 150
    assert masked.counts[Track.VOICE].frames == 2000
    assert complaints(str(tmp_path / "out" / "e1-masked.webm")) == []


def test_an_export_wants_a_folder_of_its_own(bench: ArchiveBench, tmp_path: Path) -> None:
    log = a_room(bench)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").touch()
    with pytest.raises(FolderNotEmpty):
        exported(bench, log, tmp_path / "out")
    with pytest.raises(NothingToShow):
        exported(bench, MediaLog(), tmp_path / "empty")


def test_a_recording_that_was_killed_plays_as_far_as_it_goes(
    bench: ArchiveBench, tmp_path: Path
) -> None:
    track = bench.track(publication(Track.FACE))
    bench.feed(track, list(packed(vp8(40)))[:-5])
    bench.archive.turn()
    from tests.evaluation_room.archive.test_killed import recovered

    bench.archive.notary.turn()
    recovered(bench)
    report, _, _ = exported(bench, log_of(bench), tmp_path / "out")

    assert report.files[0].counts[Track.FACE].frames >= 590
    assert complaints(str(tmp_path / "out" / "e1-face.webm")) == []


def flip(path: Path, place: int) -> None:
    """Change one bit of a file."""
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


@pytest.fixture
def kept(bench: ArchiveBench) -> MediaLog:
    """Two tracks of seventy seconds: six segments."""
    record(bench, Track.MIC, speech(70))
    record(bench, Track.VOICE, speech(70), id_="cc" * 8)
    bench.settle()
    bench.settle()  # nothing is under way any more
    return log_of(bench)


def checked(bench: ArchiveBench, log: MediaLog, *, with_key: bool = True) -> Verified:
    key = bench.keys.of(ROOM) if with_key else None
    return Verifier(bench.places, ROOM, log, key).verify()


@pytest.mark.parametrize("with_key", [True, False])
def test_an_untouched_recording_is_sound(
    bench: ArchiveBench, kept: MediaLog, with_key: bool
) -> None:
    found = checked(bench, kept, with_key=with_key)

    assert found.sound
    assert found.segments == 6
    assert found.not_yet == 0


@pytest.mark.parametrize("place", [0, 20, 260, 700, 5000, -1, -30, -40])
def test_one_changed_byte_is_named(bench: ArchiveBench, kept: MediaLog, place: int) -> None:
    path = bench.places.segment(ROOM, "e1", "mic", 2)
    place = place % path.stat().st_size
    flip(path, place)
    [finding] = checked(bench, kept).findings
    [blind] = checked(bench, kept, with_key=False).findings

    assert (finding.fault, finding.file) == (Fault.CHANGED, "e1/mic/2.seg")
    assert (blind.fault, blind.file) == (Fault.CHANGED, "e1/mic/2.seg")
    if place > 1000:
        numbers = [
            int(one.strip("(,)")) for one in finding.where.split() if one.strip("(,)").isdigit()
        ]
        first, last = numbers[-2:]
        assert first <= place <= last, finding.where
        assert last - first < 5000, "a second's worth"


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (lambda path: path.unlink(), [(Fault.MISSING, "e1/mic/2.seg")]),
        (lambda path: path.write_bytes(path.read_bytes()[:-50]), [(Fault.CHANGED, "e1/mic/2.seg")]),
        (lambda path: path.write_bytes(b""), [(Fault.CHANGED, "e1/mic/2.seg")]),
        (
            lambda path: path.write_bytes(path.with_name("1.seg").read_bytes()),
            [(Fault.CHANGED, "e1/mic/2.seg")],
        ),
        (
            lambda path: path.rename(path.with_name("9.seg")),
            [(Fault.MISSING, "e1/mic/2.seg"), (Fault.UNKNOWN, "e1/mic/9.seg")],
        ),
        (lambda path: path.with_name("notes.txt").touch(), [(Fault.UNKNOWN, "e1/mic/notes.txt")]),
    ],
)
def test_files_that_are_gone_exchanged_or_added_are_named(
    bench: ArchiveBench,
    kept: MediaLog,
    act: Callable[[Path], None],
    expected: list[tuple[Fault, str]],
) -> None:
    act(bench.places.segment(ROOM, "e1", "mic", 2))

    assert [(one.fault, one.file) for one in checked(bench, kept).findings] == expected


def test_a_segment_left_out_of_the_log_is_a_missing_number_and_an_unknown_file(
    bench: ArchiveBench, kept: MediaLog
) -> None:
    kept.segments.remove(next(one for one in kept.segments if one.number == 2))
    found = checked(bench, kept).findings

    assert [one.fault for one in found] == [Fault.UNKNOWN, Fault.NUMBER, Fault.GAP]
    assert {one.file for one in found if one.fault is not Fault.GAP} == {"e1/mic/2.seg"}


def test_time_that_no_fact_accounts_for_is_named(bench: ArchiveBench) -> None:
    sent = [*speech(31), *speech(31, start_us=START + 45 * SECOND, first=65_500 + 1550)]
    record(bench, Track.MIC, sent)
    bench.settle()
    log = log_of(bench)
    assert checked(bench, log).sound, "the recorder's own gap accounts for it"
    log.gaps.clear()
    assert checked(bench, log).sound, "within one segment only its packets could tell"

    log.segments[1] = log.segments[1].model_copy(
        update={"started_at": log.segments[0].ended_at + timedelta(seconds=6)}
    )
    [finding] = checked(bench, log).findings
    assert finding.fault is Fault.GAP
    log.gaps.append(
        Gap(
            who="e1",
            track=Track.MIC,
            publication="aa" * 8,
            from_at=log.segments[0].ended_at,
            to_at=log.segments[1].started_at,
            ground="disk",
        )
    )
    assert checked(bench, log).sound


def test_what_is_being_recorded_is_not_an_unknown_file(bench: ArchiveBench) -> None:
    track = bench.track(publication(Track.MIC))
    bench.feed(track, speech(40))
    bench.settle()
    found = checked(bench, log_of(bench))

    assert (found.findings, found.not_yet) == ((), 1)


def test_a_recording_sealed_anew_with_the_stolen_key_is_still_not_the_log_s(
    bench: ArchiveBench, kept: MediaLog
) -> None:
    """D6: who holds disk and keys can make a file that opens, never one that the log knows."""
    from evaluation_room.archive.segment import Sealer

    of = next(one for one in kept.segments if one.track is Track.MIC and one.number == 2)
    found = bench.opened(of)
    sealer = Sealer(bench.keys.of(ROOM), found.header)
    packets = [one for one in found.packets() if one[0] % 3]
    path = bench.places.segment(ROOM, "e1", "mic", 2)
    path.write_bytes(sealer.head + sealer.chunk(packets, last=True))
    [finding] = checked(bench, kept).findings

    assert finding.fault is Fault.CHANGED
    assert finding == Finding(Fault.CHANGED, "e1/mic/2.seg", finding.where)
