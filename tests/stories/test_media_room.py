"""Seven people in one room with sound and picture: what each is shown and what is kept.

Five experts, a clerk and a supervisor, each in a browser of their own with a generated camera;
the overlay asks for masks. One member is reached through a real TURN server only.
"""

import json
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.stories.browser.desk import PATIENCE_MS, Desk, Stage, signs_in
from tests.stories.browser.expert import Expert
from tests.stories.browser.media import (
    FIGURES,
    KEEP_PEERS,
    OFF_GRID,
    RELAY_ONLY,
    Frames,
    ciphers,
    decoded,
    has_all,
    takes_part,
)
from tests.stories.coturn import TURNSERVER, Coturn, coturn
from tests.stories.films import play
from tests.stories.holders import holders_at_work
from tests.stories.office import Person, prepare, request_body, until
from tests.stories.server import Server, command, free_port

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.alone,
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        TURNSERVER is None, reason="coturn is missing; tools/turnserver.sh says how"
    ),
]

SECONDS = 150
SEATS = 5
SUPERVISORS = ("supervisor", "supervisor-2")
SHARER = 3
RELAYED = 1
"""Which of the members (from 0) is reached through the TURN server only."""
LEAST = 5
"""Pictures that must have been decoded; how many a second is measured by `make bench-media`."""


@dataclass
class Sitter:
    """Somebody in the room and what their page was told of media."""

    desk: Desk
    frames: Frames
    who: str

    @property
    def page(self) -> Page:
        return self.desk.page

    def got(self) -> dict[tuple[str, str], int]:
        return decoded(self.page, self.frames)

    def receives(self, wanted: set[tuple[str, str]], least: int = LEAST) -> None:
        """Wait until each of these is decoded."""

        def all_there() -> bool:
            self.page.wait_for_timeout(200)
            return has_all(self.got(), wanted, least)

        try:
            until(all_there, SECONDS, "pictures and sound")
        except AssertionError as late:
            told = f"{self.who} wants {wanted} and has {self.got()}; {self.standing()}"
            raise AssertionError(told) from late

    def standing(self) -> str:
        """What a page without pictures can tell of why."""
        people = self.page.get_by_test_id("people")
        frames = [frame["type"] for frame in self.frames.all if frame["type"] != "media.people"]
        return f"{people.get_attribute('data-media')}, last told {frames[-12:]}"


@dataclass
class Table:
    """The room, with everybody in it."""

    server: Server
    stage: Stage
    relay: Coturn | None
    evaluation: str
    members: list[Sitter]
    clerk: Sitter
    supervisor: Sitter

    @property
    def everybody(self) -> list[Sitter]:
        return [*self.members, self.clerk, self.supervisor]


@pytest.fixture
def table(calm_browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Table]:
    folder = tmp_path_factory.mktemp("table")
    home, relay_port = folder / "home", free_port()
    secret = turn_key(home)
    environment = {
        "EXPERT_DRAW_OVERLAY": "demonstration_masked",
        "EXPERT_DRAW_TURN_URLS": (
            f"turn:127.0.0.1:{relay_port}?transport=udp" if TURNSERVER else ""
        ),
    }
    with (
        coturn(folder / "coturn", secret, relay_port) if TURNSERVER else nullcontext() as relay,
        Server(home, environment=environment) as server,
        Stage(calm_browser, server.url, folder) as stage,
    ):
        with holders_at_work(server, folder):
            yield seated(server, stage, relay)
        assert stage.faults == []


def turn_key(home: Path) -> str:
    """The key that service and TURN server share, as the administrator makes it."""
    home.mkdir(parents=True)
    conf = home.parent / "turn.conf"
    command("media", "turn-key", str(conf), home=home)
    return next(
        line.partition("=")[2]
        for line in conf.read_text().splitlines()
        if line.startswith("static-auth-secret=")
    )


def seated(server: Server, stage: Stage, relay: Coturn | None) -> Table:
    """A draw, five who accept, and everybody in the room, checked in."""
    applicant = Person(server.url, "applicant").sign_in()
    clerk = Person(server.url, "clerk").sign_in()
    body = request_body("table", draw_in=2, closes_in=SECONDS)
    draw = applicant.post("/api/draws", body)["id"]

    def state(*wanted: str) -> bool:
        return applicant.get(f"/api/draws/{draw}")["state"] in wanted

    until(lambda: state("inviting", "sealed"), SECONDS, "invitations")
    experts: list[Expert] = []
    for _ in range(SEATS):
        one = Expert.arrives(stage, experts)
        one.is_invited()
        one.accepts()
        experts.append(one)
    until(lambda: state("sealed"), SECONDS, "every seat taken")
    evaluation = prepare(clerk, draw)
    members = []
    for place, one in enumerate(experts):
        watch(one.page, relay_only=relay is not None and place == RELAYED)
        frames = Frames(one.page)
        one.enters(evaluation)
        one.checks_in()
        members.append(Sitter(one, frames, seat_of(one)))
    office = []
    for card in ("clerk", "supervisor"):
        desk = Desk(stage, signs_in(stage, card))
        watch(desk.page)
        frames = Frames(desk.page)
        desk.goes_to(f"/room/{evaluation}")
        office.append(Sitter(desk, frames, card))
    return Table(server, stage, relay, evaluation, members, office[0], office[1])


def watch(page: Page, *, relay_only: bool = False) -> None:
    """Before the room's page begins."""
    page.add_init_script(KEEP_PEERS)
    if relay_only:
        page.add_init_script(f"localStorage.setItem({RELAY_ONLY!r}, '1')")


def seat_of(one: Expert) -> str:
    welcome = next(frame for frame in one.frames if frame["type"] == "welcome")
    return str(welcome["viewer"]["seat"])


IS_THERE = """(selector) => {
  const video = document.querySelector(selector)
  return video.checkVisibility() && video.readyState >= 2
}"""
PLAYS = """(selector) => {
  const video = document.querySelector(selector)
  return video.currentTime > 0 && video.getVideoPlaybackQuality().totalVideoFrames > 3
}"""


def faces_of(sitters: list[Sitter], viewer: Sitter) -> set[str]:
    return {one.who for one in sitters if one is not viewer}


def test_seven_people_in_one_room(table: Table, tmp_path: Path) -> None:
    """One room from the first picture to the opened archive: each step stands on the one before."""
    they_see_and_hear_each_other_and_nobody_a_raw_face(table)
    the_picture_at_the_others_is_a_mosaic(table)
    a_shared_screen_arrives_at_everybody(table)
    if table.relay is not None:
        one_of_them_comes_through_the_turn_server_only(table)
        a_cut_network_comes_back_by_itself(table, table.relay)
    a_killed_server_comes_back_and_so_does_everybody(table)
    what_was_recorded_plays_matches_the_log_and_names_a_changed_byte(table, tmp_path)


def they_see_and_hear_each_other_and_nobody_a_raw_face(table: Table) -> None:
    for one in table.everybody:
        takes_part(one.page, sends=one.who != "supervisor")
    for viewer in table.everybody:
        others = faces_of([*table.members, table.clerk], viewer)
        sounds = {(who, "mic" if who == "clerk" else "voice") for who in others}
        pictures = {(who, "face" if who == "clerk" else "masked") for who in others}
        viewer.receives(sounds | pictures)
    for viewer in table.everybody:
        assert not {
            (who, track)
            for who, track in viewer.frames.offered()
            if who not in {"clerk", "supervisor"} and track in {"face", "face_low", "mic"}
        }
        assert ciphers(viewer.page) == {"SRTP_AEAD_AES_256_GCM"}
        assert viewer.frames.recording() == "on"


def one_of_them_comes_through_the_turn_server_only(table: Table) -> None:
    assert "relay" in {one["kind"] for one in figures(table.members[RELAYED])}


def figures(sitter: Sitter) -> list[dict[str, object]]:
    return list(sitter.page.evaluate(FIGURES))


def picture_of(viewer: Sitter, who: str) -> dict[str, float]:
    """What stands in somebody's tile, once there is something."""
    tile = f"[data-testid=tile-{who}-face] video"
    return until(lambda: viewer.page.evaluate(OFF_GRID, tile), SECONDS, f"a picture of {who}")


def the_picture_at_the_others_is_a_mosaic(table: Table) -> None:
    viewer, shown = table.members[0], table.members[2]
    masked = picture_of(viewer, shown.who)
    clear = picture_of(viewer, "clerk")
    assert masked["edges"] > 0
    assert clear["edges"] > 0
    assert masked["share"] < 0.25, (masked, clear)
    assert clear["share"] > 0.5, (masked, clear)


def a_shared_screen_arrives_at_everybody(table: Table) -> None:
    sharer = table.members[SHARER]
    sharer.page.get_by_test_id("media-share").click()
    for viewer in table.everybody:
        if viewer is not sharer:
            viewer.receives({(sharer.who, "screen")}, least=1)
    sharer.page.get_by_test_id("media-share").click()
    viewer = table.members[0]
    until(lambda: (sharer.who, "screen") not in viewer.got(), SECONDS, "the share's end", pause=1)


def a_cut_network_comes_back_by_itself(table: Table, relay: Coturn) -> None:
    member, viewer = table.members[RELAYED], table.members[0]
    relay.pause()
    member.page.wait_for_timeout(6000)
    relay.go_on()
    before = viewer.got().get((member.who, "masked"), 0)
    until(
        lambda: viewer.got().get((member.who, "masked"), 0) != before,
        SECONDS,
        "the picture after the cut",
        pause=0.5,
    )


def a_killed_server_comes_back_and_so_does_everybody(table: Table) -> None:
    table.server.kill()
    table.server.start()
    viewer = table.members[0]
    others = faces_of([*table.members, table.clerk], viewer)
    viewer.receives({(who, "mic" if who == "clerk" else "voice") for who in others})
    viewer.receives({(who, "face" if who == "clerk" else "masked") for who in others})


def everybody_is_seen_again_in_the_replay(table: Table) -> None:
    """The opened recording in the supervisor's page: every tile plays, and a hole is named."""
    desk = table.supervisor.desk
    desk.goes_to(f"/supervise/rooms/{table.evaluation}/replay")
    expect(desk.at("wall")).to_be_visible(timeout=PATIENCE_MS)
    first = f"[data-testid=tile-{table.members[0].who}] video"

    def is_there() -> bool:
        if desk.page.evaluate(IS_THERE, first):
            return True
        desk.at("scale").get_by_role("slider").press("ArrowRight")
        return False

    until(is_there, SECONDS, "a moment that is recorded", pause=1)
    desk.presses("play")
    for one in table.members:
        tile = f"[data-testid=tile-{one.who}] video"
        until(partial(desk.page.evaluate, PLAYS, tile), SECONDS, f"{one.who} again")
    desk.presses("play")
    rows = desk.at("coverage").locator("tbody tr")
    expect(rows).to_have_count(len(table.members))
    expect(desk.at("coverage")).to_contain_text("%")
    desk.shot("replay")


def what_was_recorded_plays_matches_the_log_and_names_a_changed_byte(
    table: Table, tmp_path: Path
) -> None:
    first, second = (Person(table.server.url, one).sign_in() for one in SUPERVISORS)
    path = f"/api/recordings/{table.evaluation}/openings"
    asked = first.post(path, {"case": "2026-1", "reason": "核对评标过程"})["opening"]
    assert first.call("POST", f"{path}/{asked}/confirmation").status_code >= 400
    second.post(f"{path}/{asked}/confirmation")
    everybody_is_seen_again_in_the_replay(table)
    table.server.stop()
    home = table.server.home

    said = command("archive", "verify", table.evaluation, home=home)
    assert json.loads(said)["sound"] is True
    films = tmp_path / "films"
    command(
        *("archive", "export", table.evaluation, "--opening", asked, "--to", str(films)), home=home
    )
    played = {one.stem: play(one) for one in films.glob("*.webm")}
    for member in table.members:
        raw, masked = played[f"{member.who}-face"], played[f"{member.who}-masked"]
        assert min(raw.pictures, masked.pictures, raw.sounds, masked.sounds) >= LEAST
        assert masked.off_grid < 0.25 < raw.off_grid, (member.who, raw, masked)
    assert played["clerk-face"].pictures >= LEAST
    assert played[f"{table.members[SHARER].who}-screen"].pictures >= 1
    assert not any(name.startswith("supervisor") for name in played)

    changed = sorted(home.glob(f"**/{table.members[0].who}/face/*.seg"))[0]
    data = bytearray(changed.read_bytes())
    data[len(data) // 2] ^= 1
    changed.write_bytes(data)
    said = command("archive", "verify", table.evaluation, home=home, ok=False)
    findings = json.loads(said)["findings"]
    assert [one["file"] for one in findings] == [str(changed.relative_to(changed.parents[2]))]
