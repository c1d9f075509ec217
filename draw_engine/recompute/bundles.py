"""Files shaped like bdp1-bundles.json: whole bundles with what led to them, and mutations.

The mutations themselves are in mutations.py. The admission count needs whole hats, which a
bundle never has: only its key and its conclusion are recomputed here.
"""

from collections.abc import Mapping
from functools import reduce
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from draw_engine.core.admission import ACCEPTED_MIN, dry_key
from draw_engine.core.checks.case import Asked, BeaconCheck, Case
from draw_engine.core.exclusions import exclusion_leaf, exclusion_salt
from draw_engine.core.manifest import manifest_hash
from draw_engine.core.selection import Seating, slot_of
from draw_engine.core.shares import earlier, extended, primary_key, step_key
from draw_engine.core.snapshot import (
    PooledExpert,
    PoolKeys,
    identity_hash,
    masked,
    qualification_hash,
)
from draw_engine.core.verification import CHECKS, verify
from draw_engine.core.w256 import Tree
from draw_engine.recompute.claim import Claim, Claims, unknown
from draw_engine.recompute.mutations import MUTATIONS, mutated
from foundation.digest import canon, sha256

PARTS: Final = frozenset({"derivation", "epoch_keys", "mutations"})


def file_claims(file: Mapping[str, Any], beacon: BeaconCheck | None) -> Claims:
    """Every value of the file that can be recomputed from it.

    Args:
        beacon: the check of beacon signatures; without it a changed one shows two checks later.
    """
    epoch = _keys(file["epoch_keys"])
    yield from _derivation(file["derivation"], epoch)
    draws = {name: part for name, part in file.items() if _is_draw(part)}
    yield Claim("members", unknown(file, {*draws, *PARTS}), [])
    for name, part in {"draws": draws, "mutations": file["mutations"]}.items():
        yield Claim(name, "some", "some" if part else "none")
    for name, draw in draws.items():
        for claim in _draw_claims(draw, epoch, beacon):
            yield claim._replace(name=f"{name}.{claim.name}")
    for number, mutation in enumerate(file["mutations"]):
        yield _mutation(number, mutation, draws, beacon)


def _is_draw(part: Any) -> bool:
    return isinstance(part, dict) and "bundle" in part


def _keys(keys: Mapping[str, str]) -> PoolKeys:
    return PoolKeys(*(bytes.fromhex(keys[name]) for name in ("tag", "org", "salt")))


def _derivation(stated: Mapping[str, Any], keys: PoolKeys) -> Claims:
    """Section 2 under the epoch keys."""
    identity, qualification = canon(stated["identity"]), canon(stated["qualification"])
    expert = PooledExpert(
        stated["expert_id"],
        stated["org_group_id"],
        identity,
        qualification,
        stated["region"],
        stated["version"],
    )
    [row] = masked([expert], keys)
    for name in ("tag", "org", "salt_id", "salt_q", "salt_a", "leaf"):
        yield Claim(f"derivation.{name}", stated[name], getattr(row, name).hex())
    yield Claim("derivation.F_id", stated["F_id"], identity_hash(row.salt_id, identity).hex())
    found = qualification_hash(row.salt_q, qualification)
    yield Claim("derivation.F_q", stated["F_q"], found.hex())


def _draw_claims(draw: Mapping[str, Any], epoch: PoolKeys, beacon: BeaconCheck | None) -> Claims:
    manifest = draw["bundle"]["manifest"]
    m = manifest_hash(manifest)
    yield Claim("M", draw["M"], m.hex())
    keys = epoch.for_draw(manifest["draw"])
    for name in ("tag", "org", "salt"):
        yield Claim(f"per_draw_keys.{name}", draw["per_draw_keys"][name], getattr(keys, name).hex())
    yield from _exclusions(draw, manifest)
    yield from _chains(draw, manifest)
    yield from _escrow(draw, manifest)
    yield Claim("admission.key", draw["admission"]["key"], dry_key(m).hex())
    admitted = draw["admission"]["accepted"] >= ACCEPTED_MIN
    yield Claim("admission.admitted", draw["admission"]["admitted"], admitted)
    asked = Asked(test=True, beacon=beacon)
    verdict = verify(canon(draw["bundle"]), asked)
    yield Claim("bundle first failing check", None, verdict.failed)
    yield Claim("bundle verdict", "passed" if beacon else "incomplete", verdict.word)
    yield from _selection(draw, _replayed(draw["bundle"], asked))


def _replayed(bundle: Mapping[str, Any], asked: Asked) -> Case:
    case = Case(canon(bundle), asked)
    for _, check in CHECKS:
        check(case)
    return case


def _exclusions(draw: Mapping[str, Any], manifest: Mapping[str, Any]) -> Claims:
    """Section 3: every exclusion's leaf, and the tree over them."""
    key, leaves = bytes.fromhex(draw["per_draw_keys"]["salt"]), []
    for number, item in enumerate(draw["exclusions"]):
        tag = bytes.fromhex(item["tag"])
        salt = exclusion_salt(key, tag)
        leaf = exclusion_leaf(tag, item["reason"], salt)
        yield Claim(f"exclusions[{number}].salt", item["salt"], salt.hex())
        yield Claim(f"exclusions[{number}].leaf", item["leaf"], leaf.hex())
        leaves.append(leaf)
    tree = Tree(leaves)
    yield Claim("exclusion_root", draw["exclusion_root"], tree.root.hex())
    stated = manifest["exclusions"]
    yield Claim("exclusions", stated, {"n": tree.size, "root": tree.root.hex()})


def _chains(draw: Mapping[str, Any], manifest: Mapping[str, Any]) -> Claims:
    """Section 4: each value hashes to the one before, the first to the tip."""
    for item in manifest["inputs"]:
        if item["kind"] == "chain":
            stated = item["tip"]
            for j, value in enumerate(draw["chains"][item["party"]]):
                name = f"chains.{item['party']}[{j}]"
                yield Claim(name, stated, earlier(bytes.fromhex(value)).hex())
                stated = value


def _escrow(draw: Mapping[str, Any], manifest: Mapping[str, Any]) -> Claims:
    """Section 4: digests, shares that give the chain, ciphertexts that give the shares."""
    for number, deposit in enumerate(draw["escrow"]):
        name, party = f"escrow[{number}]", deposit["party"]
        sealed = [bytes.fromhex(text) for text in deposit["sealed"]]
        parts = (len(part).to_bytes(4, "big") + part for part in (party.encode(), *sealed))
        digest = sha256(b"BDP1/escrow\0", *parts).hex()
        yield Claim(f"{name}.digest", deposit["digest"], digest)
        yield Claim(f"{name} in the manifest", manifest["escrow"][number]["digest"], digest)
        shares = [bytes.fromhex(text) for text in deposit["shares"]]
        joined = b"".join(bytes.fromhex(y) for y in draw["chains"][party])
        yield Claim(f"{name}.shares", joined.hex(), reduce(_xor, shares).hex())
        label = b"BDP1/escrow\0"
        for to, share, ciphertext in zip(deposit["to"], shares, sealed, strict=True):
            key = bytes.fromhex(draw["holder_x25519_private"][to])
            info = label + canon({"draw": manifest["draw"], "from": party, "to": to})
            yield Claim(f"{name}.sealed to {to}", share.hex(), _unsealed(ciphertext, key, info))


def _unsealed(ciphertext: bytes, key: bytes, info: bytes) -> str:
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    try:
        private = X25519PrivateKey.from_private_bytes(key)
        return suite.decrypt(ciphertext, private, info=info).hex()
    except (InvalidTag, ValueError):
        return "does not open"


def _selection(draw: Mapping[str, Any], case: Case) -> Claims:
    """Sections 6 and 7, over the positions that the bundle opens."""
    yield Claim("ikm", draw["ikm"], case.ikm.hex())
    yield Claim("key_primary", draw["key_primary"], primary_key(case.ikm, case.m).hex())
    body = case.bundle["results"][0]["body"]
    yield Claim("attempt", draw["attempt"], body["attempt"])
    yield Claim("positions", draw["positions"], body["positions"])
    manifest, ikm = case.manifest, case.ikm
    seating = Seating.first(case.hats, manifest.rules, case.positions, manifest.keep)
    for number, step in enumerate(draw["simultaneous"]):
        name, j = f"simultaneous[{number}]", step["step"]
        slot = slot_of(step["seat"], [hat.seats for hat in case.hats])
        ikm = extended(ikm, [case.opened[c.party, j].value for c in manifest.chains])
        key = step_key(ikm, case.m, slot, j)
        yield Claim(f"{name}.slot", step["slot"], slot)
        yield Claim(f"{name}.key", step["key"], key.hex())
        found = seating.replace(step["seat"], key)
        yield Claim(f"{name}.skipped", step["skipped"], list(found.infeasible))
        yield Claim(f"{name}.position", step["position"], found.position)


def _mutation(
    number: int,
    mutation: Mapping[str, Any],
    draws: Mapping[str, Mapping[str, Any]],
    beacon: BeaconCheck | None,
) -> Claim:
    """One changed bundle and the check that must refuse it."""
    name = f"mutations[{number}] {mutation['change']}"
    recipe = MUTATIONS.get(mutation["change"])
    if recipe is None:
        return Claim(name, mutation["verdict"], "a change this program does not know")
    bundle = mutated(draws[mutation["base"]]["bundle"], recipe)
    asked = Asked(test=not recipe.production, beacon=beacon)
    stated = mutation["verdict"]
    if beacon is None and stated == "beacon.signed":
        stated = "attempt.first_feasible"  # another value gives another committee
    return Claim(name, stated, verify(canon(bundle), asked).failed)


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
