"""How the rejected variants of the bundle vectors are made from a good bundle.

The vector file describes each change in words; this table does it. Notes are signed again
with toy keys: SHA-256 of `log` and of each witness's name.
"""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from draw_engine.core.checks.opening import QUICKNET_GENESIS, QUICKNET_PERIOD
from foundation.digest import sha256
from foundation.ledger.note import cosign, read_note, sign_log, write_note

Bundle = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Mutation:
    """A change to a bundle; with `production` it is verified as a production draw."""

    change: Callable[[Bundle], None]
    production: bool = False


def mutated(bundle: Mapping[str, Any], mutation: Mutation) -> Bundle:
    """A changed copy of the bundle."""
    changed = copy.deepcopy(dict(bundle))
    mutation.change(changed)
    return changed


def flipped(text: str) -> str:
    """Hex with its first digit made 0, or 1 if it is 0."""
    return ("1" if text[0] == "0" else "0") + text[1:]


def signed_again(bundle: Bundle, number: int, at: int) -> None:
    """Sign a checkpoint as the log and both witnesses would at `at` and one second later."""
    checkpoint, policy = bundle["checkpoints"][number], bundle["policy"]
    text = read_note(checkpoint["note"]).checkpoint
    lines = [
        cosign(text, witness["name"], _toy_key(witness["name"]), at + later)
        for later, witness in enumerate(policy["witnesses"])
    ]
    checkpoint["note"] = write_note(text, sign_log(text, _toy_key("log")), *lines)


def _toy_key(label: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(sha256(label.encode()))


def _round_time(bundle: Bundle) -> int:
    """T: the time of the beacon's round."""
    [number] = [item["round"] for item in bundle["manifest"]["inputs"] if item["kind"] == "drand"]
    return int(QUICKNET_GENESIS + (number - 1) * QUICKNET_PERIOD)


def _flip(*path: str | int) -> Callable[[Bundle], None]:
    def change(bundle: Bundle) -> None:
        place: Any = bundle
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = flipped(place[path[-1]])

    return change


def _put(value: Any, *path: str | int) -> Callable[[Bundle], None]:
    def change(bundle: Bundle) -> None:
        place: Any = bundle
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return change


def _drop(name: str, number: int) -> Callable[[Bundle], None]:
    def change(bundle: Bundle) -> None:
        del bundle[name][number]

    return change


def _sign_again(number: int, after: int) -> Callable[[Bundle], None]:
    return lambda bundle: signed_again(bundle, number, _round_time(bundle) + after)


def _drop_cosignature(bundle: Bundle) -> None:
    checkpoint = bundle["checkpoints"][1]
    checkpoint["note"] = "".join(checkpoint["note"].splitlines(keepends=True)[:-1])


def _flip_consistency(bundle: Bundle) -> None:
    checkpoint = bundle["checkpoints"][3]
    checkpoint["consistency"] = [flipped(node) for node in checkpoint["consistency"]]


def _change_beacon(bundle: Bundle) -> None:
    beacon = bundle["beacon"][0]
    beacon["signature"] = beacon["signature"][:-1] + "3"


def _drop_share(bundle: Bundle) -> None:
    kinds = [entry["body"]["type"] for entry in bundle["entries"]]
    del bundle["entries"][kinds.index("share")]


MUTATIONS: Final[dict[str, Mutation]] = {
    "verified with purpose production": Mutation(lambda bundle: None, production=True),
    "manifest: org_cap 2": Mutation(_put(2, "manifest", "rules", "org_cap")),
    "policy: quorum 1": Mutation(_put(1, "policy", "quorum")),
    "one cosignature removed": Mutation(_drop_cosignature),
    "consistency hash flipped": Mutation(_flip_consistency),
    "entry body changed": Mutation(_flip("entries", 2, "body", "y")),
    "reveal entry left out": Mutation(_drop("entries", 2)),
    "handle salt changed": Mutation(_flip("handle_salt")),
    "snapshot checkpoint cosigned too late": Mutation(_sign_again(0, -1000)),
    "reveals cosigned 10 s before the round": Mutation(_sign_again(2, -10)),
    "tip signature changed": Mutation(_flip("tips", 0, "sig")),
    "beacon signature changed": Mutation(_change_beacon),
    "opened region changed": Mutation(_put(110_000, "openings", 0, "region")),
    "opening left out": Mutation(_drop("openings", 0)),
    "result salt changed": Mutation(_flip("results", 0, "salt")),
    "one escrow share missing": Mutation(_drop_share),
    "hat below hat_min": Mutation(_put(5, "manifest", "slots", 0, "n")),
    "vault key revealed before unseal_after": Mutation(_sign_again(-1, 700)),
    "winner not in the snapshot": Mutation(_flip("snapshot_proofs", 0, "salt_a")),
}
"""By the words of the vector file."""
