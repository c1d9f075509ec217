"""`verify --log`: what a bundle leaves out is found on line; a silent log proves nothing."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from draw_engine.core.checks.case import Asked
from draw_engine.core.entries import alarm_entry, decline_entry, manifest_entry, snapshot_entry
from draw_engine.core.manifest import handle
from draw_engine.core.verification import Verdict, verify
from draw_engine.verify import main
from draw_engine.verify_log import log_at
from foundation.digest import canon
from foundation.ledger.forest import Forest
from foundation.ledger.tile_reader import TileReader
from foundation.ledger.tiles import Tile, cut
from tests.draw_engine.toy import Played, Toy, ToyLog, signing, toy_policy


@cache
def played() -> Played:
    return Toy(experts=90).play()


class Host:
    """A log as its machine gives it: tiles of some leaves under a checkpoint."""

    def __init__(self, log: ToyLog) -> None:
        self.data = [canon(body) for body in log.bodies]
        self.forest = Forest()
        for one in self.data:
            self.forest.append(one)
        self.note = log.published()[0][-1].note

    def subtrees(self, level: int, start: int, end: int) -> list[bytes]:
        return self.forest.subtrees(level, start, end)

    def leaves(self, start: int, end: int) -> list[bytes]:
        return self.data[start:end]

    def fetch(self, place: str) -> bytes:
        if place == "checkpoint":
            return self.note.encode()
        return cut(Tile.read(place.removeprefix("tile/")), self, len(self.data))


def noise(number: int) -> dict[str, Any]:
    """An entry of no draw."""
    return snapshot_entry(number, bytes(32), number, bytes(64))


def grown(*more: dict[str, Any], other: int = 0) -> ToyLog:
    """The draw's own log, gone on with some of other matters and then `more`."""
    log = ToyLog()
    log.append(*played().log.bodies)
    log.append(*(noise(number) for number in range(other)))
    log.append(*more)
    log.checkpoint()
    return log


def judged(host: Host) -> Verdict:
    asked = Asked(pinned=frozenset({toy_policy().digest}), log=TileReader(host.fetch))
    return verify(played().file, asked)


def where(verdict: Verdict) -> str:
    assert verdict.failed == "log.complete", verdict
    return verdict.rows[-1].where


@pytest.mark.parametrize("other", [0, 1, 255, 700])
def test_a_log_that_has_grown_since_holds_nothing_more_of_the_draw(other: int) -> None:
    verdict = judged(Host(grown(other=other)))
    assert verdict.word == "passed", verdict
    assert verdict.rows[-1].outcome == "passed"


@pytest.mark.parametrize("kind", ["decline", "alarm", "manifest", "another matter"])
def test_an_entry_of_the_draw_that_the_bundle_leaves_out_is_found(kind: str) -> None:
    whole = played()
    m, salt = whole.manifest.m, whole.record.handle_salt
    hidden = {
        "decline": decline_entry(m, 0, 9, "refused", bytes(32)),
        "alarm": alarm_entry(m, "supervisor", "hat.rebuilt", signing("supervisor")),
        "manifest": manifest_entry(bytes(32), handle(salt, "TOY", Toy().section)),
        "another matter": noise(1),
    }[kind]
    log = ToyLog()
    log.append(*whole.log.bodies[:-1], hidden, whole.log.bodies[-1])
    *marks, (size, at) = whole.log.marks
    bundle = whole.relogged(log.bodies, [*marks, (size + 1, at)])
    bundle["entries"] = [one for one in bundle["entries"] if one["body"] != hidden]
    log.checkpoint(at)
    asked = Asked(pinned=frozenset({toy_policy().digest}), log=TileReader(Host(log).fetch))

    verdict = verify(canon(bundle), asked)

    if kind == "another matter":
        assert verdict.word == "passed", verdict
    else:
        assert where(verdict) == f"entry {size - 1} is not in the bundle"


def test_a_second_version_of_the_log_is_found() -> None:
    forked = ToyLog()
    forked.append(*played().log.bodies[:-1], noise(7))
    forked.append(noise(8))
    forked.checkpoint()
    assert where(judged(Host(forked))) == "the log is another than the one of the bundle"


def test_a_log_that_was_cut_short_is_found() -> None:
    short = ToyLog()
    short.append(*played().log.bodies[:-1])
    short.checkpoint()
    assert where(judged(Host(short))) == "the log is shorter than the bundle"


def test_entries_other_than_those_signed_are_found() -> None:
    host = Host(grown(other=300))
    host.data[-310] = canon(noise(99))
    assert where(judged(host)) == "the log gives other entries than were signed"


@contextmanager
def on_line(host: Host, status: int = 200) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = host.fetch(self.path.removeprefix("/log/")) if status == 200 else b""
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Nothing: tests are quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/log/"
        server.shutdown()
        thread.join()


def run(folder: Path, address: str) -> int:
    (folder / "BUNDLE.json").write_bytes(played().file)
    (folder / "POLICY.json").write_bytes(canon(toy_policy().as_object()))
    policy, bundle = str(folder / "POLICY.json"), str(folder / "BUNDLE.json")
    return main(["--policy", policy, "--lang", "en", "--log", address, bundle])


def test_the_tool_reads_the_log_over_http(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with on_line(Host(grown(other=600))) as address:
        assert run(tmp_path, address) == 0
    said = capsys.readouterr().out
    assert "log.complete            passed" in said
    assert "not checked" not in said


@pytest.mark.parametrize(
    ("status", "verdict"),
    [(503, "incomplete"), (429, "incomplete"), (404, "failed log.complete")],
)
def test_a_log_that_is_silent_is_not_checked_and_one_that_withholds_has_failed(
    status: int, verdict: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with on_line(Host(grown()), status) as address:
        assert run(tmp_path, address) == 1
    assert capsys.readouterr().out.splitlines()[-1] == f"verdict: {verdict}"


def test_nobody_at_the_address_leaves_the_verdict_incomplete(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with on_line(Host(grown())) as address:
        pass
    assert run(tmp_path, address) == 1
    said = capsys.readouterr().out
    assert said.splitlines()[-1] == "verdict: incomplete"
    assert "the log does not answer" in said


def test_only_an_address_of_the_web_is_asked(tmp_path: Path) -> None:
    for address in ("file:///etc/hosts", "log", "http://", "ftp://example.invalid/log"):
        with pytest.raises(ValueError):
            log_at(address)
        assert run(tmp_path, address) == 2
