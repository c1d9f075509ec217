"""Files shaped like bdp1.json: hashing, trees, keys, selection and log, without a bundle.

Source: SPEC.md, the section that each function names.
"""

import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Any, Final

from draw_engine.core.admission import dry_run
from draw_engine.core.manifest import manifest_hash, rules_of
from draw_engine.core.selection import (
    CommitteeRules,
    Hat,
    Keystream,
    Member,
    Seating,
    attempts,
    committee,
    pick_distinct,
    slot_of,
)
from draw_engine.core.shares import (
    InputKind,
    InputValue,
    derive,
    earlier,
    extended,
    list_info,
    list_key,
    material,
    primary_key,
    step_info,
    step_key,
)
from draw_engine.core.snapshot import identity_hash, leaf_of, qualification_hash
from draw_engine.core.w256 import Tree, verify_proof
from draw_engine.recompute.claim import Claim, Claims, hexes, unknown
from foundation.digest import canon, sha256
from foundation.ledger.note import CheckpointText, cosigned_at, log_signed, read_note
from foundation.ledger.tree import leaf_hash, root

FILE: Final = frozenset({"micro", "draws"})
DRAW: Final = frozenset(
    {
        *("manifest", "manifest_hash", "reveals", "drand_randomness", "dice", "ikm"),
        *("key_primary", "hats", "hat_leaves", "dry_accepted", "attempt", "rejected"),
        *("positions", "supplementary", "opening", "log"),
    }
)
MICRO: Final = re.compile(
    r"canon_in|canon_out_hex|stream_key|stream_words|pick_n\d+_seats\d+|w256|hkdf"
    r"|supp_info_step|supp_info_list|chain_step"
)


def file_claims(file: Mapping[str, Any]) -> Claims:
    """Every value of the file, in the order of the file.

    A member that nobody here can recompute, or a part that is empty, disagrees: it would
    otherwise be reported as agreed.
    """
    yield Claim("members", unknown(file, FILE), [])
    yield Claim("micro members", [n for n in file["micro"] if not MICRO.fullmatch(n)], [])
    yield Claim("draws", "some", "some" if file["draws"] else "none")
    yield from _micro(file["micro"])
    for number, draw in enumerate(file["draws"]):
        for claim in _Draw(draw).claims():
            yield claim._replace(name=f"draws[{number}].{claim.name}")


def _micro(micro: Mapping[str, Any]) -> Claims:
    """Sections 1, 2, 4 and 6 on inputs that section 9 names."""
    yield Claim("micro.canon_out_hex", micro["canon_out_hex"], canon(micro["canon_in"]).hex())
    key = sha256(b"k")
    yield Claim("micro.stream_key", micro["stream_key"], key.hex())
    words = [f"{word:032x}" for word in Keystream(key).next(len(micro["stream_words"]))]
    yield Claim("micro.stream_words", micro["stream_words"], words)
    for name, picks in micro.items():
        if asked := re.fullmatch(r"pick_n(\d+)_seats(\d+)", name):
            size, seats = int(asked[1]), int(asked[2])
            found = pick_distinct(Keystream(key).next(seats), size)
            yield Claim(f"micro.{name}", picks, list(found))
    for size, stated in micro["w256"].items():
        tree = Tree(sha256(i.to_bytes(4, "big")) for i in range(int(size)))
        yield Claim(f"micro.w256.{size}", stated, tree.root.hex())
    yield Claim("micro.hkdf", micro["hkdf"], derive(b"ikm", sha256(b"salt"), b"primary").hex())
    step, listed = (bytes.fromhex(micro[f"supp_info_{mode}"]) for mode in ("step", "list"))
    numbers = int.from_bytes(step[-6:-4], "big"), int.from_bytes(step[-4:], "big")
    yield Claim("micro.supp_info_step", step.hex(), (b"BDP1/" + step_info(*numbers)).hex())
    slot = int.from_bytes(listed[-2:], "big")
    yield Claim("micro.supp_info_list", listed.hex(), (b"BDP1/" + list_info(slot)).hex())
    yield Claim("micro.chain_step", micro["chain_step"], earlier(sha256(b"y")).hex())


class _Draw:
    """One draw of the file and the values that follow from one another."""

    def __init__(self, draw: Mapping[str, Any]) -> None:
        self.draw = draw
        self.manifest: Mapping[str, Any] = draw["manifest"]
        self.m = manifest_hash(self.manifest)
        self.rules: CommitteeRules = rules_of(self.manifest["rules"])
        slots = self.manifest["slots"]
        self.hats = [_hat(rows, s["seats"]) for rows, s in zip(draw["hats"], slots, strict=True)]
        self.keep = tuple(_member(row.values()) for row in self.manifest.get("keep", []))
        self.ikm = material(self._inputs())

    def claims(self) -> Claims:
        """Every value of the draw."""
        yield Claim("members", unknown(self.draw, DRAW), [])
        yield Claim("manifest_hash", self.draw["manifest_hash"], self.m.hex())
        yield from self._chains()
        yield from self._hats()
        yield Claim("ikm", self.draw["ikm"], self.ikm.hex())
        key = primary_key(self.ikm, self.m)
        yield Claim("key_primary", self.draw["key_primary"], key.hex())
        dry = dry_run(self.m, self.hats, self.rules, self.keep)
        yield Claim("dry_accepted", self.draw["dry_accepted"], dry.accepted)
        yield from self._primary(key)
        yield from self._steps()
        yield from self._opening()
        yield from log_claims(self.draw["log"])

    def _inputs(self) -> list[InputValue]:
        """Section 4: what every input of the manifest gave."""
        values = []
        for item in self.manifest["inputs"]:
            if item["kind"] == "chain":
                first = self.draw["reveals"][item["party"]][0]
                values.append(InputValue(InputKind.CHAIN, bytes.fromhex(first)))
            elif item["kind"] == "drand":
                randomness = bytes.fromhex(self.draw["drand_randomness"])
                values.append(InputValue(InputKind.DRAND, randomness))
            else:
                values.append(InputValue(InputKind.DICE, self.draw["dice"].encode()))
        return values

    def _chains(self) -> Claims:
        """Section 4: each value hashes to the one before, the first to the tip."""
        for item in self.manifest["inputs"]:
            if item["kind"] == "chain":
                party, stated = item["party"], item["tip"]
                for j, value in enumerate(self.draw["reveals"][party]):
                    y = bytes.fromhex(value)
                    yield Claim(f"reveals.{party}[{j}]", stated, earlier(y).hex())
                    stated = value

    def _hats(self) -> Claims:
        """Section 3: size, order and root of each hat."""
        for number, slot in enumerate(self.manifest["slots"]):
            rows, leaves = self.draw["hats"][number], self.draw["hat_leaves"][number]
            tags = [row[0] for row in rows]
            yield Claim(f"hats[{number}] in tag order", tags, sorted(set(tags)))
            yield Claim(f"hats[{number}] size", slot["n"], len(rows))
            tree = Tree(bytes.fromhex(leaf) for leaf in leaves)
            yield Claim(f"hat_leaves[{number}] size", slot["n"], tree.size)
            yield Claim(f"hat_leaves[{number}] root", slot["hat"], tree.root.hex())

        pairs = {
            (leaf, tuple(row))
            for leaves, rows in zip(self.draw["hat_leaves"], self.draw["hats"], strict=True)
            for leaf, row in zip(leaves, rows, strict=True)
        }
        found = len({leaf for leaf, _ in pairs}), len({row for _, row in pairs})
        yield Claim("hats: one row for each leaf", (len(pairs), len(pairs)), found)

    def _primary(self, key: bytes) -> Claims:
        """Section 6: the rejected attempts and the first feasible one."""
        found = committee(key, self.hats, self.rules, self.keep)
        yield Claim("attempt", self.draw["attempt"], found.attempt)
        sizes = [(len(hat.members), hat.seats) for hat in self.hats]
        tried = zip(range(found.attempt), attempts(key, sizes), strict=False)
        rejected = [hexes(positions) for _, positions in tried]
        yield Claim("rejected", self.draw["rejected"], rejected)
        yield Claim("positions", self.draw["positions"], hexes(found.positions))

    def _steps(self) -> Claims:
        """Section 7: each step's key, whom it passed over, and whom it seats."""
        positions = tuple(tuple(row) for row in self.draw["positions"])
        seating = Seating.first(self.hats, self.rules, positions, self.keep)
        ikm, parties = self.ikm, [i["party"] for i in self.manifest["inputs"] if "party" in i]
        for number, step in enumerate(self.draw["supplementary"]):
            name, j = f"supplementary[{number}]", step["step"]
            slot = slot_of(step["seat"], [hat.seats for hat in self.hats])
            if self.manifest["supp"]["mode"] == "step":
                reveals = self.draw["reveals"]
                ikm = extended(ikm, [bytes.fromhex(reveals[party][j]) for party in parties])
                key = step_key(ikm, self.m, slot, j)
            else:
                key = list_key(self.ikm, self.m, slot)
            yield Claim(f"{name}.step", j, number + 1)
            yield Claim(f"{name}.slot", step["slot"], slot)
            yield Claim(f"{name}.key", step["key"], key.hex())
            found = seating.replace(step["seat"], key)
            yield Claim(f"{name}.skipped", step["skipped"], list(found.infeasible))
            yield Claim(f"{name}.position", step["position"], found.position)

    def _opening(self) -> Claims:
        """Section 2: one position opened in all three depths."""
        opening = self.draw["opening"]
        slot, position = opening["slot"], opening["position"]
        leaves = [bytes.fromhex(leaf) for leaf in self.draw["hat_leaves"][slot]]
        tree, row = Tree(leaves), self.draw["hats"][slot][position]
        leaf = leaf_of(
            f_id=identity_hash(bytes.fromhex(opening["salt_id"]), canon(opening["identity"])),
            f_q=qualification_hash(bytes.fromhex(opening["salt_qual"]), canon(opening["qual"])),
            salt_a=bytes.fromhex(opening["salt_attr"]),
            tag=bytes.fromhex(opening["tag"]),
            org=bytes.fromhex(opening["org"]),
            region=opening["region"],
        )
        yield Claim("opening", row, [opening["tag"], opening["org"], opening["region"]])
        yield Claim("opening.leaf", opening["leaf"], leaf.hex())
        yield Claim("hat_leaves of the opening", leaves[position].hex(), leaf.hex())
        yield Claim("opening.proof", opening["proof"], hexes(tree.proof(position)))
        proof = [[bytes.fromhex(node) for node in chunk] for chunk in opening["proof"]]
        holds = verify_proof(leaf, position, tree.size, proof, tree.root)
        yield Claim("opening.proof verified", True, holds)


def log_claims(log: Mapping[str, Any]) -> Claims:
    """Section 8: root over the entries, the log's signature, the witness's cosignature."""
    leaves = [leaf_hash(b64decode(entry)) for entry in log["entries"]]
    text = CheckpointText.read(log["text"])
    yield Claim("log.text size", text.size, len(leaves))
    yield Claim("log.text root", text.root.hex(), root(leaves).hex())
    yield Claim("log.text", log["text"], str(text))
    note = read_note(f"{log['text']}\n{log['sig']}{log['cosig']}")
    signed = log_signed(note, text.origin, bytes.fromhex(log["log_pk"]))
    yield Claim("log.sig", True, signed)
    witness = note.signatures[-1]
    at = cosigned_at(note, witness.name, bytes.fromhex(log["witness_pk"]))
    yield Claim("log.cosig", int.from_bytes(witness.payload[:8], "big"), at)


def _hat(rows: Sequence[Sequence[Any]], seats: int) -> Hat:
    return Hat([_member(row) for row in rows], seats)


def _member(row: Any) -> Member:
    tag, org, region = row
    return Member(bytes.fromhex(tag), bytes.fromhex(org), region)
