"""What a page really receives: frames that were decoded, whose they are, how a picture looks."""

import json
from collections.abc import Iterable
from typing import Any

from playwright.sync_api import Page, WebSocket, expect

from tests.stories.browser.desk import PATIENCE_MS

RELAY_ONLY = "expert-draw.media.relay"
"""Key of localStorage: connect through the installation's TURN server and in no other way."""

KEEP_PEERS = """(() => {
  const Real = window.RTCPeerConnection
  window.peers = []
  window.RTCPeerConnection = class extends Real {
    constructor(config) { super(config); window.peers.push(this) }
  }
})()"""
"""Before the page begins: every connection it makes can be asked for its figures."""

FIGURES = """async () => {
  const found = []
  for (const peer of window.peers) {
    if (peer.connectionState === 'closed') continue
    const report = await peer.getStats()
    report.forEach((one) => {
      if (one.type === 'inbound-rtp') {
        const { kind, mid, framesDecoded, packetsReceived } = one
        found.push({ kind, mid, frames: framesDecoded ?? 0, packets: packetsReceived })
      }
      if (one.type === 'transport') found.push({ kind: 'transport', cipher: one.srtpCipher })
      if (one.type === 'local-candidate' && one.candidateType === 'relay') {
        found.push({ kind: 'relay' })
      }
    })
  }
  return found
}"""

OFF_GRID = """(selector) => {
  const video = document.querySelector(selector)
  if (!video || !video.videoWidth || video.readyState < 2) return null
  const canvas = document.createElement('canvas')
  ;[canvas.width, canvas.height] = [video.videoWidth, video.videoHeight]
  const context = canvas.getContext('2d')
  context.drawImage(video, 0, 0)
  const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height)
  const cell = width / 20
  let edges = 0, off = 0
  for (let y = 0; y < height; y += 1)
    for (let x = 1; x < width; x += 1) {
      const at = 4 * (y * width + x)
      if (Math.abs(data[at + 1] - data[at - 3]) <= 12) continue
      edges += 1
      const from = x % cell
      if (Math.min(from, cell - from) > cell / 6) off += 1
    }
  return { edges, share: edges ? off / edges : 0, width, height }
}"""
"""Of the edges in a picture, the share that lies inside the cells of a mosaic of twenty columns:
two thirds in a camera's picture, next to none in the mosaic itself."""


def takes_part(page: Page, *, sends: bool) -> None:
    """Agree to be recorded and join; who does not send only watches."""
    start, join = page.get_by_test_id("media-start"), page.get_by_test_id("media-join")
    expect(start.or_(join).first).to_be_visible(timeout=PATIENCE_MS)
    if join.is_visible():
        join.click()
    if sends:
        start.click()
        page.get_by_test_id("media-agree").click()
    people = page.get_by_test_id("people")
    expect(people).to_have_attribute("data-media", "on", timeout=3 * PATIENCE_MS)


class Frames:
    """Media frames that the server sent to the sockets of a page, from the first on."""

    def __init__(self, page: Page) -> None:
        self.all: list[dict[str, Any]] = []
        page.on("websocket", self._follow)

    def _follow(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._keep)

    def _keep(self, payload: str | bytes) -> None:
        frame = json.loads(payload)
        if str(frame.get("type")).startswith("media."):
            self.all.append(frame)

    def offered(self) -> set[tuple[str, str]]:
        """Every (who, track) that was ever offered to this page."""
        return {
            (slot["who"], slot["track"])
            for frame in self.all
            if frame["type"] == "media.offer"
            for slot in frame["slots"]
            if slot["who"]
        }

    def slots(self) -> dict[str, tuple[str, str]]:
        """What the newest offer says: mid -> (who, track)."""
        newest = [frame for frame in self.all if frame["type"] == "media.offer"][-1:]
        return {
            slot["mid"]: (slot["who"], slot["track"])
            for frame in newest
            for slot in frame["slots"]
            if slot["who"]
        }

    def recording(self) -> str:
        """What the page was last told of the recording."""
        told = [frame["recording"] for frame in self.all if frame["type"] == "media.people"]
        return str(told[-1]) if told else ""


def decoded(page: Page, frames: Frames) -> dict[tuple[str, str], int]:
    """(who, track) -> pictures decoded, or sound packets received, on the living connections."""
    slots = frames.slots()
    found: dict[tuple[str, str], int] = {}
    for one in page.evaluate(FIGURES):
        name = slots.get(one.get("mid", ""))
        if name is not None:
            found[name] = one["frames"] if one["kind"] == "video" else one["packets"]
    return found


def ciphers(page: Page) -> set[str]:
    """How the living connections are encrypted."""
    return {one["cipher"] for one in page.evaluate(FIGURES) if one["kind"] == "transport"}


def has_all(
    found: dict[tuple[str, str], int], wanted: Iterable[tuple[str, str]], least: int
) -> bool:
    """Whether each of these came, at least so often."""
    return all(found.get(one, 0) >= least for one in wanted)
