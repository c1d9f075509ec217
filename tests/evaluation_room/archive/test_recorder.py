"""The recorder: segments of 30 s, chunks of a second, facts that tell what was kept or lost."""

import hashlib
import itertools
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from evaluation_room.archive.disk import DiskArchive
from evaluation_room.archive.segment import Found
from evaluation_room.archive.writer import RealDisk
from evaluation_room.core.media_events import Gap, RecorderAlarmed, RecorderCalmed
from evaluation_room.core.media_rules import Track
from tests.evaluation_room.archive.bench import ArchiveBench
from tests.evaluation_room.archive.packets import (
    SECOND,
    START,
    Packet,
    frames,
    publication,
    rtp,
    speech,
)
from tests.house.source import ROOT


def test_every_packet_is_kept_with_its_arrival(bench: ArchiveBench) -> None:
    track = bench.track(publication(Track.MIC))
    sent = speech(70)
    bench.feed(track, sent)
    track.end()
    bench.settle()

    kept = [one for of in bench.segments for one in bench.opened(of).packets()]
    assert kept == sent
    assert [one.number for one in bench.segments] == [1, 2, 3]
    assert [one.ending for one in bench.segments] == ["rolled", "rolled", "ended"]
    assert [one.packets for one in bench.segments] == [1500, 1500, 500]
    assert all(bench.opened(of).found is Found.WHOLE for of in bench.segments)
    assert all(one.lost == 0 for one in bench.segments)


def test_a_chunk_holds_at_most_one_second(bench: ArchiveBench) -> None:
    track = bench.track(publication(Track.MIC))
    for at_us, packet in speech(9):  # nine seconds in one turn, as after a slow disk
        track.packet(packet, at_us)
    track.end()
    bench.settle()

    *full, last = [chunk.packets for chunk in bench.opened(bench.segments[0]).chunks]
    spans = [packets[-1][0] - packets[0][0] for packets in full]
    assert len(spans) == 9
    assert last == (), "the end is told though nothing came with it"
    assert max(spans) < SECOND


def test_a_picture_s_segment_ends_at_the_first_keyframe_after_thirty_seconds(
    bench: ArchiveBench,
) -> None:
    track = bench.track(publication(Track.FACE))
    due: list[int] = []
    made: list[Packet] = []
    bench.keyframes = due
    for at_us, packet in frames(100):
        if due and packet[12] == 0x10 and at_us > due[-1] + 200_000:  # the sender needs a while
            made.append((at_us, packet[:13] + b"\0" + packet[14:]))
            due.clear()
        else:
            made.append((at_us, packet))
        bench.feed(track, [made[-1]])
    track.end()
    bench.settle()

    began = [
        (one.started_at - bench.segments[0].started_at).total_seconds() for one in bench.segments
    ]
    assert len(began) == 4
    assert all(30 <= b - a < 30.6 for a, b in itertools.pairwise(began))
    assert [p for of in bench.segments for p in bench.opened(of).packets()] == made
    for of in bench.segments:
        assert next(bench.opened(of).packets())[1][13] & 1 == 0, "begins with a keyframe"


def test_a_picture_without_keyframes_is_ended_after_thirty_two_seconds(
    bench: ArchiveBench,
) -> None:
    track = bench.track(publication(Track.FACE))
    bench.feed(track, frames(66))
    track.end()
    bench.settle()

    lengths = [(one.ended_at - one.started_at).total_seconds() for one in bench.segments]
    assert len(lengths) == 3
    assert all(31.5 < one <= 32 for one in lengths[:2])
    assert 2 <= len(bench.keyframes) <= 12, "asked for, and not for every packet"


def test_lost_packets_are_counted_and_late_ones_are_not_lost(bench: ArchiveBench) -> None:
    track = bench.track(publication(Track.MIC))
    sent = speech(60)
    late = (sent[120][0], sent[100][1])
    bench.feed(
        track, [*sent[:100], *sent[101:121], late, *sent[121:200], *sent[207:1498], *sent[1503:]]
    )
    track.end()
    bench.settle()

    assert [one.lost for one in bench.segments] == [7, 5] or [
        one.lost for one in bench.segments
    ] == [9, 3]


def test_the_loudest_moment_of_each_second_is_told(bench: ArchiveBench) -> None:
    track = bench.track(publication(Track.MIC))
    quiet, loud = (
        speech(3, level=127),
        speech(1, start_us=START + 3 * SECOND, level=9, first=65_650),
    )
    bench.feed(track, [*quiet, *loud])
    track.end()
    bench.settle()

    assert bench.segments[0].levels == "7f7f7f09"


@pytest.mark.parametrize(("hole", "ground"), [(0, "sender"), (300, "network")])
def test_more_than_five_seconds_without_a_packet_are_a_gap_with_its_ground(
    bench: ArchiveBench, hole: int, ground: str
) -> None:
    track = bench.track(publication(Track.MIC))
    bench.feed(track, speech(4))
    bench.feed(track, speech(2, start_us=START + 8_900_000, first=65_700))  # 4.9 s: no gap
    bench.feed(track, speech(2, start_us=START + 17 * SECOND, first=65_800 + hole))
    track.end()
    bench.settle()

    [gap] = [one for one in bench.facts if isinstance(one, Gap)]
    assert gap.ground == ground
    assert gap.to_at - gap.from_at == timedelta(seconds=6, milliseconds=120)


def test_a_track_that_falls_silent_is_recorded_though_nothing_ends_it(bench: ArchiveBench) -> None:
    track = bench.track(publication(Track.FACE))
    bench.feed(track, frames(3))
    bench.now_us += 40 * SECOND
    bench.settle()

    assert [one.ending for one in bench.segments] == ["rolled"]
    assert bench.opened(bench.segments[0]).found is Found.WHOLE


def test_a_disk_that_is_full_ends_the_segment_and_nothing_is_lost(bench: ArchiveBench) -> None:
    track = bench.track(publication(Track.MIC))
    sent = speech(20)
    bench.feed(track, sent[:300])
    bench.disk.room_left = 500  # the next write is torn
    bench.feed(track, sent[300:600])
    assert any(isinstance(one, RecorderAlarmed) and one.kind == "full" for one in bench.settle())
    bench.disk.room_left = None
    bench.feed(track, sent[600:])
    track.end()
    bench.settle()

    assert [one.ending for one in bench.segments] == ["cut", "ended"]
    assert [one for of in bench.segments for one in bench.opened(of).packets()] == sent
    assert bench.opened(bench.segments[0]).found is Found.CUT
    assert {"full", "slow"} == {one.kind for one in bench.facts if isinstance(one, RecorderCalmed)}
    for of in bench.segments:
        assert of.size == len(bench.data(of))


def test_a_disk_full_from_the_start_leaves_no_file_and_no_number_is_lost(
    bench: ArchiveBench,
) -> None:
    bench.disk.room_left = 10
    track = bench.track(publication(Track.MIC))
    sent = speech(6)
    bench.feed(track, sent[:200])
    assert bench.places.numbers("ev_test", "e1", "mic") == []
    bench.disk.room_left = None
    bench.feed(track, sent[200:])
    track.end()
    bench.settle()

    assert [one.number for one in bench.segments] == [1]
    assert list(bench.opened(bench.segments[0]).packets()) == sent
    assert len(bench.disk.heads) > 2
    assert len(set(bench.disk.heads)) == len(bench.disk.heads), "no key and counter is used twice"


def test_what_waits_too_long_is_thrown_away_and_the_gap_is_a_fact(tmp_path: Path) -> None:
    bench = ArchiveBench(tmp_path, most_waiting=40_000)
    track = bench.track(publication(Track.MIC))
    bench.disk.room_left = 0
    sent = speech(30)
    for at_us, packet in sent[:1000]:
        bench.now_us = at_us
        bench.archive._measured = (0.0, bench.archive._measured[1])  # measured at each look
        track.packet(packet, at_us)
    assert sum(len(packet) for _, packet in track.queue) < 60_000, "memory does not grow"
    bench.disk.room_left = None
    bench.archive.turn()
    bench.archive._measured = (0.0, False)
    bench.feed(track, sent[1000:])
    track.end()
    bench.settle()

    kept = [one for of in bench.segments for one in bench.opened(of).packets()]
    [gap] = [one for one in bench.facts if isinstance(one, Gap)]
    lost = [one for one in sent if one not in kept]
    assert gap.ground == "disk"
    assert lost
    assert (gap.to_at - gap.from_at).total_seconds() * SECOND == lost[-1][0] - lost[0][0]
    assert bench.segments[-1].packets + len(lost) <= 1500


def test_a_writer_that_is_behind_is_an_alarm_before_anything_is_lost(bench: ArchiveBench) -> None:
    track = bench.track(publication(Track.MIC))
    for at_us, packet in speech(1):
        track.packet(packet, at_us)
    bench.now_us = START + 2_100_000
    bench.archive.look_after()
    bench.archive.notary.turn()
    [alarm] = bench.facts
    assert isinstance(alarm, RecorderAlarmed)
    assert (alarm.kind, alarm.waiting_ms) == ("slow", 2100)

    bench.settle()
    assert bench.facts[-1] == RecorderCalmed(kind="slow")


def test_little_space_is_an_alarm_once_and_is_calmed_with_a_margin(bench: ArchiveBench) -> None:
    bench.track(publication(Track.MIC))
    for free in (2 * 10**9, 999_000_000, 990_000_000, 1_100_000_000, 1_300_000_000):
        bench.free = free
        bench.settle()

    alarm, calm = bench.facts
    assert isinstance(alarm, RecorderAlarmed)
    assert (alarm.kind, alarm.free_mb) == ("full_soon", 999)
    assert calm == RecorderCalmed(kind="full_soon")


def test_facts_of_one_moment_are_one_transaction(bench: ArchiveBench) -> None:
    tracks = [bench.track(publication(track)) for track in (Track.FACE, Track.MIC, Track.DESK)]
    for track in tracks:
        bench.feed(track, speech(2))
        track.end()
    bench.settle()

    assert len(bench.segments) == 3
    assert bench.notes == 1


def test_a_ledger_that_refuses_is_asked_again(bench: ArchiveBench) -> None:
    track = bench.track(publication(Track.MIC))
    bench.feed(track, speech(2))
    track.end()
    bench.archive.turn()
    note, bench.archive.notary._note = bench.archive.notary._note, _refusing
    bench.archive.notary.turn()
    bench.archive.look_after()
    assert bench.facts == []
    assert bench.places.under_way() == ["ev_test"]
    bench.archive.notary._note = note
    bench.settle()

    assert len(bench.segments) == 1
    bench.archive.look_after()
    assert bench.places.under_way() == []


def _refusing(_evaluation_id: str, /, *_events: object) -> None:
    raise OSError("the ledger is busy")


def test_a_number_is_not_given_twice_even_when_its_file_is_gone(bench: ArchiveBench) -> None:
    first = bench.track(publication(Track.MIC))
    bench.feed(first, speech(2))
    first.end()
    bench.settle()
    bench.places.segment("ev_test", "e1", "mic", 1).unlink()
    bench.archive._numbers = lambda *_: 1
    again = bench.track(publication(Track.MIC, id_="fedcba9876543210"))
    bench.feed(again, speech(2, start_us=bench.now_us))
    again.end()
    bench.settle()

    assert [one.number for one in bench.segments] == [1, 2]


def test_odd_packets_are_kept_and_do_no_harm(bench: ArchiveBench) -> None:
    """What passed SRTP and is still no good RTP must not stop the recording."""
    track = bench.track(publication(Track.FACE))
    odd = [b"", b"\x80", bytes(12), b"\xff" * 20, rtp(1, 1, b""), b"\x90" + bytes(11)]
    odd = [one for one in odd if one]
    for n in range(40):
        for one in odd:
            bench.feed(track, [(START + n * SECOND, one)])
    track.end()
    bench.settle()

    assert sum(one.packets for one in bench.segments) == 40 * len(odd)


def test_two_people_are_recorded_apart_and_under_one_key(bench: ArchiveBench) -> None:
    for who in ("e1", "e2", "clerk"):
        track = bench.track(publication(Track.MIC, who=who))
        bench.feed(track, speech(1, start_us=bench.now_us))
        track.end()
    bench.settle()

    assert bench.places.tracks("ev_test") == [("clerk", "mic"), ("e1", "mic"), ("e2", "mic")]
    assert len({one.sha256 for one in bench.segments}) == 3
    assert bench.places.of("ev_test").joinpath("room.key").stat().st_mode & 0o077 == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte; only root may make one."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("no file system may be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_real_disk_that_fills_up_is_written_on_when_there_is_space_again(
    small_disk: Path,
) -> None:
    ballast = small_disk / "ballast"
    bench = ArchiveBench(small_disk)
    bench.disk = RealDisk()  # type: ignore[assignment]
    bench.archive = bench.an_archive()
    ballast.write_bytes(bytes(900_000))
    track = bench.track(publication(Track.FACE))
    sent = frames(40)
    bench.feed(track, sent[:900])
    assert any(isinstance(one, RecorderAlarmed) and one.kind == "full" for one in bench.settle())
    ballast.unlink()
    bench.feed(track, sent[900:])
    track.end()
    bench.settle()

    assert [one for of in bench.segments for one in bench.opened(of).packets()] == sent
    for of in bench.segments:
        assert hashlib.sha256(bench.data(of)).hexdigest() == of.sha256
    assert bench.segments[0].ending == "cut"


def test_a_track_that_ends_long_after_its_last_packet_has_a_gap(bench: ArchiveBench) -> None:
    """A cable is cut; half a minute later the connection is given up."""
    track = bench.track(publication(Track.MIC))
    bench.feed(track, speech(3))
    bench.now_us = START + 28 * SECOND
    track.end()
    bench.settle()

    [gap] = [one for one in bench.facts if isinstance(one, Gap)]
    assert (gap.ground, gap.from_at) == ("unknown", bench.segments[0].ended_at)
    assert gap.to_at - gap.from_at == timedelta(seconds=25, milliseconds=20)


def test_a_slow_disk_is_an_alarm_while_it_hangs_and_nobody_waits_for_it(tmp_path: Path) -> None:
    """The threads run; a write takes three seconds; packets are taken at once all the same."""
    bench = ArchiveBench(tmp_path)
    archive = DiskArchive(bench.places, bench.keys, bench.note, disk=bench.disk)
    bench.disk.seconds = 3
    archive.start()
    track = archive.begin(publication(Track.MIC), lambda: None)
    slowest, sent, end = 0.0, 0, time.monotonic() + 6
    while time.monotonic() < end:
        started = time.thread_time()
        track.packet(rtp(sent, sent * 960, bytes(60), level=30), time.time_ns() // 1000)
        slowest, sent = max(slowest, time.thread_time() - started), sent + 1
        time.sleep(0.02)
    bench.disk.seconds = 0
    track.end()
    archive.close()

    alarms = [one.kind for one in bench.facts if isinstance(one, RecorderAlarmed)]
    assert alarms == ["slow"]
    assert sum(one.packets for one in bench.segments) == sent, "and nothing is lost"
    assert [one for one in bench.facts if isinstance(one, Gap)] == []
    assert slowest < 0.005


def test_a_process_may_keep_as_many_files_open_as_there_are_tracks() -> None:
    """In a process of its own: a limit that was lowered here would stay for the other tests."""
    lines = (
        "import resource as r",
        "from evaluation_room.archive.disk import allow_open_files",
        "hard = r.getrlimit(r.RLIMIT_NOFILE)[1]",
        "r.setrlimit(r.RLIMIT_NOFILE, (256, hard))",
        "allow_open_files()",
        "print(r.getrlimit(r.RLIMIT_NOFILE)[0] == min(hard if hard > 0 else 65536, 65536))",
    )
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "True"
