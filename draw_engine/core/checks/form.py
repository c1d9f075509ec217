"""Checks 1 to 3: the right shape, under a policy the reader trusts."""

from itertools import pairwise

from draw_engine.core import forms
from draw_engine.core.checks.case import Case, Fails, ensure
from draw_engine.core.entries import LEAF_MAX
from draw_engine.core.errors import Misshapen
from draw_engine.core.policy import policy_hash
from draw_engine.core.selection import A_MAX
from foundation.digest import MAX_BYTES, NotCanonical, canon, parse_canon

CHAINS_MIN = 2
ESCROW_MIN = 3


def bundle_form(case: Case) -> None:
    """Canonical bytes, exact members, not too large; no name in a production bundle."""
    ensure(len(case.data) <= MAX_BYTES, "larger than 64 MiB")
    try:
        bundle = parse_canon(case.data)
    except NotCanonical as bad:
        raise Fails(f"not canonical: {bad.facts.get('why', '')}") from bad
    ensure(isinstance(bundle, dict), "not an object")
    case.bundle = bundle  # type: ignore[assignment]  # an object, by the line above
    shape = forms.BUNDLE_TEST if case.test else forms.BUNDLE
    try:
        shape(bundle)
    except Misshapen as bad:
        raise Fails(f"wanted {bad.facts['wanted']}") from bad
    for entry in case.bundle["entries"]:
        ensure(len(canon(entry["body"])) <= LEAF_MAX, f"entry {entry['index']} is too long")
    witnesses = [witness.name for witness in case.policy.witnesses]
    parties = [holder.party for holder in case.policy.holders]
    ensure(len(set(witnesses)) == len(witnesses), "a witness twice in the policy")
    ensure(len(set(parties)) == len(parties), "a holder twice in the policy")


def policy_pinned(case: Case) -> None:
    """The manifest's policy, one the reader trusts, of the purpose asked for."""
    digest = policy_hash(case.bundle["policy"])
    ensure(case.bundle["manifest"].get("policy") == digest.hex(), "another policy's hash")
    ensure(case.test == case.asked.test, f"purpose is {case.policy.purpose}")
    ensure(case.test or digest in case.asked.pinned, "this policy is not pinned")


def manifest_form(case: Case) -> None:
    """Exact members, and every number within the rules of section 3."""
    try:
        (forms.MANIFEST_TEST if case.test else forms.MANIFEST)(case.bundle["manifest"])
    except Misshapen as bad:
        raise Fails(f"wanted {bad.facts['wanted']}") from bad
    _slots(case)
    _inputs(case)
    _rules(case)
    draw = case.manifest.draw
    ensure((draw.seq == 1) == (not draw.prev), "prev is empty exactly when seq is 1")


def _slots(case: Case) -> None:
    manifest = case.manifest
    ids = [slot.id for slot in manifest.slots]
    ensure(len(set(ids)) == len(ids), "a slot id twice")
    for slot in manifest.slots:
        enough = slot.n >= max(1, case.policy.hat_min) * slot.seats
        ensure(enough, f"hat of slot {slot.id} is too small")
    ensure(
        all(left.tag < right.tag for left, right in pairwise(manifest.keep)),
        "kept members in another order than that of their tags",
    )


def _inputs(case: Case) -> None:
    manifest = case.manifest
    parties = [item.party for item in manifest.chains]
    ensure(len(parties) >= CHAINS_MIN, "fewer than two chains")
    ensure(len(set(parties)) == len(parties), "a party twice")
    ensure(len({item.tip for item in manifest.chains}) == len(parties), "a tip twice")
    ensure(manifest.seal_party in ("", *parties), "sealed for a party without chain")
    if manifest.escrow:
        ensure(len(parties) >= ESCROW_MIN, "escrow with fewer than three chains")
        ensure([d.party for d in manifest.escrow] == parties, "escrow of other parties")


def _rules(case: Case) -> None:
    rules = case.bundle["manifest"]["rules"]
    ensure(rules["org_cap"] >= 1, "org_cap below 1")
    ensure(rules["a_max"] == A_MAX, "a_max is not 2^20")
    for rule in rules["regions"]:
        ensure(rule["min"] <= rule["max"], "a region rule with min above max")
        ensure(all(a < b for a, b in pairwise(rule["set"])), "a region set not ascending")
