"""A real browser is recorded: what it sent decodes wholly after the export and matches the log."""

import asyncio
import base64
import functools
import http.server
import os
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import av
import pytest
from playwright.async_api import async_playwright

from evaluation_room.archive import track as track_
from evaluation_room.archive import writer as writer_
from evaluation_room.archive.clip import Shelf
from evaluation_room.archive.disk import DiskArchive
from evaluation_room.archive.export import Export
from evaluation_room.archive.recovery import Recovery
from evaluation_room.archive.verify import Verifier
from evaluation_room.core.media_events import MediaEvent, RecordedMedia, SegmentRecorded
from evaluation_room.core.media_log import MediaLog, fold
from evaluation_room.core.media_rules import Mask, Track, may_send
from evaluation_room.core.views import ViewerRole
from evaluation_room.media.forwarder import Forwarder
from tests.evaluation_room.archive.bench import ArchiveBench
from tests.evaluation_room.archive.decoders import complaints
from tests.evaluation_room.archive.packets import ROOM, opus, packed, spoken, vp8
from tests.evaluation_room.archive.test_export import record
from tests.evaluation_room.media.peer import LOOPBACK, Peer

CHROMIUM = os.environ.get("EXPERT_DRAW_CHROMIUM") or shutil.which("chromium") or ""
FLAGS = (
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
)
SENDING = """async () => {
  const stream = await navigator.mediaDevices.getUserMedia(
    { audio: true, video: { width: 640, height: 360, frameRate: 15 } })
  const pc = window.pc = new RTCPeerConnection({ iceServers: [] })
  for (const track of stream.getTracks()) pc.addTransceiver(track, { direction: 'sendonly' })
  await pc.setLocalDescription(await pc.createOffer())
  const mids = {}
  for (const one of pc.getTransceivers())
    mids[one.mid] = one.sender.track.kind === 'audio' ? 'mic' : 'face'
  const answer = await window.publish(pc.localDescription.sdp, mids)
  await pc.setRemoteDescription({ type: 'answer', sdp: answer })
}"""


@pytest.fixture
def page_address(tmp_path: Path) -> Iterator[str]:
    """An empty page on loopback: only there a browser gives out its camera."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text("<!doctype html><title>sender</title>", "utf-8")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(site))
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/index.html"
    server.shutdown()
    thread.join()
    server.server_close()


async def send(engine: Forwarder, address: str, seconds: float) -> None:
    """A browser with a fake camera and microphone sends for so long."""
    peer = Peer(engine, "e1", ROOM)
    await engine.join(ROOM, "e1", may_send(ViewerRole.SEAT, Mask.NONE), peer)

    async def publish(sdp: str, mids: dict[str, str]) -> str:
        tracks = {mid: Track(name) for mid, name in mids.items()}
        return (await engine.publish(ROOM, "e1", sdp, tracks)).sdp

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*FLAGS, "--no-sandbox"]
        )
        page = await browser.new_page()
        await page.expose_function("publish", publish)
        await page.goto(address)
        await page.evaluate(SENDING)
        await asyncio.sleep(seconds)
        await browser.close()


def folded(facts: list[MediaEvent]) -> MediaLog:
    at = datetime.now(UTC)
    return fold(RecordedMedia(n, n, at, one) for n, one in enumerate(facts, 1))


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.skipif(not CHROMIUM, reason="no Chromium here")
async def test_what_a_browser_sent_plays_and_matches_the_log(
    tmp_path: Path, page_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Segments of five seconds, so that keyframes are asked for and come within the test."""
    for module in (track_, writer_):
        monkeypatch.setattr(module, "SEGMENT_US", 5_000_000)
    monkeypatch.setattr(track_, "LONGEST_US", 7_000_000)
    bench = ArchiveBench(tmp_path)
    archive = DiskArchive(bench.places, bench.keys, bench.note)
    archive.start()
    engine = Forwarder(LOOPBACK)
    engine.record(archive)

    await send(engine, page_address, 13)
    await engine.drain()
    await asyncio.to_thread(archive.close)

    log = folded(bench.facts)
    assert Verifier(bench.places, ROOM, log, bench.keys.of(ROOM)).verify().sound
    faces = [one for one in bench.segments if one.track is Track.FACE]
    assert len(faces) >= 3
    assert [one.ending for one in faces] == ["rolled"] * (len(faces) - 1) + ["ended"]
    for one in faces[:-1]:
        assert (one.ended_at - one.started_at).total_seconds() < 6, "the keyframe came in time"
    heard = "".join(one.levels for one in bench.segments if one.track is Track.MIC)
    assert min(bytes.fromhex(heard)) < 60, "the fake microphone beeps"
    whole(bench, log, tmp_path / "out", seconds=11)


def whole(bench: ArchiveBench, log: MediaLog, to: Path, *, seconds: float) -> dict[str, Any]:
    """The export decodes wholly, in step, as many pictures as were sent."""
    report = Export(Shelf(bench.places, bench.keys), ROOM, log, lambda _: None).write(to)
    [file] = report.files
    assert complaints(str(to / file.name)) == []
    with av.open(str(to / file.name), "r") as container:
        frames = list(container.decode(*container.streams))
    shown = [float(one.time or 0) for one in frames if isinstance(one, av.VideoFrame)]
    heard = [float(one.time or 0) for one in frames if isinstance(one, av.AudioFrame)]
    assert file.counts[Track.FACE].missing == 0
    assert file.counts[Track.FACE].dropped == 0
    assert shown[-1] - shown[0] > seconds
    assert abs(shown[0] - heard[0]) < 0.5
    assert abs(shown[-1] - heard[-1]) < 0.5
    assert len(heard) >= 49 * seconds
    return {"shown": len(shown), "heard": len(heard)}


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.skipif(not CHROMIUM, reason="no Chromium here")
async def test_what_is_left_of_a_browser_s_recording_after_a_kill_plays(
    tmp_path: Path, page_address: str
) -> None:
    """The threads stop where they are, as by a kill, with a torn chunk at the end of each file."""
    bench = ArchiveBench(tmp_path)
    archive = DiskArchive(bench.places, bench.keys, bench.note)
    engine = Forwarder(LOOPBACK)
    engine.record(archive)

    async def writing() -> None:
        while True:
            await asyncio.sleep(0.8)
            archive.turn()

    turns = asyncio.ensure_future(writing())
    await send(engine, page_address, 6)
    turns.cancel()
    await asyncio.wait([turns])
    copy = tmp_path / "copy"
    shutil.copytree(bench.places.folder, copy / "recordings")
    shutil.copytree(tmp_path / "keys", copy / "keys")
    await engine.drain()
    await asyncio.to_thread(archive.close)

    left = ArchiveBench(copy)
    for who, track in left.places.tracks(ROOM):
        path = left.places.segment(ROOM, who, track, 1)
        path.write_bytes(path.read_bytes() + b"\0\0\x08\0torn")
    Recovery(left.places, left.keys, lambda _: (), left.note).run(datetime.now(UTC))
    cut = [one for one in left.facts if isinstance(one, SegmentRecorded)]
    assert [one.ending for one in cut] == ["cut", "cut"]
    for one in cut:
        assert sha256(left.data(one)).hexdigest() == one.sha256
    whole(left, folded(left.facts), tmp_path / "out", seconds=4)


JOINING = """async (clips) => {
  const video = document.createElement('video')
  document.body.append(video)
  const source = new MediaSource()
  video.src = URL.createObjectURL(source)
  await new Promise((go) => { source.onsourceopen = go })
  const buffer = source.addSourceBuffer('video/webm; codecs="vp8,opus"')
  for (const [offset, data] of clips) {
    buffer.timestampOffset = offset
    buffer.appendBuffer(Uint8Array.from(atob(data), (one) => one.charCodeAt(0)))
    await new Promise((go, stop) => { buffer.onupdateend = go; buffer.onerror = stop })
  }
  source.endOfStream()
  const ranges = [...Array(video.buffered.length).keys()].map(
    (n) => [video.buffered.start(n), video.buffered.end(n)])
  for (const at of [1, 31, 61]) {
    video.currentTime = at
    await new Promise((go) => { video.onseeked = go })
  }
  return { ranges, width: video.videoWidth, ready: video.readyState, fault: video.error?.message }
}"""


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM, reason="no Chromium here")
async def test_clips_one_after_another_play_as_one_without_a_hole(tmp_path: Path) -> None:
    bench = ArchiveBench(tmp_path)
    record(bench, Track.FACE, list(packed(vp8(70))))
    record(bench, Track.MIC, list(spoken(opus(70))), id_="ab" * 8)
    log = folded(bench.settle())
    shelf = Shelf(bench.places, bench.keys)
    faces = [one for one in log.segments if one.track is Track.FACE]
    clips = []
    for one in faces:
        clip = shelf.clip(ROOM, log, "e1", Track.FACE, one.number, sound=Track.MIC)
        offset = (clip.began_at - faces[0].started_at).total_seconds()
        clips.append([offset, base64.b64encode(clip.data).decode()])
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page()
        shown = await page.evaluate(JOINING, clips)
        await browser.close()

    assert len(clips) == 3
    assert shown == {"ranges": [[0, 70]], "width": 320, "ready": 4, "fault": None}
