"""The stranger's tool: recompute a published draw from its bundle.

    python -m draw_engine.verify [--test | --policy FILE] [--identities FILE] [--log URL] FILE

Needs Python and `cryptography`, nothing else; with a beacon also `drand-verify`, without
which the beacon's row says `not checked` and the verdict is incomplete. `--log` reads the
log on line (C2SP tlog-tiles, the address ends in `/log`); where it does not answer, its row
says `not checked` and the verdict is incomplete too.

Exit code 0: passed. 1: failed, with the name of the first check that failed, or incomplete.
2: no bundle, with one sentence why.
"""

import argparse
import hashlib
import json
import os
import re
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Final

from draw_engine.core.checks.case import Asked, BeaconCheck, Outcome, PublicLog
from draw_engine.core.forms import POLICY, fits
from draw_engine.core.pinned import PINNED
from draw_engine.core.policy import policy_hash
from draw_engine.core.verification import Row, Verdict, verify
from draw_engine.verify_log import log_at
from draw_engine.verify_words import NO_BUNDLE, OPEN, WORDS
from foundation.digest import MAX_BYTES, NotCanonical, parse_canon

EXIT_NO_BUNDLE: Final = 2
_HASH = re.compile(rb"[0-9a-f]{64}")


class NoBundle(Exception):
    """What was given cannot be checked at all; `why` names the sentence."""

    def __init__(self, why: str, name: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.name = name


def main(argv: Sequence[str] | None = None) -> int:
    """Check the bundle that the arguments name and print the table; the exit code."""
    options = _arguments(argv)
    language = options.lang
    for stream in (sys.stdout, sys.stderr):  # a terminal without Chinese still gets a table
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        data = _bundle(options.bundle)
        asked = Asked(
            test=options.test,
            pinned=PINNED | _pinned(options.policy),
            beacon=beacon_check(),
            identities=_identities(options.identities),
            log=_log(options.log),
        )
    except NoBundle as nothing:
        print(NO_BUNDLE[language][nothing.why].format(name=nothing.name), file=sys.stderr)
        return EXIT_NO_BUNDLE
    verdict = verify(data, asked)
    print("\n".join(table(verdict, language)))
    return verdict.exit_code


def table(verdict: Verdict, language: str) -> list[str]:
    """The lines that a person reads: each check by name, then the verdict.

    Args:
        language: `en` or `zh`.
    """
    lines = [line for row in verdict.rows for line in _lines(row, language)]
    failed = f" {verdict.failed}" if verdict.failed else ""
    ending = [f"assurance: {verdict.assurance}"] if verdict.assurance else []
    ending.append(f"verdict: {verdict.word}{failed}")
    edge = ["test"] if verdict.test else []
    return [*edge, *lines, *ending, *edge]


def beacon_check() -> BeaconCheck | None:
    """The check of beacon signatures, where `drand-verify` is installed."""
    try:
        from drand_verify import verify_quicknet  # noqa: PLC0415  # optional, so not at the top
    except ImportError:
        return None

    def holds(number: int, signature: str) -> bool:
        randomness = hashlib.sha256(bytes.fromhex(signature)).hexdigest()
        try:
            return bool(verify_quicknet(number, signature) == randomness)
        except ValueError:
            return False

    return holds


def _lines(row: Row, language: str) -> list[str]:
    words = WORDS[language][row.name]
    sentence = {Outcome.PASSED: words.passed, Outcome.FAILED: words.failed}.get(
        row.outcome, OPEN[language].get(row.outcome, "")
    )
    where = [f"{'':24}{row.where}"] if row.where else []
    return [f"{row.name:24}{row.outcome:13}{sentence}", *where]


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="verify", description=(__doc__ or "").split("\n")[0])
    asked = parser.add_mutually_exclusive_group()
    asked.add_argument("--test", action="store_true", help="accept a test draw, and only that")
    asked.add_argument("--policy", metavar="FILE", help="trust this policy, or policy hash")
    parser.add_argument("--identities", metavar="FILE", help="check these identities too")
    parser.add_argument("--log", metavar="URL", help="read the log on line too")
    parser.add_argument("--lang", choices=("zh", "en"), default=_language())
    parser.add_argument("bundle", metavar="BUNDLE.json")
    return parser.parse_args(argv)


def _language() -> str:
    spoken = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return "zh" if spoken.lower().startswith("zh") else "en"


def _bundle(name: str) -> bytes:
    """The bytes of a file that at least claims to be a bundle, or of one that is too large."""
    data = _read(name, "file")
    if len(data) > MAX_BYTES:
        return data
    try:
        value: Any = json.loads(data)
    except (ValueError, RecursionError) as bad:
        raise NoBundle("json") from bad
    if not isinstance(value, dict) or not _claims_to_be_one(value):
        raise NoBundle("kind")
    return data


def _claims_to_be_one(value: dict[str, Any]) -> bool:
    """By its name, or by its parts under a changed name: then the table names the check."""
    return value.get("v") == "BDP1-bundle" or {"manifest", "policy", "entries"} <= value.keys()


def _identities(name: str | None) -> bytes | None:
    return None if name is None else _read(name, "identities")


def _log(address: str | None) -> PublicLog | None:
    if address is None:
        return None
    try:
        return log_at(address)
    except ValueError as bad:
        raise NoBundle("log", address) from bad


def _pinned(name: str | None) -> frozenset[bytes]:
    """The hash of the policy in the file, or the hash that the file holds."""
    if name is None:
        return frozenset()
    data = _read(name, "policy").strip()
    if _HASH.fullmatch(data):
        return frozenset({bytes.fromhex(data.decode())})
    try:
        policy: Any = parse_canon(data)
    except NotCanonical as bad:
        raise NoBundle("policy", name) from bad
    if not fits(POLICY, policy):
        raise NoBundle("policy", name)
    return frozenset({policy_hash(policy)})


def _read(name: str, why: str) -> bytes:
    try:
        with Path(name).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as bad:
        raise NoBundle(why, name) from bad


if __name__ == "__main__":
    raise SystemExit(main())
