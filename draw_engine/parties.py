"""The share holders of this installation, and the policy that names them.

A policy holds public keys only. Every registration is an entry of the stream `holders`
with the whole new policy in it; a draw keeps the policy under which it was filed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from draw_engine.core.draw_state import SUPERVISOR, VAULT
from draw_engine.core.policy import Holder, Policy, Times, Witness
from foundation.errors import Kind, ServiceError
from foundation.ledger.book import Books
from foundation.ledger.entry import Entry
from foundation.ledger.signer import LogSigner
from foundation.ledger.signer import Witness as Cosigner
from foundation.rulebook.overlay import Overlay

STREAM: Final = "holders"
CENTRE: Final = "centre"
ORDER: Final = (VAULT, CENTRE, SUPERVISOR)
"""Order of the inputs in every manifest; the supervisor reveals last."""

KEY_BYTES: Final = 32


class HoldersMissing(ServiceError):
    """No draw can be filed before every holder has registered its key."""

    code = "draw.holders_missing"
    kind = Kind.CONFLICT


class HolderUnknown(ServiceError):
    """No holder with this party name or key."""

    code = "draw.holder_unknown"
    kind = Kind.NOT_FOUND


class HolderUnfit(ServiceError):
    """The key, home or witness name cannot be registered; `member` says which."""

    code = "draw.holder_unfit"
    kind = Kind.INVALID


@dataclass(frozen=True, slots=True)
class Registered:
    """A holder as registered; `key` is 32 bytes, `witness` its name as a cosigner or ""."""

    party: str
    body: str
    home: str
    key: bytes
    witness: str = ""

    def to_body(self) -> dict[str, Any]:
        """As a ledger payload."""
        return {
            "party": self.party,
            "body": self.body,
            "home": self.home,
            "key": self.key.hex(),
            "witness": self.witness,
        }


class Parties:
    """Registers holders and gives the policy in force."""

    def __init__(
        self, books: Books, signer: LogSigner, overlay: Overlay, operator: str, vault_key: bytes
    ) -> None:
        self._books = books
        self._signer = signer
        self._overlay = overlay
        self._operator = operator
        self._vault_key = vault_key

    def all(self) -> dict[str, Registered]:
        """Holders by party, in the order of the inputs; who is missing is left out."""
        found: dict[str, Registered] = {}
        with self._books.read() as book:
            for entry in book.entries(STREAM):
                if entry.type == "policy.changed" and entry.body is not None:
                    one = entry.body["holder"]
                    found[one["party"]] = Registered(**{**one, "key": bytes.fromhex(one["key"])})
        found[VAULT] = Registered(VAULT, self._operator, "own", self._vault_key)
        return {party: found[party] for party in ORDER if party in found}

    def register(self, holder: Registered, by: str) -> None:
        """Put a public key in the place of a party; draws already filed keep theirs.

        Raises:
            HolderUnfit: not a party that registers, a bad key, or another party's key.
        """
        self._check(holder)
        with self._books.write() as book:
            changed = {**self.all(), holder.party: holder}
            policy = self._policy(changed)
            body: dict[str, Any] = {"holder": holder.to_body(), "by": by}
            if policy is not None:
                body["policy"] = policy.as_object()
            book.append(STREAM, "policy.changed", body)

    def policy(self) -> Policy:
        """The policy for draws filed now.

        Raises:
            HoldersMissing: a party has not registered yet.
        """
        policy = self._policy(self.all())
        if policy is None:
            raise HoldersMissing
        return policy

    def policies(self) -> list[Policy]:
        """Every policy that was ever in force, newest first."""
        with self._books.read() as book:
            bodies = [entry.body or {} for entry in book.entries(STREAM)]
        return [Policy.read(body["policy"]) for body in reversed(bodies) if "policy" in body]

    def by_key(self, key: bytes) -> Registered:
        """The holder who has this key.

        Raises:
            HolderUnknown: nobody has.
        """
        for holder in self.all().values():
            if holder.key == key and holder.party != VAULT:
                return holder
        raise HolderUnknown

    def get(self, party: str) -> Registered:
        """The holder of a party; HolderUnknown if it has not registered."""
        try:
            return self.all()[party]
        except KeyError:
            raise HolderUnknown(party=party) from None

    def _check(self, holder: Registered) -> None:
        if holder.party not in ORDER or holder.party == VAULT:
            raise HolderUnfit(member="party")
        if len(holder.key) != KEY_BYTES:
            raise HolderUnfit(member="key")
        if holder.home not in {"own", "page"}:
            raise HolderUnfit(member="home")
        if not holder.body.strip():
            raise HolderUnfit(member="body")
        if (holder.party == SUPERVISOR) != bool(holder.witness) or " " in holder.witness:
            raise HolderUnfit(member="witness")
        others = (one for party, one in self.all().items() if party != holder.party)
        if any(one.key == holder.key for one in others):
            raise HolderUnfit(member="key")

    def _policy(self, holders: Mapping[str, Registered]) -> Policy | None:
        if set(holders) != set(ORDER):
            return None
        return policy_of(
            [holders[party] for party in ORDER], self._signer, self._overlay, self._operator
        )


def witnesses_of(entries: Iterable[Entry]) -> list[Cosigner]:
    """Everybody who was ever registered to cosign, from the entries of the stream `holders`."""
    told = [one.body["holder"] for one in entries if one.type == "policy.changed" and one.body]
    return [Cosigner(one["witness"], bytes.fromhex(one["key"])) for one in told if one["witness"]]


def policy_of(
    holders: list[Registered], signer: LogSigner, overlay: Overlay, operator: str
) -> Policy:
    """The policy over these holders; a demonstration's promises nothing.

    The label is `basic` where bodies differ as DRAW_PROTOCOL section 5 asks, else `none`.
    """
    bodies = {holder.body for holder in holders if holder.body}
    witnesses = [h for h in holders if h.witness]
    basic = (
        not overlay.demonstration
        and len(bodies) >= 2
        and any(h.body != operator for h in witnesses)
    )
    return Policy(
        purpose="test" if overlay.demonstration else "production",
        assurance="basic" if basic else "none",
        origin=signer.origin,
        log_key=signer.public_key,
        operator=operator,
        witnesses=tuple(Witness(h.witness, h.key, True, h.body) for h in witnesses),
        quorum=1,
        holders=tuple(Holder(h.party, h.key, b"", h.body, h.home) for h in holders),
        times=times_of(overlay),
        hat_min=overlay.hat_min,
    )


def times_of(overlay: Overlay) -> Times:
    """The spans of a policy, from the overlay in force; seconds."""
    return Times(
        cool=overlay.cool_seconds,
        margin=overlay.margin_seconds,
        t_rev=overlay.reveal_seconds,
        t_beacon=overlay.beacon_seconds,
        deadline=overlay.deadline_seconds,
        publish=overlay.publish_seconds,
    )
