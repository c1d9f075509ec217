"""The policy of a draw: who holds what key, what is promised, how long anybody may wait.

Source: SPEC.md section 9, `policy`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from foundation.digest import canon, sha256


@dataclass(frozen=True, slots=True)
class Witness:
    """Who cosigns checkpoints; `key` is 32 bytes, `body` the legal body behind it."""

    name: str
    key: bytes
    required: bool
    body: str


@dataclass(frozen=True, slots=True)
class Holder:
    """Who gives a chain or signs entries.

    `key` is Ed25519 (32 bytes), `seal` X25519 or empty, `home` is `own` or `page`.
    """

    party: str
    key: bytes
    seal: bytes
    body: str
    home: str


@dataclass(frozen=True, slots=True)
class Times:
    """Spans in seconds; SPEC.md section 9."""

    cool: int
    margin: int
    t_rev: int
    t_beacon: int
    deadline: int
    publish: int


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy as the core works with it; `as_object` is what is hashed and published."""

    purpose: str
    assurance: str
    origin: str
    log_key: bytes
    operator: str
    witnesses: tuple[Witness, ...]
    quorum: int
    holders: tuple[Holder, ...]
    times: Times
    hat_min: int

    def as_object(self) -> dict[str, Any]:
        """The policy in its published form."""
        return {
            "v": "BDP1-policy",
            "purpose": self.purpose,
            "assurance": self.assurance,
            "origin": self.origin,
            "log_key": self.log_key.hex(),
            "operator": self.operator,
            "witnesses": [
                {"name": w.name, "key": w.key.hex(), "required": w.required, "body": w.body}
                for w in self.witnesses
            ],
            "quorum": self.quorum,
            "holders": [
                {
                    "party": h.party,
                    "key": h.key.hex(),
                    "seal": h.seal.hex(),
                    "body": h.body,
                    "home": h.home,
                }
                for h in self.holders
            ],
            "times": {name: getattr(self.times, name) for name in Times.__dataclass_fields__},
            "hat_min": self.hat_min,
        }

    @property
    def digest(self) -> bytes:
        """The hash that stands in the manifest; 32 bytes."""
        return policy_hash(self.as_object())

    def holder(self, party: str) -> Holder | None:
        """The holder of this name, if the policy has one."""
        return next((holder for holder in self.holders if holder.party == party), None)

    @classmethod
    def read(cls, policy: Mapping[str, Any]) -> Self:
        """A policy from its published form, whose shape was checked (`forms.POLICY`).

        Members that only test policies may lack are read as empty.
        """
        return cls(
            purpose=policy["purpose"],
            assurance=policy["assurance"],
            origin=policy["origin"],
            log_key=bytes.fromhex(policy["log_key"]),
            operator=policy.get("operator", ""),
            witnesses=tuple(
                Witness(w["name"], bytes.fromhex(w["key"]), w["required"], w.get("body", ""))
                for w in policy["witnesses"]
            ),
            quorum=policy["quorum"],
            holders=tuple(
                Holder(
                    h["party"],
                    bytes.fromhex(h["key"]),
                    bytes.fromhex(h["seal"]),
                    h.get("body", ""),
                    h.get("home", ""),
                )
                for h in policy["holders"]
            ),
            times=Times(**policy["times"]),
            hat_min=policy["hat_min"],
        )


def policy_hash(policy: Mapping[str, Any]) -> bytes:
    """The hash of a policy in its published form; 32 bytes."""
    return sha256(b"BDP1/policy\0", canon(policy))
