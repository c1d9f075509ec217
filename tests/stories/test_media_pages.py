"""Seeing and hearing each other in the room, in real browsers with generated cameras: two
members with masked faces, the clerk and a supervisor. One room; its other members play."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.stories.browser.desk import PATIENCE_MS, Desk, Stage, signs_in
from tests.stories.browser.expert import Expert
from tests.stories.browser.media import KEEP_PEERS
from tests.stories.holders import holders_at_work
from tests.stories.office import Person, prepare, request_body, until
from tests.stories.others import Others
from tests.stories.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(400)]

SECONDS = 150
FIGURES = """async () => {
  const found = []
  for (const peer of window.peers) {
    if (peer.connectionState !== 'connected') continue
    for (const one of (await peer.getStats()).values()) {
      if (one.type !== 'inbound-rtp' && one.type !== 'outbound-rtp') continue
      const { type, kind, mid, framesDecoded, frameWidth, bytesSent, active } = one
      found.push({ type, kind, mid, framesDecoded, frameWidth, bytesSent, active })
    }
  }
  return found
}"""
COLOURS = """async (video) => {
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight)
  const context = canvas.getContext('2d')
  context.drawImage(video, 0, 0)
  const [wide, high] = [video.videoWidth / 20, video.videoHeight / 12]
  let worst = 0
  for (let column = 0; column < 20; column += 1) for (let row = 0; row < 12; row += 1) {
    const [x, y] = [(column + .25) * wide, (row + .25) * high]
    const { data } = context.getImageData(x, y, wide / 2, high / 2)
    const greens = data.filter((_, i) => i % 4 === 1)
    worst = Math.max(worst, Math.max(...greens) - Math.min(...greens))
  }
  return worst
}"""
"""The largest difference of green within the middle of a cell of the mosaic."""


@dataclass
class Gathering:
    """The server and the four whose pages are looked at."""

    stage: Stage
    evaluation: str
    one: Desk
    other: Desk
    clerk: Desk
    supervisor: Desk


def tile(who: str, picture: str = "face") -> str:
    """The test id of somebody's tile."""
    return f"tile-{who}-{picture}"


def plays_video(desk: Desk, testid: str, least: int = 160) -> None:
    """The picture of a tile is there and moves."""
    video = desk.at(testid).locator("video")
    expect(desk.at(testid)).to_have_attribute("data-why", "", timeout=PATIENCE_MS)

    def moves() -> bool:
        before = video.evaluate("it => it.currentTime")
        desk.page.wait_for_timeout(500)
        width, now = video.evaluate("it => [it.videoWidth, it.currentTime]")
        return bool(width >= least and now > before)

    until(moves, PATIENCE_MS / 1000, f"{testid} plays")


def is_on(desk: Desk) -> None:
    """Sound and picture have found their way."""
    expect(desk.at("people")).to_have_attribute("data-media", "on", timeout=PATIENCE_MS)


def turns_on(desk: Desk) -> None:
    """Read the notice and agree."""
    desk.presses("media-start")
    desk.presses("media-agree")
    expect(desk.at("tile-me")).to_have_attribute("data-why", "", timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def room(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gathering]:
    folder = tmp_path_factory.mktemp("media")
    masked = {"EXPERT_DRAW_OVERLAY": "demonstration_masked"}
    with (
        Server(folder / "home", environment=masked) as server,
        Stage(browser, server.url, folder) as stage,
    ):
        with holders_at_work(server, folder), Others(server.url) as others:
            yield gathered(server, stage, others)
        assert stage.faults == []


def gathered(server: Server, stage: Stage, others: Others) -> Gathering:
    """A committee is drawn and two of it sit down before their cameras."""
    applicant = Person(server.url, "applicant").sign_in()
    clerk = Person(server.url, "clerk").sign_in()
    body = request_body("media", draw_in=2, closes_in=SECONDS)
    draw = applicant.post("/api/draws", body)["id"]

    def state(*wanted: str) -> bool:
        return applicant.get(f"/api/draws/{draw}")["state"] in wanted

    until(lambda: state("inviting", "sealed"), SECONDS, "invitations")
    first = Expert.arrives(stage, ())
    second = Expert.arrives(stage, (first,))
    members = (first, second)
    others.leave_out(member.account for member in members)
    for member in members:
        member.is_invited()
        member.accepts()
    others.begin()
    until(lambda: state("sealed"), SECONDS, "every seat taken")
    evaluation = prepare(clerk, draw)
    seats: dict[str, Desk] = {}
    for member in members:
        member.page.add_init_script(KEEP_PEERS)
        member.enters(evaluation)
        member.checks_in()
        seats[seat_of(member.page)] = member
    one, other = seats["e1"], seats["e2"]
    office = [Desk(stage, signs_in(stage, card)) for card in ("clerk", "supervisor")]
    for desk in office:
        desk.page.add_init_script(KEEP_PEERS)
        desk.goes_to(f"/room/{evaluation}")
    expect(office[1].at("media-join")).to_be_visible(timeout=PATIENCE_MS)
    stage.shot(one.page, "room-not-yet")
    one.presses("media-start")
    expect(one.page.get_by_role("dialog").locator("visible=true")).to_contain_text("马赛克")
    one.shot("room-consent")
    one.presses("media-not-now")
    for desk in (one, other, office[0]):
        turns_on(desk)
    return Gathering(stage, evaluation, one, other, *office)


def watches(supervisor: Desk) -> None:
    """The supervisor's own act, unless they watch already."""
    if supervisor.at("media-join").count():
        supervisor.presses("media-join")
    is_on(supervisor)


def seat_of(page: Page) -> str:
    """The seat of whoever sits here: the one tile that is missing is their own."""
    tiles = page.locator("[data-testid^=tile-e]")
    expect(tiles).to_have_count(4, timeout=PATIENCE_MS)
    seen = {str(one.get_attribute("data-tile")).split("/", 1)[0] for one in tiles.all()}
    return ({f"e{number}" for number in range(1, 6)} - seen).pop()


def test_members_see_each_other_masked_and_hear_each_other(room: Gathering) -> None:
    one, other = room.one, room.other
    for desk, who in ((one, "e2"), (other, "e1")):
        plays_video(desk, tile(who))
        is_on(desk)
        picture = desk.at(tile(who)).locator("video")
        assert picture.evaluate(COLOURS) < 60, "no detail within a cell"
        sound = desk.page.locator(f"audio[data-who={who}]")
        expect(sound).to_have_count(1)
        until(lambda it=sound: it.evaluate("it => !it.paused && it.currentTime > 0"), 20, "heard")  # type: ignore[misc]
        expect(desk.at(tile(who))).to_have_attribute("data-speaking", "true", timeout=PATIENCE_MS)
    received = [it for it in one.page.evaluate(FIGURES) if it["type"] == "inbound-rtp"]
    assert any(it["kind"] == "video" and it["framesDecoded"] > 5 for it in received)
    sent = [it for it in one.page.evaluate(FIGURES) if it["type"] == "outbound-rtp"]
    # face, masked, mic and voice go up; the small masked picture rests, for nobody asks for it
    assert sorted(it["kind"] for it in sent if it["active"]) == ["audio", "audio", "video", "video"]
    assert [it["kind"] for it in sent if not it["active"]] == ["video"]


def test_the_clerk_sends_and_a_supervisor_only_watches(room: Gathering) -> None:
    for desk in (room.one, room.other):
        plays_video(desk, tile("clerk"))
    watches(room.supervisor)
    for who in ("e1", "e2", "clerk"):
        plays_video(room.supervisor, tile(who))
    for testid in ("media-start", "media-mute", "media-camera", "media-share", "tile-me"):
        expect(room.supervisor.at(testid)).to_have_count(0)
    assert all(it["type"] == "inbound-rtp" for it in room.supervisor.page.evaluate(FIGURES))
    for desk in (room.one, room.other, room.clerk):
        expect(desk.at("watched")).to_be_visible(timeout=PATIENCE_MS)
        expect(desk.at("recording")).to_have_attribute("data-recording", "on", timeout=PATIENCE_MS)
    room.one.shot("room-people")
    room.supervisor.shot("room-watching")


def test_a_mute_shows_at_the_others_and_is_taken_back_by_oneself(room: Gathering) -> None:
    watches(room.supervisor)
    room.one.presses("media-mute")
    at_others = [desk.at(tile("e1")) for desk in (room.other, room.clerk, room.supervisor)]
    for it in at_others:
        expect(it).to_have_attribute("data-muted", "true", timeout=PATIENCE_MS)
        expect(it).to_have_attribute("data-speaking", "false", timeout=PATIENCE_MS)
    room.one.presses("media-mute")
    for it in at_others:
        expect(it).to_have_attribute("data-muted", "false", timeout=PATIENCE_MS)


def test_a_shared_screen_is_told_and_looked_at_large(room: Gathering) -> None:
    room.other.presses("media-share")
    plays_video(room.one, tile("e2", "screen"), least=300)
    expect(room.one.at("big-picture")).to_have_count(0)  # nothing opens by itself
    room.one.presses("look-e2")
    expect(room.one.at("big-picture")).to_be_visible()
    big = room.one.at("big-picture").locator("video")
    until(lambda: big.evaluate("it => it.videoWidth >= 600"), 30, "the screen is sharp")
    room.one.shot("room-screen")
    room.one.presses("big-close")
    room.other.presses("media-share")
    expect(room.one.at(tile("e2", "screen"))).to_have_count(0, timeout=PATIENCE_MS)


def test_a_camera_that_goes_away_is_said_on_both_sides_and_comes_back(room: Gathering) -> None:
    own = room.one.at("tile-me").locator("video")
    room.one.presses("media-camera")
    expect(room.one.at("tile-me")).not_to_have_attribute("data-why", "")
    expect(room.other.at(tile("e1"))).not_to_have_attribute("data-why", "", timeout=PATIENCE_MS)
    room.one.presses("media-camera")
    expect(room.one.at("tile-me")).to_have_attribute("data-why", "", timeout=PATIENCE_MS)
    plays_video(room.other, tile("e1"))
    assert own.evaluate("it => it.videoWidth") > 0
    # the plug is pulled: the browser ends the track
    clerk = room.clerk.at("tile-me").locator("video")
    clerk.evaluate("it => it.srcObject.getVideoTracks()[0].dispatchEvent(new Event('ended'))")
    expect(room.clerk.at("media-note-camera-unplugged")).to_be_visible()
    expect(room.one.at(tile("clerk"))).not_to_have_attribute("data-why", "", timeout=PATIENCE_MS)
    room.clerk.shot("room-camera-gone")
    room.clerk.at("media-note-camera-unplugged").locator("button").click()
    plays_video(room.one, tile("clerk"))


def test_a_reload_comes_back_by_itself(room: Gathering) -> None:
    watches(room.supervisor)
    room.other.page.reload()
    is_on(room.other)
    expect(room.other.at("tile-me")).to_have_attribute("data-why", "", timeout=PATIENCE_MS)
    for desk, who in ((room.other, "e1"), (room.one, "e2"), (room.supervisor, "e2")):
        plays_video(desk, tile(who))


def test_a_column_that_is_folded_asks_for_no_picture(room: Gathering) -> None:
    room.one.presses("media-fold")
    expect(room.one.at(tile("e2"))).to_have_count(0)

    def frames() -> int:
        found = room.one.page.evaluate(FIGURES)
        return sum(it["framesDecoded"] or 0 for it in found if it["type"] == "inbound-rtp")

    def rests() -> bool:
        before = frames()
        room.one.page.wait_for_timeout(1500)
        return frames() == before

    until(rests, 20, "no picture comes")
    room.one.presses("media-fold")
    plays_video(room.one, tile("e2"))


def test_who_leaves_is_neither_seen_nor_sees(room: Gathering) -> None:
    watches(room.supervisor)
    for desk in (room.one, room.other, room.clerk):
        expect(desk.at("watched")).to_be_visible(timeout=PATIENCE_MS)
    room.supervisor.presses("media-leave")
    for desk in (room.one, room.other, room.clerk):
        expect(desk.at("watched")).to_have_count(0, timeout=PATIENCE_MS)
    expect(room.supervisor.at(tile("e1"))).to_have_count(0)
    room.one.presses("media-leave")
    expect(room.other.at(tile("e1"))).not_to_have_attribute("data-why", "", timeout=PATIENCE_MS)
    room.one.presses("media-join")
    plays_video(room.other, tile("e1"))


def test_the_device_check_is_passed_with_the_picture_that_others_see(room: Gathering) -> None:
    desk = Desk(room.stage, signs_in(room.stage, "owner-1"))
    desk.goes_to("/device-check")
    desk.presses("text-yes")
    desk.presses("tone")
    desk.presses("sound-yes")
    desk.presses("camera-start")
    expect(desk.at("others-picture")).to_be_visible(timeout=PATIENCE_MS)
    picture = desk.at("others-picture")
    until(lambda: picture.evaluate("it => it.videoWidth > 0"), 20, "the masked picture")
    assert picture.evaluate(COLOURS) < 60
    desk.shot("device-check")
    desk.presses("others-seen")
    expect(desk.at("device-verdict")).to_have_attribute("data-verdict", "fit", timeout=PATIENCE_MS)
