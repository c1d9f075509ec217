"""Each check refuses what it is for, even when log and witnesses sign the lie."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from draw_engine.core import entries as log
from draw_engine.core.checks.case import Asked, Case, Outcome, Seen
from draw_engine.core.checks.standing import computed_assurance
from draw_engine.core.policy import Policy
from draw_engine.core.selection import attempts, members_at
from draw_engine.core.shares import InputKind, InputValue, material, primary_key
from draw_engine.core.snapshot import tree_of
from draw_engine.core.verification import NAMES, Verdict, verify
from foundation.digest import canon
from tests.draw_engine.toy import (
    NOON,
    UNSEAL_AFTER,
    Played,
    Toy,
    identity,
    public,
    qualification,
    toy_policy,
)


@cache
def played(**changes: Any) -> Played:
    return Toy(experts=120, **changes).play()


def judged(bundle: Any, policy: Policy | None = None, **asked: Any) -> Verdict:
    pinned = frozenset({(policy or toy_policy()).digest})
    return verify(canon(bundle), Asked(pinned=pinned, **asked))


def moved(marks: Sequence[tuple[int, int]], number: int, at: int) -> list[tuple[int, int]]:
    """The same checkpoints, one of them at another time."""
    return [(size, at if i == number else t) for i, (size, t) in enumerate(marks)]


def test_the_checks_have_the_names_and_the_order_of_the_protocol() -> None:
    spec = (Path(__file__).parents[3] / "draw_engine" / "SPEC.md").read_text()
    rows = re.findall(r"^\| (\d+) \| `([a-z_.]+)` \|", spec, re.MULTILINE)

    assert [(int(number), name) for number, name in rows] == list(enumerate(NAMES, start=1))
    assert len(NAMES) == 21


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"sealed": True},
        {"mode": "list"},
        {"mode": "list", "sealed": True},
        {"dice": True},
        {"kept": 1},
        {"after_abort": True},
        {"declines": ()},
        {"parties": ("operator", "supervisor")},
    ],
    ids=str,
)
def test_a_draw_played_by_the_rules_passes(changes: dict[str, Any]) -> None:
    draw = played(**changes)

    verdict = judged(draw.bundle, identities=draw.identities)

    assert verdict.word == "passed"
    assert verdict.assurance == "basic"
    assert verdict.places == tuple(draw.seating.places)
    assert [row.outcome for row in verdict.rows[-2:]] == [Outcome.PASSED, Outcome.NOT_CHECKED]


def test_without_identities_the_members_stay_withheld() -> None:
    verdict = judged(played().bundle)

    assert verdict.word == "passed"
    assert verdict.rows[-2].outcome is Outcome.WITHHELD


def test_checks_behind_the_first_failure_are_not_run() -> None:
    verdict = judged({**played().bundle, "handle_salt": "00" * 16})

    at = NAMES.index("entry.manifest")
    assert verdict.failed == "entry.manifest"
    assert {row.outcome for row in verdict.rows[:at]} == {Outcome.PASSED}
    assert {row.outcome for row in verdict.rows[at + 1 :]} == {Outcome.NOT_RUN}


Change = Callable[[dict[str, Any]], None]


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m["inputs"].__delitem__(slice(1, None)),
        lambda m: m["inputs"][1].update(party="operator"),
        lambda m: m["inputs"][1].update(tip=m["inputs"][0]["tip"]),
        lambda m: m["slots"][1].update(id="S0"),
        lambda m: m["slots"][0].update(seats=0),
        lambda m: m["slots"][0].update(n=5),
        lambda m: m["rules"]["regions"][0].update(min=4),
        lambda m: m["rules"]["regions"][0].update(set=[450000, 110000]),
        lambda m: m["rules"]["regions"][0].update(set=[110000, 110000]),
        lambda m: m["rules"].update(org_cap=0),
        lambda m: m["rules"].update(org_cap=True),
        lambda m: m["rules"].update(a_max=2**19),
        lambda m: m["draw"].update(prev="00" * 32),
        lambda m: m["draw"].update(seq=2),
        lambda m: m["seal"].update(party="notary"),
        lambda m: m.update(escrow=[{"party": "operator", "digest": "00" * 32}]),
        lambda m: m["supp"].update(mode="lottery"),
        lambda m: m.pop("regime"),
        lambda m: m.update(regime=1),
        lambda m: m["slots"][0].update(hat=m["slots"][0]["hat"].upper()),
    ],
)
def test_manifest_form(change: Change) -> None:
    bundle = played().bundle
    manifest = played().manifest.as_object()
    change(manifest)

    assert judged({**bundle, "manifest": manifest}).failed == "manifest.form"


def test_a_policy_that_nobody_pinned_fails() -> None:
    assert verify(played().file, Asked()).failed == "policy.pinned"
    assert judged(played().bundle, test=True).failed == "policy.pinned"


def test_a_production_bundle_never_holds_a_name() -> None:
    bundle = played().bundle
    member = played().members[0]
    openings = [
        {
            **{k: v for k, v in opening.items() if k not in {"F_id", "F_q"}},
            "salt_id": member.sealed.salt_id.hex(),
            "identity": member.identity,
            "salt_q": member.sealed.salt_q.hex(),
            "qualification": member.qualification,
        }
        if (opening["slot"], opening["position"]) == (member.slot, member.position)
        else opening
        for opening in bundle["openings"]
    ]

    assert judged({**bundle, "openings": openings}).failed == "bundle.form"


def test_a_manifest_logged_twice_or_aborted_fails() -> None:
    draw = played()
    bodies, marks = list(draw.log.bodies), list(draw.log.marks)
    [frozen] = [body for body in bodies if body["type"] == "manifest"]
    aborted = {"type": "abort", "M": frozen["M"], "reason": "withdrawn", "party": ""}
    for extra in (frozen, {**aborted, "sig": "00" * 64}):
        bundle = draw.relogged([*bodies, extra], [*marks, (len(bodies) + 1, UNSEAL_AFTER + 9)])
        assert judged(bundle).failed == "entry.manifest"


def test_a_snapshot_younger_than_cool_fails() -> None:
    draw = played()
    marks = moved(draw.log.marks, 0, draw.log.marks[1][1] - 60)

    # The notary signs one second later than the supervisor: 60 s for one, 59 s for the newest.
    assert judged(draw.relogged(draw.log.bodies, marks)).failed == "snapshot.age"
    marks = moved(draw.log.marks, 0, draw.log.marks[1][1] - 61)
    assert judged(draw.relogged(draw.log.bodies, marks)).word == "passed"


def test_a_value_revealed_before_the_freeze_was_witnessed_fails() -> None:
    draw = played()
    marks = [mark for number, mark in enumerate(draw.log.marks) if number != 1]

    assert judged(draw.relogged(draw.log.bodies, marks)).failed == "order.freeze"


def test_a_seal_opened_too_early_fails() -> None:
    draw = played(sealed=True)
    marks = moved(draw.log.marks, -1 % len(draw.log.marks), UNSEAL_AFTER - 1)

    assert judged(draw.relogged(draw.log.bodies, marks)).failed == "order.beacon"


def test_the_vault_may_reveal_nothing_before_the_time_of_unsealing() -> None:
    draw = played(sealed=True)
    bodies, marks = list(draw.log.bodies), list(draw.log.marks)
    early = marks[-2][0]
    vault = next(b for b in bodies if b["type"] == "reveal" and b["party"] == "vault")
    later = [(size + 1, at) for size, at in marks[-2:]]
    bundle = draw.relogged([*bodies[:early], vault, *bodies[early:]], [*marks[:-2], *later])

    assert judged(bundle).failed == "order.beacon"


def test_a_reveal_in_the_vaults_name_that_is_not_its_value_proves_nothing() -> None:
    draw = played(sealed=True)
    bodies, marks = list(draw.log.bodies), list(draw.log.marks)
    early = marks[-2][0]
    forged = log.reveal_entry(draw.manifest.m, "vault", 0, bytes(32))
    later = [(size + 1, at) for size, at in marks[-2:]]
    bundle = draw.relogged([*bodies[:early], forged, *bodies[early:]], [*marks[:-2], *later])

    assert judged(bundle).word == "passed"


def test_a_second_unsealing_fails() -> None:
    draw = played()
    bodies, (size, at) = list(draw.log.bodies), draw.log.marks[-1]
    bundle = draw.relogged([*bodies, bodies[-1]], [*draw.log.marks[:-1], (size + 1, at)])

    assert judged(bundle).failed == "order.beacon"


def test_a_step_revealed_before_its_decline_was_witnessed_fails() -> None:
    draw = played()
    decline = next(i for i, body in enumerate(draw.log.bodies) if body["type"] == "decline")
    held = next(n for n, (size, _) in enumerate(draw.log.marks) if size > decline)
    marks = [mark for number, mark in enumerate(draw.log.marks) if number != held]

    assert judged(draw.relogged(draw.log.bodies, marks)).failed == "step.next_feasible"


def test_a_result_committed_twice_fails() -> None:
    draw = played()
    bodies, (size, at) = list(draw.log.bodies), draw.log.marks[-1]
    again = log.result_entry(draw.manifest.m, 0, bytes(32))
    marks = [*draw.log.marks[:-1], (size + 1, at)]

    bundle = draw.relogged([*bodies[:-1], again, bodies[-1]], marks)
    assert judged(bundle).failed == "result.committed"


def test_an_earlier_draw_must_be_shown_and_ended() -> None:
    draw = played(after_abort=True)
    bodies, marks = list(draw.log.bodies), list(draw.log.marks)
    gone = next(i for i, body in enumerate(bodies) if body["type"] == "abort")
    sizes: dict[int, int] = {}
    for size, at in marks:  # without the abort two checkpoints have one size: keep the first
        sizes.setdefault(size - (size > gone), at)
    unended = draw.relogged([*bodies[:gone], *bodies[gone + 1 :]], list(sizes.items()))

    assert judged({**draw.bundle, "draws_before": []}).failed == "draw.sequence"
    assert judged({**draw.bundle, "draws_before": [draw.record.manifest]}).failed == "draw.sequence"
    assert judged(unended).failed == "draw.sequence"


def test_an_aborted_draw_may_not_go_on() -> None:
    draw = played(after_abort=True)
    bodies, marks = list(draw.log.bodies), list(draw.log.marks)
    [first] = draw.record.draws_before
    m = bytes.fromhex(draw.manifest.draw.prev.hex())
    assert first["draw"]["seq"] == 1
    late = log.reveal_entry(m, "operator", 0, bytes(32))
    size, at = marks[-1]
    bundle = draw.relogged([*bodies[:-1], late, bodies[-1]], [*marks[:-1], (size + 1, at)])

    assert judged(bundle).failed == "draw.sequence"


def with_results(draw: Played, changed: list[dict[str, Any]]) -> dict[str, Any]:
    """The bundle of a forger who commits to other results, and opens every position there is."""
    results = [
        replace_result._replace(body=body)
        for replace_result, body in zip(draw.record.results, changed, strict=True)
    ]
    digests = {r.body["step"]: log.result_digest(r.salt, r.body).hex() for r in results}
    bodies = [
        {**body, "digest": digests[body["step"]]} if body["type"] == "result" else body
        for body in draw.log.bodies
    ]
    bundle = draw.relogged(bodies, draw.log.marks)
    every = [(slot, at) for slot, hat in enumerate(draw.record.hats) for at in range(len(hat))]
    rows = {(slot, at): draw.record.hats[slot][at] for slot, at in every}
    bundle["results"] = [{"salt": r.salt.hex(), "body": r.body} for r in results]
    bundle["openings"] = [
        {
            "slot": slot,
            "position": at,
            "salt_a": row.salt_a.hex(),
            "tag": row.tag.hex(),
            "org": row.org.hex(),
            "region": row.region,
            "F_id": row.f_id.hex(),
            "F_q": row.f_q.hex(),
        }
        for (slot, at), row in rows.items()
    ]
    bundle["hats"] = [
        {
            "slot": slot,
            "chunks": [
                {"level": 0, "chunk": 0, "nodes": [n.hex() for n in tree_of(h).chunk(0, 0)]}
            ],
        }
        for slot, h in enumerate(draw.record.hats)
    ]
    return bundle


def test_the_second_feasible_attempt_is_not_the_draw() -> None:
    draw = played(declines=())
    values = [b for b in draw.log.bodies if b["type"] == "reveal"]
    ikm = material(InputValue(InputKind.CHAIN, bytes.fromhex(b["y"])) for b in values)
    key = primary_key(ikm, draw.manifest.m)
    feasible = [
        (number, positions)
        for number, positions in zip(range(200), attempts(key, draw.manifest.sizes), strict=False)
        if draw.manifest.rules.allow(members_at(draw.seating.hats, positions))
    ]
    honest, other = (log.result_body(draw.manifest.m, *found) for found in feasible[:2])

    assert judged(with_results(draw, [honest])).word == "passed"
    assert judged(with_results(draw, [other])).failed == "attempt.first_feasible"
    earlier = {**honest, "positions": other["positions"]}
    assert judged(with_results(draw, [earlier])).failed == "attempt.first_feasible"


def test_another_replacement_is_not_the_next() -> None:
    draw = played()
    bodies = [dict(result.body) for result in draw.record.results]
    other = {**bodies[-1], "position": (bodies[-1]["position"] + 1) % 20}
    wrong_seat = {**bodies[-1], "seat": 1}

    assert judged(with_results(draw, bodies)).word == "passed"
    assert judged(with_results(draw, [*bodies[:-1], other])).failed == "step.next_feasible"
    assert judged(with_results(draw, [*bodies[:-1], wrong_seat])).failed == "step.next_feasible"


def test_identities_must_be_those_of_final_members() -> None:
    draw = played()
    member = draw.members[0]
    renamed = replace(member, identity=identity(1_000))
    requalified = replace(member, qualification=qualification(1_001) | {"title": "junior"})
    elsewhere = replace(member, index=(member.index + 1) % 120)
    replaced = [place for place in _primary(draw) if place not in draw.seating.places]
    slot, position = replaced[0]
    declined = replace(member, slot=slot, position=position)
    for lie in (renamed, requalified, elsewhere, declined):
        identities = replace(draw, members=[lie]).identities
        assert judged(draw.bundle, identities=identities).failed == "member.named"
    assert judged(draw.bundle, identities=b"{}").failed == "member.named"
    assert judged(draw.bundle, identities=b"not json").failed == "member.named"


def test_one_identity_alone_is_enough() -> None:
    draw = played()
    one = replace(draw, members=draw.members[2:3]).identities

    assert judged(draw.bundle, identities=one).rows[-2].outcome is Outcome.PASSED


def _primary(draw: Played) -> list[tuple[int, int]]:
    rows = draw.record.results[0].body["positions"]
    return [(slot, at) for slot, row in enumerate(rows) for at in row]


def test_a_label_above_the_computed_value_fails() -> None:
    one_body = tuple(replace(holder, body="platform") for holder in toy_policy().holders)
    for policy in (
        toy_policy(assurance="full"),
        toy_policy(holders=one_body),
        toy_policy(operator="bureau"),
    ):
        draw = Toy(policy=policy, experts=90, declines=()).play()
        assert judged(draw.bundle, policy).failed == "assurance.met"


def test_one_box_alone_may_draw_under_the_label_none() -> None:
    holders = tuple(replace(holder, body="platform") for holder in toy_policy().holders)
    policy = toy_policy(assurance="none", holders=holders)

    verdict = judged(Toy(policy=policy, experts=90, declines=()).play().bundle, policy)

    assert (verdict.word, verdict.assurance) == ("passed", "none")


DRAND = {"kind": "drand", "chain": "00" * 32, "round": 1}


@pytest.mark.parametrize(
    ("change", "assurance"),
    [
        ({}, "full"),
        ({"unchecked": True}, "basic"),
        ({"drand": False}, "basic"),
        ({"sealed": True}, "basic"),
        ({"home": "page"}, "basic"),
        ({"bodies": ("bureau",)}, "basic"),
        ({"bodies": ("bureau", "platform")}, "basic"),
    ],
    ids=str,
)
def test_what_full_assurance_takes(change: dict[str, Any], assurance: str) -> None:
    holders = toy_policy().holders
    page = tuple(replace(holder, home=change.get("home", "own")) for holder in holders)
    manifest = played().manifest.as_object()
    if change.get("drand", True):
        manifest["inputs"].append(DRAND)
    if change.get("sealed"):
        manifest["seal"]["party"] = "centre"
    bundle = {"policy": toy_policy(holders=page).as_object(), "manifest": manifest}
    case = Case(b"", Asked(), bundle=bundle, beacon_unchecked=change.get("unchecked", False))
    case.seen = [Seen(1, b"", (NOON,), frozenset(change.get("bodies", {"bureau", "notary"})))]

    assert computed_assurance(case) == assurance


def test_a_cosignature_of_a_stranger_is_left_out_of_the_bundle_and_refused_in_it() -> None:
    draw = played()
    bundle = draw.bundle
    [first, *rest] = bundle["checkpoints"]
    stranger = first["note"] + first["note"].splitlines(keepends=True)[-1].replace(
        "notary.example/w", "stranger.example/w"
    )
    checkpoints = [{**first, "note": stranger}, *rest]
    published = [draw.record.checkpoints[0]._replace(note=stranger), *draw.record.checkpoints[1:]]

    assert judged({**bundle, "checkpoints": checkpoints}).failed == "checkpoint.signed"
    rebuilt = replace(draw, record=replace(draw.record, checkpoints=published)).bundle
    assert rebuilt == bundle


def test_an_unknown_key_of_the_log_fails() -> None:
    policy = toy_policy(log_key=public("another log"))
    draw = Toy(policy=policy, experts=90, declines=()).play()

    assert judged(draw.bundle, policy).failed == "checkpoint.signed"
