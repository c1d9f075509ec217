"""Columns give the bytes of the readable form: tags, leaves, hats, exclusions, the dry run."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from draw_engine.core.admission import dry_run
from draw_engine.core.changes import changes_between, changes_hash
from draw_engine.core.columns import ExpertFacts
from draw_engine.core.errors import DuplicateTag
from draw_engine.core.exclusions import Reason, exclusion_tree, exclusions
from draw_engine.core.manifest import Where
from draw_engine.core.masking import Hat, Masked, by_tag, excluded, mask, tags_of
from draw_engine.core.pooled import PooledColumns
from draw_engine.core.selection import CommitteeRules, Member, RegionRule
from draw_engine.core.selection import Hat as Selectable
from draw_engine.core.snapshot import PoolKeys, masked, tag_of, tree_of
from draw_engine.core.texts import Ints, Names
from draw_engine.core.w256 import Tree
from draw_engine.kernel import KERNEL, Kernel, build
from foundation.digest import canon
from foundation.ids import ExpertId

WAYS: Final = [None, *([KERNEL] if KERNEL is not None else [])]
CODES: Final = ("A01", "A0101", "A010101", "A0102", "B01", "B010203", "C")

experts = st.builds(
    ExpertFacts,
    expert_id=st.from_regex(r"ex_[a-z0-9]{0,70}", fullmatch=True).map(ExpertId),
    version=st.integers(1, 2**31 - 2),
    region=st.sampled_from((110000, 310000, 650000)),
    employer=st.just("E"),
    group=st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40),
    classification=st.just("2018"),
    codes=st.sets(st.sampled_from(CODES), min_size=1).map(lambda codes: tuple(sorted(codes))),
    title=st.sampled_from(("高级工程师", "工程师")),
    valid_to=st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    admitted_at=st.just(datetime(2020, 1, 1, tzinfo=UTC)),
)
pools = st.lists(experts, max_size=20, unique_by=lambda one: one.expert_id)
names = st.text(st.characters(codec="utf-8"), max_size=120)
keys = st.builds(PoolKeys, *[st.binary(min_size=32, max_size=32)] * 3)


def pooled(facts: list[ExpertFacts], name: str = "赵文明") -> PooledColumns:
    return PooledColumns.of(facts, {one.expert_id: {"id": "1", "name": name} for one in facts})


def rows_of(pool: PooledColumns) -> Ints:
    return np.arange(len(pool), dtype=np.int32)


def test_a_machine_with_a_compiler_gets_a_kernel_that_computes_right(tmp_path: Path) -> None:
    built = build(tmp_path)
    assert (built is None) == (shutil.which("cc") is None)
    if built is not None:
        assert Kernel.load(built) is not None
        assert KERNEL is not None, "set-up has not built it; type: make install"


def test_a_library_that_computes_otherwise_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A miscompiled or foreign file costs speed, never a leaf."""
    broken = tmp_path / "kernel.so"
    broken.write_bytes(b"no library")
    assert Kernel.load(broken) is None
    if KERNEL is not None:
        monkeypatch.setattr(Kernel, "macs", lambda *_: np.zeros((20, 16), np.uint8))
        assert Kernel.load() is None


ROOT = Path(__file__).parents[3]
FORKED = """
import os, signal
from draw_engine.kernel import KERNEL
if child := os.fork():
    os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0)
signal.alarm(20)
if KERNEL is not None:
    assert KERNEL._is_right()
os._exit(0)
"""


def test_a_forked_process_computes_as_well() -> None:
    """A fork copies the executor and none of its threads; the child would wait for ever."""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", FORKED], check=False, cwd=ROOT)
    assert done.returncode == 0


@settings(deadline=None, max_examples=30)
@given(pools, names, keys)
def test_columns_are_masked_to_the_same_leaves_in_the_same_order(
    facts: list[ExpertFacts], name: str, secret: PoolKeys
) -> None:
    pool = pooled(facts, name)
    plain = masked(pool.experts(), secret)
    for kernel in WAYS:
        found = mask(pool, rows_of(pool), secret, kernel)
        assert [one.tobytes() for one in found.tags] == [one.tag for one in plain]
        assert [one.tobytes() for one in found.orgs] == [one.org for one in plain]
        assert [one.tobytes() for one in found.leaves] == [one.leaf for one in plain]
        assert found.region.tolist() == [one.region for one in plain]
        assert found.tree().root == tree_of(plain).root
        hat = Hat(found, rows_of(pool), secret, pool.expert)
        assert list(hat) == plain
        assert [hat[at] for at in range(len(hat))] == plain
        assert list(hat.members) == [Member(one.tag, one.org, one.region) for one in plain]
        assert [hat.members[at] for at in range(len(hat))] == list(hat.members)


@settings(deadline=None, max_examples=30)
@given(pools, keys)
def test_exclusions_are_the_same_as_one_by_one(facts: list[ExpertFacts], secret: PoolKeys) -> None:
    pool = pooled(facts)
    reasons = np.array([1 + at % 8 for at in range(len(pool))], np.uint8)
    by_hand = {
        tag_of(secret.tag, pool.ids[row]): Reason(why) for row, why in enumerate(reasons.tolist())
    }
    plain = exclusions(by_hand, secret.salt)
    for kernel in WAYS:
        found = excluded(pool, rows_of(pool), reasons, secret, kernel)
        assert list(found) == plain
        assert found.tree().root == exclusion_tree(plain).root


@settings(deadline=None, max_examples=30)
@given(
    pools,
    st.lists(st.sampled_from(("A", "A01", "A0101", "B0102", "C", "D")), max_size=3, unique=True),
    st.sets(st.sampled_from((110000, 650000))),
    st.sets(st.sampled_from(("工程师", "院士"))),
)
def test_a_slice_of_the_pairs_finds_whom_the_predicate_holds_for(
    facts: list[ExpertFacts], codes: list[str], regions: set[int], titles: set[str]
) -> None:
    pool = pooled(facts)
    wheres = [Where(tuple(codes), tuple(regions), tuple(titles)), Where(("A01",))]
    rows, bits = pool.candidates(wheres)

    for slot, where in enumerate(wheres):
        expected = [
            row
            for row, one in enumerate(sorted(facts, key=lambda one: one.expert_id))
            if where.holds(list(one.codes), one.region, one.title)
        ]
        assert rows[bits & (1 << slot) != 0].tolist() == expected
    assert rows.tolist() == sorted(set(rows.tolist()))


@settings(deadline=None, max_examples=30)
@given(pools, st.integers(1, 7), keys)
def test_parts_that_follow_each_other_are_the_whole(
    facts: list[ExpertFacts], size: int, secret: PoolKeys
) -> None:
    facts = sorted(facts, key=lambda one: one.expert_id)
    whole = pooled(facts)
    parts = [pooled(facts[at : at + size]) for at in range(0, len(facts), size)]
    again = PooledColumns.joined(PooledColumns.of_arrays(part.arrays()) for part in parts)
    old = PooledColumns.of_rows(
        [
            [
                one.expert_id,
                one.org_group,
                one.identity.decode(),
                one.qualification.decode(),
                one.region,
                one.version,
            ]
            for one in whole.experts()
        ]
    )
    for other in (again, old):
        assert list(other.experts()) == list(whole.experts())
        assert other.candidates([Where(("A01",))])[0].tolist() == (
            whole.candidates([Where(("A01",))])[0].tolist()
        )


@settings(max_examples=20, deadline=None)
@given(pools, pools)
def test_the_list_of_changes_is_hashed_as_if_it_were_whole(
    before: list[ExpertFacts], now: list[ExpertFacts]
) -> None:
    now = [*now, *(replace(one, version=one.version + 1) for one in before[::2])]
    now = list({one.expert_id: one for one in now}.values())
    old, new = list(pooled(before).experts()), list(pooled(now).experts())
    was, has = ({one.expert_id: one for one in some} for some in (old, new))
    lines = [
        [one.expert_id, one.org_group, one.version] for one in new if was.get(one.expert_id) != one
    ]
    lines += [[one.expert_id, one.org_group, 0] for one in old if one.expert_id not in has]

    assert changes_hash(changes_between(old, new)) == sha256(canon(sorted(lines))).digest()


@given(st.integers(0, 70_000), st.integers(0, 255))
@settings(max_examples=8, deadline=None)
def test_a_tree_over_a_buffer_is_the_tree_over_its_leaves(size: int, salt: int) -> None:
    data = np.random.default_rng(salt).bytes(32 * size)
    leaves = [data[at : at + 32] for at in range(0, len(data), 32)]
    one, other = Tree.over(data), Tree(leaves)
    assert (one.root, one.size) == (other.root, size)
    if size:
        assert one.proof(size - 1) == other.proof(size - 1)


def test_tags_that_share_eight_bytes_are_ordered_by_the_rest_and_equal_ones_refused() -> None:
    tags = np.frombuffer(b"".join(b"12345678" + bytes([9 - n]) * 8 for n in range(9)), np.uint8)
    tags = tags.reshape(-1, 16)
    assert by_tag(tags).tolist() == list(range(8, -1, -1))
    with pytest.raises(DuplicateTag):
        by_tag(np.concatenate([tags, tags[:1]]))


@pytest.mark.parametrize("kernel", WAYS)
def test_the_same_expert_twice_is_refused(kernel: Kernel | None) -> None:
    pool, secret = pooled([_somebody()]), PoolKeys(bytes(32), bytes(32), bytes(32))
    with pytest.raises(DuplicateTag):
        mask(pool, np.zeros(2, np.int32), secret, kernel)


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 3))
def test_the_dry_run_over_columns_counts_as_over_members(seed: int, cap: int) -> None:
    facts = [
        replace(_somebody(), expert_id=ExpertId(f"ex_{n:03d}"), group=f"G{n % 11}",
                region=(110000, 310000)[n % 2])
        for n in range(40)
    ]  # fmt: skip
    pool, secret = pooled(facts), PoolKeys(*(seed.to_bytes(32, "big"),) * 3)
    every = mask(pool, rows_of(pool), secret)
    places = (np.arange(0, 30, dtype=np.int32), np.arange(20, 40, dtype=np.int32))
    hats = [Hat(every, at, secret, pool.expert).members for at in places]
    rules = CommitteeRules(cap, (RegionRule(frozenset({110000}), 1, 4),))

    columns = [Selectable(hat, seats) for hat, seats in zip(hats, (2, 3), strict=True)]
    members = [Selectable(list(hat), seats) for hat, seats in zip(hats, (2, 3), strict=True)]
    m = sha256(seed.to_bytes(8, "big")).digest()

    assert dry_run(m, columns, rules) == dry_run(m, members, rules)
    kept = [hats[0][0]]
    assert dry_run(m, columns, rules, kept) == dry_run(m, members, rules, kept)


def test_names_are_found_by_content_and_never_by_a_prefix() -> None:
    known = Names.of(["a", "ab", "b"])
    assert known.find(["ab", "a", "abc", "c", ""]).tolist() == [1, 0, -1, -1, -1]
    assert ["a" in known, "abc" in known, 1 in known] == [True, False, False]
    assert len(Names.of([])) == 0
    assert Names.of([]).find(["a"]).tolist() == [-1]
    assert tags_of(known, np.array([1], np.int32), bytes(32))[0].tobytes() == tag_of(
        bytes(32), "ab"
    )


def test_an_empty_pool_has_an_empty_tree() -> None:
    pool, secret = pooled([]), PoolKeys(bytes(32), bytes(32), bytes(32))
    for kernel in WAYS:
        found: Masked = mask(pool, rows_of(pool), secret, kernel)
        assert found.tree().root == Tree([]).root
        none = np.empty(0, np.uint8)
        assert excluded(pool, rows_of(pool), none, secret, kernel).tree().root == Tree([]).root


def _somebody() -> ExpertFacts:
    return ExpertFacts(
        ExpertId("ex_1"), 1, 110000, "E", "G", "2018", ("A01",), "工程师", date(2030, 1, 1),
        datetime(2020, 1, 1, tzinfo=UTC),
    )  # fmt: skip


def test_the_qualification_is_the_one_that_the_columns_were_made_from() -> None:
    pool = pooled([_somebody()])
    assert json.loads(pool.qualification[0])["codes"] == ["A01"]
