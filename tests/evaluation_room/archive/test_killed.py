"""A server that is killed loses at most a second of the recording, and the next start says so."""

import json
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from evaluation_room.archive.places import Places
from evaluation_room.archive.recovery import Recovery
from evaluation_room.archive.segment import Found
from evaluation_room.core.media_events import Gap, MediaEvent, SegmentRecorded
from evaluation_room.core.media_rules import Track
from tests.evaluation_room.archive.bench import ArchiveBench
from tests.evaluation_room.archive.packets import SECOND, frames, publication, speech
from tests.house.source import ROOT

EVENTS: TypeAdapter[MediaEvent] = TypeAdapter(MediaEvent)
RECORDER = "tests.evaluation_room.archive.recording_process"


def recovered(bench: ArchiveBench, *, after: timedelta = timedelta(seconds=20)) -> list[MediaEvent]:
    """The facts that a start makes of the folder."""
    known = {(one.who, str(one.track), one.number) for one in bench.segments}
    made: list[MediaEvent] = []

    def note(_evaluation_id: str, /, *events: MediaEvent) -> None:
        made.extend(events)

    at = datetime.fromtimestamp(bench.now_us / SECOND, UTC) + after
    Recovery(bench.places, bench.keys, lambda _: known, note).run(at)
    bench.facts += made
    return made


@pytest.mark.slow
def test_kill_nine_loses_at_most_a_second(tmp_path: Path) -> None:
    command = [sys.executable, "-m", RECORDER, str(tmp_path)]
    last = (0, 0)
    end = time.monotonic() + 7.3
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        for line in running.stdout:  # to the end: what was taken before the kill came counts
            number, at_us = line.split()
            last = int(number), int(at_us)
            if time.monotonic() > end:
                running.send_signal(signal.SIGKILL)
    assert running.returncode == -signal.SIGKILL
    assert last[0] > 100

    bench = ArchiveBench(tmp_path, now_us=last[1])
    assert bench.places.under_way() == ["ev_test"]
    facts = recovered(bench)

    assert {(one.track, one.ending) for one in bench.segments} == {
        (Track.MIC, "cut"),
        (Track.FACE, "cut"),
    }
    for of in bench.segments:
        found = bench.opened(of)
        assert found.found is Found.CUT
        assert found.size == of.size == len(bench.data(of))
        kept = list(found.packets())
        assert last[1] - kept[-1][0] < SECOND, "at most a second is lost"
        if of.track is Track.MIC:
            numbers = [int.from_bytes(packet[20:24], "big") for _, packet in kept]
            assert numbers == list(range(len(numbers))), "and nothing in between"
    gaps = [one for one in facts if isinstance(one, Gap)]
    assert [one.ground for one in gaps] == ["server_stopped"] * 2
    assert not (tmp_path / "facts.jsonl").read_text("utf-8")


def left_behind(bench: ArchiveBench, *, torn: bytes = b"\0\0\1\0torn") -> Path:
    """A folder as a killed server leaves it: one segment in the log, one cut in a chunk."""
    track = bench.track(publication(Track.MIC))
    bench.feed(track, speech(38))
    bench.settle()
    path = bench.places.segment("ev_test", "e1", "mic", 2)
    with path.open("ab") as file:
        file.write(torn)
    return path


def test_a_torn_chunk_is_cut_off_and_the_rest_recorded(bench: ArchiveBench) -> None:
    path = left_behind(bench)
    size = path.stat().st_size
    facts = recovered(bench)

    [segment, gap] = facts
    assert isinstance(segment, SegmentRecorded)
    assert (segment.number, segment.ending, segment.size) == (2, "cut", size - 8)
    assert path.stat().st_size == size - 8
    assert segment.levels == "1e" * len(bytes.fromhex(segment.levels))
    assert isinstance(gap, Gap)
    assert gap.from_at == segment.ended_at
    assert bench.places.under_way() == []


def test_a_recovery_that_is_killed_is_done_again_with_the_same_outcome(
    bench: ArchiveBench,
) -> None:
    left_behind(bench)

    def killed(_evaluation_id: str, /, *_events: MediaEvent) -> None:
        raise KeyboardInterrupt

    known = {("e1", "mic", 1)}
    at = datetime.fromtimestamp(bench.now_us / SECOND, UTC)
    with pytest.raises(KeyboardInterrupt):
        Recovery(bench.places, bench.keys, lambda _: known, killed).run(at)
    first = recovered(bench)
    bench.places.begin("ev_test")  # as if killed after the ledger had it, before the mark went

    assert [type(one) for one in first] == [SegmentRecorded, Gap]
    assert recovered(bench) == []


def test_a_finished_segment_that_the_log_does_not_know_is_recorded_as_it_ended(
    bench: ArchiveBench,
) -> None:
    track = bench.track(publication(Track.MIC))
    bench.feed(track, speech(65))
    track.end()
    bench.archive.turn()  # on disk, and the ledger never heard of it
    facts = recovered(bench)

    assert [one.ending for one in facts if isinstance(one, SegmentRecorded)] == [
        "rolled",
        "rolled",
        "ended",
    ]
    assert [one for one in facts if isinstance(one, Gap)] == []
    bench.archive.notary.turn()
    assert bench.facts[:3] == bench.facts[3:], "the same facts as the writer's own"


@pytest.mark.parametrize("bytes_", [b"", b"XDSEG1\n", b"XDSEG1\n\0\0\0\4{", b"something else"])
def test_a_file_that_holds_nothing_yet_goes(bench: ArchiveBench, bytes_: bytes) -> None:
    left_behind(bench)
    empty = bench.places.segment("ev_test", "e1", "mic", 3)
    empty.write_bytes(bytes_)
    recovered(bench)

    assert not empty.exists()


def test_a_broken_folder_keeps_no_other_from_being_recovered(
    bench: ArchiveBench, tmp_path: Path
) -> None:
    left_behind(bench)
    places: Places = bench.places
    places.begin("ev_aaaa")
    (places.of("ev_aaaa") / "room.key").write_bytes(b"no key")
    recovered(bench)

    assert places.under_way() == ["ev_aaaa"]
    assert [one.number for one in bench.segments] == [1, 2]


def test_recording_goes_on_with_the_next_number(bench: ArchiveBench) -> None:
    left_behind(bench)
    recovered(bench)
    bench.archive = bench.an_archive()
    again = bench.track(publication(Track.MIC, id_="fedcba9876543210"))
    bench.feed(again, speech(2, start_us=bench.now_us + 9 * SECOND))
    again.end()
    bench.settle()

    assert [one.number for one in bench.segments] == [1, 2, 3]


def test_a_real_archive_with_its_threads_ends_in_order(tmp_path: Path) -> None:
    bench = ArchiveBench(tmp_path)
    bench.archive.start()
    sent = {Track.MIC: speech(3), Track.FACE: frames(3)}
    for which, packets in sent.items():
        track = bench.track(publication(which))
        for at_us, packet in packets:
            track.packet(packet, at_us)
    bench.archive.close()

    for of in bench.segments:
        assert list(bench.opened(of).packets()) == sent[of.track]
        assert of.ending == "ended"
    assert {one.track for one in bench.segments} == set(sent)
    assert bench.places.under_way() == []
    assert json.dumps([one.model_dump(mode="json") for one in bench.facts])
