"""The freeze: everything that decides a draw, in one object, under one hash M.

Source: SPEC.md section 3; tests/vectors/bdp1.json `manifest_hash`.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from draw_engine.core.selection import CommitteeRules, Member, RegionRule
from foundation.digest import canon, sha256


@dataclass(frozen=True, slots=True)
class DrawName:
    """Which draw: the seq-th of a section, after the one whose M is `prev` (32 bytes or empty)."""

    project: str
    section: str
    seq: int
    prev: bytes = b""

    def as_object(self) -> dict[str, Any]:
        """The manifest's member `draw`; per-draw keys and tips hash it too."""
        return {
            "project": self.project,
            "section": self.section,
            "seq": self.seq,
            "prev": self.prev.hex(),
        }


@dataclass(frozen=True, slots=True)
class Where:
    """Who may be in a hat: some code begins with one of `codes`; empty lists allow all."""

    codes: tuple[str, ...]
    regions: tuple[int, ...] = ()
    titles: tuple[str, ...] = ()

    def holds(self, codes: list[str], region: int, title: str) -> bool:
        """Whether an expert with these attributes is a candidate."""
        return (
            any(code.startswith(self.codes) for code in codes)
            and (not self.regions or region in self.regions)
            and (not self.titles or title in self.titles)
        )

    def as_object(self) -> dict[str, Any]:
        """The slot's member `where`."""
        return {
            "codes": list(self.codes),
            "regions": list(self.regions),
            "titles": list(self.titles),
        }


@dataclass(frozen=True, slots=True)
class Slot:
    """A group of seats filled from one hat of `n` experts with root `hat` (32 bytes)."""

    id: str
    seats: int
    n: int
    hat: bytes
    where: Where


@dataclass(frozen=True, slots=True)
class TreeHead:
    """Size and root (32 bytes) of a W256 tree."""

    n: int
    root: bytes

    def as_object(self) -> dict[str, Any]:
        """`{"n", "root"}`."""
        return {"n": self.n, "root": self.root.hex()}


@dataclass(frozen=True, slots=True)
class ChainInput:
    """A holder's hash chain by its tip (32 bytes)."""

    party: str
    tip: bytes

    def as_object(self) -> dict[str, Any]:
        """The input as it stands in the manifest."""
        return {"kind": "chain", "party": self.party, "tip": self.tip.hex()}


@dataclass(frozen=True, slots=True)
class DrandInput:
    """A round of a public beacon, by the hash of its chain (32 bytes)."""

    chain: bytes
    round: int

    def as_object(self) -> dict[str, Any]:
        """The input as it stands in the manifest."""
        return {"kind": "drand", "chain": self.chain.hex(), "round": self.round}


@dataclass(frozen=True, slots=True)
class DiceInput:
    """Dice thrown before witnesses after the freeze."""

    def as_object(self) -> dict[str, Any]:
        """The input as it stands in the manifest."""
        return {"kind": "dice"}


Input = ChainInput | DrandInput | DiceInput


@dataclass(frozen=True, slots=True)
class Deposit:
    """The digest (32 bytes) of one holder's escrow deposit."""

    party: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Manifest:
    """A frozen draw. `as_object` is what is hashed; M commits to all of it."""

    draw: DrawName
    day: str
    book_version: str
    book_hash: bytes
    classification: str
    regime: str
    purpose: str
    snapshot: TreeHead
    exclusions: TreeHead
    slots: tuple[Slot, ...]
    rules: CommitteeRules
    inputs: tuple[Input, ...]
    max_steps: int
    unseal_after: int
    policy: bytes
    keep: tuple[Member, ...] = ()
    mode: str = "step"
    seal_party: str = ""
    escrow: tuple[Deposit, ...] = ()

    @property
    def m(self) -> bytes:
        """M, the hash of the manifest; 32 bytes."""
        return manifest_hash(self.as_object())

    @property
    def sizes(self) -> list[tuple[int, int]]:
        """(n, seats) of each slot."""
        return [(slot.n, slot.seats) for slot in self.slots]

    @property
    def seats(self) -> int:
        """K: all open seats."""
        return sum(slot.seats for slot in self.slots)

    @property
    def chains(self) -> tuple[ChainInput, ...]:
        """The chain inputs in manifest order."""
        return tuple(item for item in self.inputs if isinstance(item, ChainInput))

    def as_object(self) -> dict[str, Any]:
        """The manifest in its published form."""
        return {
            "v": "BDP1",
            "draw": self.draw.as_object(),
            "day": self.day,
            "book": {"version": self.book_version, "hash": self.book_hash.hex()},
            "classification": self.classification,
            "regime": self.regime,
            "purpose": self.purpose,
            "snapshot": self.snapshot.as_object(),
            "exclusions": self.exclusions.as_object(),
            "slots": [_slot_object(slot) for slot in self.slots],
            "keep": [_member_object(member) for member in self.keep],
            "rules": _rules_object(self.rules),
            "inputs": [item.as_object() for item in self.inputs],
            "supp": {"mode": self.mode, "max_steps": self.max_steps},
            "seal": {"party": self.seal_party, "unseal_after": self.unseal_after},
            "escrow": [{"party": d.party, "digest": d.digest.hex()} for d in self.escrow],
            "policy": self.policy.hex(),
        }

    @classmethod
    def read(cls, manifest: Mapping[str, Any]) -> Self:
        """A manifest from its published form, whose shape was checked (`forms.MANIFEST`).

        Members that only test manifests may lack are read as empty, so `m` of what was read
        may differ from `manifest_hash` of what was given: hash what was given.
        """
        book = manifest.get("book", {"version": "", "hash": ""})
        draw = manifest["draw"]
        return cls(
            draw=DrawName(draw["project"], draw["section"], draw["seq"], _b(draw["prev"])),
            day=manifest["day"],
            book_version=book["version"],
            book_hash=_b(book["hash"]),
            classification=manifest.get("classification", ""),
            regime=manifest.get("regime", ""),
            purpose=manifest.get("purpose", ""),
            snapshot=_tree_head(manifest["snapshot"]),
            exclusions=_tree_head(manifest["exclusions"]),
            slots=tuple(_slot(slot) for slot in manifest["slots"]),
            rules=rules_of(manifest["rules"]),
            inputs=tuple(_input(item) for item in manifest["inputs"]),
            max_steps=manifest["supp"]["max_steps"],
            unseal_after=manifest["seal"]["unseal_after"],
            policy=_b(manifest["policy"]),
            keep=tuple(Member(_b(k["tag"]), _b(k["org"]), k["region"]) for k in manifest["keep"]),
            mode=manifest["supp"]["mode"],
            seal_party=manifest["seal"]["party"],
            escrow=tuple(Deposit(d["party"], _b(d["digest"])) for d in manifest["escrow"]),
        )


def manifest_hash(manifest: Mapping[str, Any]) -> bytes:
    """M of a manifest in its published form; 32 bytes."""
    return sha256(b"BDP1/manifest\0", canon(manifest))


def handle_salt(key: bytes, project: str, section: str) -> bytes:
    """The salt of a section's handle under the operator's handle key; 16 bytes."""
    name = canon({"project": project, "section": section})
    return hmac.digest(key, name, "sha256")[:16]


def handle(salt: bytes, project: str, section: str) -> bytes:
    """What the log shows in place of a section's name, the same in every draw; 32 bytes."""
    return sha256(b"BDP1/handle\0", salt, canon({"project": project, "section": section}))


def companion_fits(entry: Mapping[str, Any], beside: Mapping[str, Any] | None) -> bool:
    """Whether a protocol entry of the log and its private companion belong together.

    Only a manifest has one: its text, which hashes to M, and the salt that opens the handle.
    """
    if entry.get("type") != "manifest":
        return beside is None
    try:
        manifest = (beside or {})["manifest"]
        name = manifest["draw"]
        opened = handle(
            bytes.fromhex((beside or {})["handle_salt"]), name["project"], name["section"]
        )
        return (manifest_hash(manifest).hex(), opened.hex()) == (entry["M"], entry["handle"])
    except (KeyError, TypeError, ValueError):
        return False


def rules_of(rules: Mapping[str, Any]) -> CommitteeRules:
    """The rules of a manifest in its published form."""
    regions = tuple(
        RegionRule(frozenset(rule["set"]), rule["min"], rule["max"]) for rule in rules["regions"]
    )
    return CommitteeRules(rules["org_cap"], regions, rules["a_max"])


def _rules_object(rules: CommitteeRules) -> dict[str, Any]:
    regions = [
        {"set": sorted(rule.regions), "min": rule.low, "max": rule.high} for rule in rules.regions
    ]
    return {"org_cap": rules.org_cap, "regions": regions, "a_max": rules.a_max}


def _slot_object(slot: Slot) -> dict[str, Any]:
    return {
        "id": slot.id,
        "seats": slot.seats,
        "n": slot.n,
        "hat": slot.hat.hex(),
        "where": slot.where.as_object(),
    }


def _member_object(member: Member) -> dict[str, Any]:
    return {"tag": member.tag.hex(), "org": member.org.hex(), "region": member.region}


def _slot(slot: Mapping[str, Any]) -> Slot:
    where = slot["where"]
    return Slot(
        slot["id"],
        slot["seats"],
        slot["n"],
        _b(slot["hat"]),
        Where(tuple(where["codes"]), tuple(where["regions"]), tuple(where["titles"])),
    )


def _tree_head(head: Mapping[str, Any]) -> TreeHead:
    return TreeHead(head["n"], _b(head["root"]))


def _input(item: Mapping[str, Any]) -> Input:
    if item["kind"] == "chain":
        return ChainInput(item["party"], _b(item["tip"]))
    if item["kind"] == "drand":
        return DrandInput(_b(item["chain"]), item["round"])
    return DiceInput()


def _b(text: str) -> bytes:
    return bytes.fromhex(text)
