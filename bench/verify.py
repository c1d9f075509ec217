"""`verify.python`: a stranger's check of a bundle of five seats, three attempts, hats of 10^5.

The browser row (`bench/verify_browser.py`) reads the same bundle.
"""

import json
from pathlib import Path
from typing import Final

from bench.row import Row, interleaved, say
from draw_engine.core.checks.case import Asked
from draw_engine.core.policy import policy_hash
from draw_engine.core.selection import CommitteeRules, RegionRule
from draw_engine.core.verification import verify
from tests.draw_engine.toy import NORTH, Toy

BUNDLE: Final = Path("var/bench/bundle.json")
ATTEMPTS: Final = 3
TRIES: Final = 60
EXPERTS: Final = 200_000
RULES: Final = CommitteeRules(1, (RegionRule(frozenset({NORTH}), 2, 2),))


def bundle() -> bytes:
    """The bundle, made once: the section is chosen so that the third attempt is the first fit.

    Exactly two of the five are from the north, half of the pool: a third of all attempts fits.
    """
    if not BUNDLE.exists():
        BUNDLE.parent.mkdir(parents=True, exist_ok=True)
        sections = (f"{number:02}" for number in range(1, 100))
        for _, section in zip(range(TRIES), sections, strict=False):
            played = Toy(
                experts=EXPERTS, rules=RULES, section=section, declines=(), max_steps=4
            ).play()
            if played.bundle["results"][0]["body"]["attempt"] == ATTEMPTS - 1:
                BUNDLE.write_bytes(played.file)
                break
    return BUNDLE.read_bytes()


def about(data: bytes) -> str:
    """Seats, attempts and hats of a bundle, for the note."""
    read = json.loads(data)
    body, slots = read["results"][0]["body"], read["manifest"]["slots"]
    seats = sum(slot["seats"] for slot in slots)
    hats = ", ".join(str(slot["n"]) for slot in slots)
    return f"{seats} seats, {body['attempt'] + 1} attempts, hats of {hats}"


def bench() -> list[Row]:
    """Milliseconds after imports."""
    data = bundle()
    asked = Asked(pinned=frozenset({policy_of(data)}))
    assert verify(data, asked).word == "passed", verify(data, asked)
    (seconds,) = interleaved(lambda: verify(data, asked))
    return [Row("verify.python", round(seconds * 1000, 2), "ms", "<= 5", about(data))]


def policy_of(data: bytes) -> bytes:
    """The hash of the bundle's policy, which is pinned here."""
    return policy_hash(json.loads(data)["policy"])


if __name__ == "__main__":
    say(bench())
