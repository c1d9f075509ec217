"""One expert under many keys: nothing links, everything can be proved."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from draw_engine.core import shares
from draw_engine.core.bundle import enough_to_reject
from draw_engine.core.entries import abort_entry, decline_entry, entry_signed, leaf_data
from draw_engine.core.errors import DuplicateTag, Misshapen, WrongShare
from draw_engine.core.exclusions import (
    Reason,
    exclusion_leaf,
    exclusion_opening,
    exclusion_tree,
    exclusions,
)
from draw_engine.core.manifest import DrawName, Manifest, Where, handle, handle_salt
from draw_engine.core.policy import Policy
from draw_engine.core.selection import CommitteeRules, Hat, Member, RegionRule, members_at
from draw_engine.core.snapshot import (
    PooledExpert,
    PoolKeys,
    masked,
    org_of,
    salts_of,
    tag_of,
)
from draw_engine.core.w256 import Tree, chunks_of, height, verify_proof, width_of
from foundation.digest import canon, sha256
from tests.draw_engine.toy import Toy, public, signing, toy_policy

EPOCH = PoolKeys(*(sha256(bytes([n])) for n in range(3)))
DRAW = DrawName("TOY", "01", 1)


def experts(count: int) -> list[PooledExpert]:
    return [PooledExpert(f"E{n}", f"O{n % 9}", b"{}", b"{}", 110000, 1) for n in range(count)]


def test_nothing_of_one_draw_is_found_in_another() -> None:
    others = (DrawName("TOY", "01", 2, bytes(32)), DrawName("TOY", "02", 1))
    keys = [EPOCH, *(EPOCH.for_draw(name.as_object()) for name in (DRAW, *others))]
    tables = [masked(experts(20), key) for key in keys]

    for one, two in combinations(tables, 2):
        for column in ("tag", "org", "leaf", "f_id", "f_q", "salt_a"):
            shown = {getattr(row, column) for row in one}
            assert shown & {getattr(row, column) for row in two} == set()


def test_the_fast_way_and_the_formulas_agree() -> None:
    [row] = masked(experts(1), EPOCH)

    assert row.tag == tag_of(EPOCH.tag, "E0")
    assert row.org == org_of(EPOCH.org, "O0")
    assert (row.salt_id, row.salt_q, row.salt_a) == salts_of(EPOCH.salt, row.tag, 1)


def test_one_expert_twice_is_refused() -> None:
    with pytest.raises(DuplicateTag):
        masked([*experts(3), experts(1)[0]], EPOCH)


@settings(max_examples=25)
@given(st.integers(1, 700), st.data())
def test_a_proof_shows_one_leaf_at_one_place(size: int, data: st.DataObject) -> None:
    leaves = [sha256(n.to_bytes(4, "big")) for n in range(size)]
    tree, index = Tree(leaves), data.draw(st.integers(0, size - 1))
    proof = tree.proof(index)

    assert len(proof) == height(size) == len(tree.levels) - 1
    assert verify_proof(leaves[index], index, size, proof, tree.root)
    assert not verify_proof(leaves[index], index, size + 1, proof, tree.root)
    assert not verify_proof(leaves[index], (index + 1) % (size + 1), size, proof, tree.root)
    assert not verify_proof(leaves[index], index, size, [*proof, [tree.root]], tree.root)
    assert not verify_proof(leaves[index], index, size, proof[:-1], tree.root)
    longer = [[*proof[0], bytes(32)], *proof[1:]]
    assert not verify_proof(leaves[index], index, size, longer, tree.root)


def test_the_chunks_of_many_positions_are_each_named_once() -> None:
    assert chunks_of([0, 5, 300, 65_536], 70_000) == [
        (0, 0),
        (0, 1),
        (0, 256),
        (1, 0),
        (1, 1),
        (2, 0),
    ]
    assert [width_of(level, 0, 70_000) for level in range(3)] == [256, 256, 2]
    assert width_of(0, 273, 70_000) == 70_000 - 273 * 256
    assert Tree([]).root == sha256(b"\x02" + bytes(8))


def test_only_the_expert_can_open_an_exclusion() -> None:
    tags = {bytes([n]) * 16: Reason.CONFLICT for n in (9, 3, 7)}
    excluded = exclusions(tags, EPOCH.salt)
    tree = exclusion_tree(excluded)
    opening = exclusion_opening(excluded[1], tree, 1)

    assert [item.tag[0] for item in excluded] == [3, 7, 9]
    assert opening["tag"] == (bytes([7]) * 16).hex()
    proof = [[bytes.fromhex(n) for n in chunk] for chunk in opening["proof"]]  # type: ignore[attr-defined]
    leaf = exclusion_leaf(excluded[1].tag, 7, excluded[1].salt)
    assert verify_proof(leaf, 1, 3, proof, tree.root)


def test_a_chain_opens_link_by_link() -> None:
    values = shares.chain(bytes(32), 5)

    assert len(values) == 6
    before = shares.tip_of(values)
    for value in values:
        shares.check_link(value, before)
        before = value
    with pytest.raises(WrongShare):
        shares.check_link(values[2], values[0])


def test_a_tip_is_signed_for_one_draw_only() -> None:
    key, tip = signing("operator"), bytes(32)
    signature = shares.sign_tip(DRAW.as_object(), "operator", tip, key)
    again = DrawName("TOY", "01", 2, bytes(32)).as_object()

    assert shares.tip_signed(DRAW.as_object(), "operator", tip, signature, public("operator"))
    assert not shares.tip_signed(again, "operator", tip, signature, public("operator"))
    assert not shares.tip_signed(DRAW.as_object(), "centre", tip, signature, public("operator"))


def test_a_section_has_one_handle_in_every_draw() -> None:
    salt = handle_salt(bytes(32), "TOY", "01")

    assert handle(salt, "TOY", "01") == handle(handle_salt(bytes(32), "TOY", "01"), "TOY", "01")
    assert handle(salt, "TOY", "02") != handle(salt, "TOY", "01")


def test_manifest_and_policy_are_read_as_they_were_written() -> None:
    manifest = Toy(experts=90, dice=True, kept=1, declines=()).play().manifest

    assert Manifest.read(manifest.as_object()) == manifest
    assert Policy.read(toy_policy().as_object()) == toy_policy()


def test_where_means_some_code_and_any_region_or_title_if_none_is_named() -> None:
    where = Where(("A08", "B"), regions=(110000,), titles=("senior",))

    assert where.holds(["C01", "A0801"], 110000, "senior")
    assert not where.holds(["C01", "A0901"], 110000, "senior")
    assert not where.holds(["B"], 120000, "senior")
    assert not where.holds(["B"], 110000, "junior")
    assert Where(("A",)).holds(["A01"], 1, "")
    assert not Where(()).holds(["A01"], 1, "")


def test_an_entry_has_exactly_its_members() -> None:
    entry = decline_entry(bytes(32), 0, 1, "refused", bytes(32))

    assert leaf_data(entry) == canon(entry)
    for wrong in (
        {**entry, "name": ""},
        {k: v for k, v in entry.items() if k != "seat"},
        {**entry, "class": "tired"},
        {**entry, "M": entry["M"].upper() + "AA"},
        {**entry, "seat": True},
        {**entry, "type": "rumour"},
    ):
        with pytest.raises(Misshapen):
            leaf_data(wrong)


def test_an_abort_bears_its_signature() -> None:
    entry = abort_entry(bytes(32), "withdrawn", "", signing("supervisor"))

    leaf_data(entry)
    assert entry_signed(entry, public("supervisor"))
    assert not entry_signed({**entry, "reason": "deadline"}, public("supervisor"))


people = st.builds(
    lambda tag, org, region: Member(bytes([tag]) * 16, bytes([org]) * 16, region),
    st.integers(0, 9),
    st.integers(0, 3),
    st.integers(0, 2),
)


@given(
    st.lists(people, min_size=2, max_size=6),
    st.lists(people, max_size=2),
    st.sets(st.integers(0, 5)),
    st.integers(1, 2),
    st.integers(0, 3),
)
def test_a_rejected_attempt_is_shown_with_the_fewest_openings(
    members: list[Member], keep: list[Member], already: set[int], cap: int, low: int
) -> None:
    rules = CommitteeRules(cap, (RegionRule(frozenset({0}), low, 3),))
    hats, positions = [Hat(members, len(members))], (tuple(range(len(members))),)
    total = len(members) + len(keep)
    is_open = {(0, at) for at in already if at < len(members)}
    everybody = [*keep, *members_at(hats, positions)]
    if rules.allow(everybody):
        with pytest.raises(Misshapen):
            enough_to_reject(positions, hats, rules, keep, is_open)
        return

    more = enough_to_reject(positions, hats, rules, keep, is_open)

    def shows(places: set[tuple[int, int]]) -> bool:
        opened = [*keep, *(members[at] for _, at in sorted(places))]
        return rules.forbid(opened, total)

    assert more & is_open == set()
    assert shows(is_open | more)
    hidden = [(0, at) for at in range(len(members)) if (0, at) not in is_open]
    for fewer in combinations(hidden, max(0, len(more) - 1)):
        assert not more or not shows(is_open | set(fewer))


def test_every_opening_of_a_bundle_is_needed() -> None:
    played = Toy(experts=90).play()
    needed = {(o["slot"], o["position"]) for o in played.bundle["openings"]}

    assert set(played.seating.places) <= needed
    assert needed < {(s, at) for s, hat in enumerate(played.record.hats) for at in range(len(hat))}
