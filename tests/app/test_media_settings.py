"""Where sound and picture come in, and the key that is shared with the TURN server."""

from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import app
from app.errors import PortsUnfit, TurnWithoutKey
from app.wiring_media import TURN, net_of, ports_of, turn_of
from evaluation_room.core.media_rules import Mask
from foundation.clock import FixedClock
from foundation.keys import KeyRing
from foundation.rulebook.overlay import OverlayUnusable, load_overlay, read_overlay
from foundation.settings import Settings
from tests.app.bench import a_bench

CLOCK = FixedClock(datetime(2026, 11, 27, 4, 0, tzinfo=UTC))


def test_a_service_that_only_this_machine_reaches_takes_packets_from_it_alone() -> None:
    assert list(net_of(Settings(host="127.0.0.1")).addresses) == ["127.0.0.1"]
    assert list(net_of(Settings(host="localhost")).addresses) == ["127.0.0.1"]


@pytest.mark.parametrize(
    "settings",
    [
        Settings(host="0.0.0.0"),
        Settings(host="127.0.0.1", public_origin="https://draw.example"),  # behind a proxy
    ],
)
def test_a_service_that_others_reach_takes_packets_on_every_address(settings: Settings) -> None:
    assert "127.0.0.1" not in net_of(settings).addresses


def test_addresses_announcement_and_ports_are_as_set() -> None:
    settings = Settings(
        media_addresses="10.0.0.5,fd00::5", media_announce="203.0.113.7", media_ports="40000-40009"
    )
    net = net_of(settings)
    assert list(net.addresses) == ["10.0.0.5", "fd00::5"]
    assert (list(net.ports), net.announce) == (list(range(40000, 40010)), "203.0.113.7")
    assert list(ports_of(Settings(media_ports=""))) == [0]


@pytest.mark.parametrize("ports", ["40010-40000", "80-90", "65000-65536"])
def test_a_range_that_is_none_is_refused(ports: str) -> None:
    with pytest.raises(PortsUnfit):
        ports_of(Settings(media_ports=ports))


def test_a_turn_server_needs_a_shared_key_and_the_command_makes_it(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, turn_urls="turn:turn.example:3478,turns:turn.example:443")
    keys = KeyRing(settings.keys)
    with pytest.raises(TurnWithoutKey):
        turn_of(settings, keys, CLOCK)
    file = tmp_path / "secret.conf"
    run = CliRunner().invoke(app, ["media", "turn-key", str(file), "--home", str(tmp_path)])
    assert run.exit_code == 0, run.output
    assert file.stat().st_mode & 0o077 == 0
    key = keys.given(TURN)
    assert key is not None
    assert file.read_text("ascii") == f"static-auth-secret={key.hex()}\n"
    assert key.hex() not in run.output
    ask = turn_of(settings, keys, CLOCK)
    (one,), (other,) = ask(), ask()
    assert one.urls == ("turn:turn.example:3478", "turns:turn.example:443")
    assert one.username != other.username
    assert CliRunner().invoke(app, ["media", "turn-key", str(file)]).exit_code == 2


def test_nobody_is_asked_for_a_way_where_no_server_is_set(tmp_path: Path) -> None:
    """No public STUN or TURN server ever: the list is empty by default."""
    assert turn_of(Settings(home=tmp_path), KeyRing(tmp_path), CLOCK)() == ()


@pytest.mark.parametrize("urls", ["stun:stun.example:3478", "turn:", "http://turn.example"])
def test_other_addresses_are_no_turn_server(urls: str) -> None:
    with pytest.raises(ValueError, match="turn_urls"):
        Settings(turn_urls=urls)


def test_the_overlay_reaches_the_desk_the_room_and_the_jobs(tmp_path: Path) -> None:
    with a_bench(tmp_path, demonstration=True, overlay="demonstration_masked") as bench:
        house = bench.house
        assert house.media is not None
        policy = house.media._policy
        assert (policy.mask, policy.dark_seconds, policy.watching_shown) == (
            Mask.PIXELATED,
            20,
            True,
        )
        assert house.rooms.unseen == house.media.unseen
        assert house.rooms.overlay.dark_seconds == 20
        assert "presence" in {job.name for job in house.jobs._jobs}


def test_a_demonstration_works_without_a_camera_and_every_real_overlay_watches() -> None:
    plain, masked = load_overlay("demonstration"), load_overlay("demonstration_masked")
    assert (plain.media_mask, plain.dark_seconds) == ("none", 0)
    assert (masked.media_mask, masked.demonstration) == ("pixelated", True)
    for name in ("national", "hebei"):
        real = load_overlay(name)
        assert (real.demonstration, real.dark_seconds) == (False, 120)
        assert real.presence_checks_an_hour > 0
    assert load_overlay("hebei").media_mask == "pixelated"


def test_a_mask_that_nobody_can_make_stops_the_start() -> None:
    file = resources.files("foundation.rulebook") / "overlays" / "hebei.toml"
    wrong = file.read_bytes().replace(b'"pixelated"', b'"moustache"')
    with pytest.raises(OverlayUnusable) as refused:
        read_overlay("hebei", wrong)
    assert refused.value.facts["why"] == "media_mask"
