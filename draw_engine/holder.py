"""A share holder's program (密钥托管人), for a machine of the holder's own.

    expert-draw holder init --party centre --home DIR --passphrase-file FILE
    expert-draw holder run --server URL --file DIR/centre.holder --passphrase-file FILE

`init` makes the file and prints the public key that the service registers. `run` signs in
with the key, asks for its duties every few seconds, checks each by itself and answers. It
outlives restarts of the service, and its journal outlives its own.
"""

import argparse
import fcntl
import json
import os
import queue
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2

from draw_engine.holder_file import HolderFile
from draw_engine.holder_work import Person, ShareHolder
from foundation.errors import Kind, ServiceError

SIGN_IN: Final = b"BDP1-service/sign-in\0"
EVERY_SECONDS: Final = 1.0
LONGEST_PAUSE: Final = 30.0
TIMEOUT_SECONDS: Final = 30.0
MAX_ANSWER: Final = 16 * 2**20


class DeskUnreachable(ServiceError):
    """The service does not answer, or not in a way a holder can read; tried again later."""

    code = "draw.desk_unreachable"
    kind = Kind.UNAVAILABLE


class DeskRefused(ServiceError):
    """The service refused what was given; `refusal` is its code."""

    code = "draw.desk_refused"
    kind = Kind.CONFLICT


class HttpDesk:
    """The service over HTTP. Signs in when it must, and again when the token is over."""

    def __init__(self, client: httpx2.Client, file: HolderFile) -> None:
        self._client = client
        self._file = file
        self._token = ""
        self.witness = ""

    def sign_in(self) -> None:
        """Prove the key and get a token."""
        key = self._file.public_key.hex()
        asked = _object(self._send("POST", "/api/holders/challenge", {"key": key}))
        challenge = bytes.fromhex(asked["challenge"])
        signature = self._file.key.sign(SIGN_IN + challenge).hex()
        body = {"key": key, "challenge": challenge.hex(), "signature": signature}
        found = _object(self._send("POST", "/api/holders/sign-in", body))
        if found["party"] != self._file.party:
            raise DeskRefused(refusal="other_party")
        witness = found["witness"]
        self.witness = witness["name"] if witness and witness["key"] == key else ""
        self._token = found["token"]

    def policy(self) -> dict[str, Any]:
        """The policy in force."""
        return self._call("GET", "/api/holders/policy")

    def duties(self, witnessed: int | None) -> dict[str, Any]:
        """What is asked now."""
        suffix = f"?witnessed={witnessed}" if witnessed else ""
        return self._call("GET", f"/api/holders/duties{suffix}")

    def hat(self, draw_id: str, slot: int) -> bytes:
        """The rows of one hat."""
        return self._again("GET", f"/api/holders/hats/{draw_id}/{slot}").content

    def give_tip(self, draw_id: str, tip: bytes, sig: bytes) -> None:
        """Give a tip."""
        body = {"draw_id": draw_id, "tip": tip.hex(), "sig": sig.hex()}
        self._call("POST", "/api/holders/tips", body)

    def give_admission(self, draw_id: str, m: bytes, accepted: int, sig: bytes) -> None:
        """Give the repeated admission test."""
        body = {"draw_id": draw_id, "M": m.hex(), "accepted": accepted, "sig": sig.hex()}
        self._call("POST", "/api/holders/admissions", body)

    def reveal(self, draw_id: str, j: int, y: bytes) -> None:
        """Give a chain value."""
        self._call("POST", "/api/holders/reveals", {"draw_id": draw_id, "j": j, "y": y.hex()})

    def cosign(self, size: int, line: str) -> None:
        """Give a cosignature."""
        self._call("POST", "/api/holders/cosignatures", {"size": size, "line": line})

    def abort(self, draw_id: str, reason: str, fault: str, sig: bytes) -> None:
        """Sign an abort."""
        body = {"draw_id": draw_id, "reason": reason, "party": fault, "sig": sig.hex()}
        self._call("POST", "/api/holders/aborts", body)

    def _call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        return _object(self._again(method, path, body))

    def _again(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> httpx2.Response:
        """The answer; signs in where there is no token, or it is over."""
        if not self._token:
            self.sign_in()
        try:
            return self._send(method, path, body)
        except DeskRefused as refusal:
            if refusal.facts.get("status") != 401:
                raise
        self._token = ""
        self.sign_in()
        return self._send(method, path, body)

    def _send(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        try:
            answer = self._client.request(method, path, json=body, headers=headers)
        except httpx2.HTTPError as lost:
            raise DeskUnreachable(why=type(lost).__name__) from lost
        if answer.status_code >= 500:
            raise DeskUnreachable(why=str(answer.status_code))
        if answer.status_code >= 400:
            error = _object(answer).get("error")
            code = error.get("code", "") if isinstance(error, dict) else ""
            raise DeskRefused(refusal=str(code)[:80], status=answer.status_code)
        return answer


def _object(answer: httpx2.Response) -> dict[str, Any]:
    """The object in an answer; anything else is no service that a holder can read."""
    try:
        found = json.loads(answer.content) if len(answer.content) <= MAX_ANSWER else None
    except ValueError as unread:
        raise DeskUnreachable(why=type(unread).__name__) from unread
    if not isinstance(found, dict):
        raise DeskUnreachable(why=str(answer.status_code))
    return found


class Stop:
    """Whether the program was asked to end; a signal handler may ask at any instruction.

    `threading.Event` can't be used: its lock is not re-entrant, so a signal that arrives while
    the main thread is inside `wait` would wait for itself and the program would never end.
    """

    def __init__(self) -> None:
        self._ear, self._mouth = os.pipe()

    def set(self) -> None:
        """Ask for the end; safe from a signal handler and from another thread."""
        os.write(self._mouth, b"\0")

    def is_set(self) -> bool:
        """Whether the end was asked for."""
        return self.wait(0.0)

    def wait(self, seconds: float) -> bool:
        """Sleep, or less long where the end is asked for; whether it was."""
        # what was written is never read: once asked, every wait is over at once
        return bool(select.select([self._ear], [], [], seconds)[0])

    def close(self) -> None:
        """Give back the two descriptors."""
        os.close(self._ear)
        os.close(self._mouth)


def work(desk: HttpDesk, holder: ShareHolder, stop: Stop) -> None:
    """Round after round until `stop`; after trouble the pauses grow, up to half a minute."""
    pause = EVERY_SECONDS
    while not stop.is_set():
        try:
            done = holder.round(desk)
            pause = 0.0 if done else EVERY_SECONDS
        except ServiceError as trouble:
            say(str(trouble))
            pause = min(max(pause, EVERY_SECONDS) * 2, LONGEST_PAUSE)
        stop.wait(pause)


def main(argv: Sequence[str] | None = None) -> int:
    """The command; 0 when it ended as asked, 2 when it could not begin."""
    options = _arguments(argv)
    try:
        passphrase = options.passphrase_file.read_text("utf-8").strip()
        if options.command == "init":
            file = HolderFile.make(
                options.home / f"{options.party}.holder", options.party, passphrase
            )
            print(file.public_key.hex())
            return 0
        file = HolderFile.open(options.file, passphrase)
        return _run(options, file)
    except FileExistsError:
        say("the file is there already; it was left as it is")
    except (OSError, ServiceError) as bad:
        say(str(bad))
    return 2


def say(text: str) -> None:
    """A line for whoever reads the program's log: time, then what; never a secret."""
    print(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), text, file=sys.stderr, flush=True)


def _run(options: argparse.Namespace, file: HolderFile) -> int:
    if urlsplit(options.server).scheme not in {"http", "https"}:
        raise DeskUnreachable(why="address")
    stop = Stop()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with only_one(file, stop):
        return _serve(options, file, stop)


@contextmanager
def only_one(file: HolderFile, stop: Stop) -> Iterator[None]:
    """Wait until no other program works with this file: two would each trust their own journal."""
    with file.path.with_suffix(".lock").open("w") as lock:
        while not stop.is_set():
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                say("another program works with this file; waiting for it to end")
                stop.wait(EVERY_SECONDS)
        yield


def _serve(options: argparse.Namespace, file: HolderFile, stop: Stop) -> int:
    verify: Any = str(options.ca) if options.ca else True
    with httpx2.Client(
        base_url=options.server, timeout=TIMEOUT_SECONDS, verify=verify, trust_env=False
    ) as client:
        desk = HttpDesk(client, file)
        witness = options.witness or _witness(desk, stop)
        person = Person(Questions(_ask) if options.approve == "ask" else _agree, Told(say))
        say(f"holder {file.party} at work")
        work(desk, ShareHolder(file, person, lambda: int(time.time()), witness), stop)
    return 0


def _witness(desk: HttpDesk, stop: Stop) -> str:
    """Under which name this holder cosigns, as it was registered; waits for the service."""
    pause = EVERY_SECONDS
    while not stop.is_set():
        try:
            desk.sign_in()
            return desk.witness
        except ServiceError as trouble:
            say(str(trouble))
            stop.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
    return ""


Ask = Callable[[str, Mapping[str, Any]], bool]


class Questions:
    """Puts questions to a person without waiting for the answer.

    While one is open its act is not approved yet, and everything else goes on: steps that need
    nobody, and cosigning. A yes serves one act; a no is remembered and not asked again until
    the program is started anew.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._answers: dict[str, bool | None] = {}
        self._open: queue.Queue[tuple[str, str, Mapping[str, Any]]] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def __call__(self, what: str, shown: Mapping[str, Any]) -> bool:
        """Whether it was approved by now; the first call asks."""
        key = json.dumps([what, shown], sort_keys=True)
        with self._lock:
            if key not in self._answers:
                self._answers[key] = None
                self._open.put((key, what, shown))
            if self._answers[key]:
                del self._answers[key]
                return True
        return False

    def _listen(self) -> None:
        while True:
            key, what, shown = self._open.get()
            try:
                answer = self._ask(what, shown)
            except (EOFError, OSError):
                # the terminal has gone, and with it whoever could approve
                answer = False
            with self._lock:
                self._answers[key] = answer


class Told:
    """Says a line once until others follow: a refusal is looked at again each second."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._recent: list[str] = []

    def __call__(self, text: str) -> None:
        """Say it, unless it is among the lines said last."""
        if text not in self._recent:
            self._say(text)
            self._recent = [*self._recent[-7:], text]


def _agree(what: str, shown: Mapping[str, Any]) -> bool:
    say(f"{what}: {json.dumps(shown, ensure_ascii=False)}")
    return True


def _ask(what: str, shown: Mapping[str, Any]) -> bool:
    """A person decides at the terminal; without one nothing is approved."""
    if not sys.stdin.isatty():
        say(f"{what}: nobody is here to approve it")
        return False
    print(json.dumps(shown, ensure_ascii=False, indent=2), file=sys.stderr)
    return input(f"{what}: approve? [yes/no] ").strip().lower() == "yes"


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="expert-draw holder", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    init = commands.add_parser("init", help="make a holder's file and print its public key")
    init.add_argument("--party", required=True, choices=("centre", "supervisor"))
    init.add_argument("--home", required=True, type=Path)
    init.add_argument("--passphrase-file", required=True, type=Path)
    run = commands.add_parser("run", help="do the holder's work until stopped")
    run.add_argument("--server", required=True)
    run.add_argument("--file", required=True, type=Path)
    run.add_argument("--passphrase-file", required=True, type=Path)
    run.add_argument("--approve", choices=("auto", "ask"), default="ask")
    run.add_argument("--witness", default="", help="cosign under this name")
    run.add_argument("--ca", type=Path, help="certificate to trust, for a self-signed service")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
