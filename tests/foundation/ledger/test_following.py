"""A followed log: growth is taken, and a fork, a shortening or another key are not."""

from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from foundation.ledger import tree
from foundation.ledger.following import (
    Edge,
    Forked,
    LogPin,
    OtherKey,
    PinUnreadable,
    RolledBack,
    Seen,
)
from foundation.ledger.note import CheckpointText, NoteUnreadable, sign_log, write_note

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PIN = LogPin("b.example/log", KEY.public_key().public_bytes_raw())
LEAVES = [f"leaf {number}".encode() for number in range(300)]


def told(leaves: list[bytes]) -> CheckpointText:
    hashes = [tree.leaf_hash(one) for one in leaves]
    return CheckpointText(PIN.origin, len(leaves), tree.root(hashes))


def seen(leaves: list[bytes]) -> Seen:
    return Seen().grown(told(leaves), [leaves])


@given(st.integers(0, 300), st.integers(0, 300), st.integers(1, 40))
def test_an_edge_that_grows_has_the_root_of_the_whole_tree(a: int, b: int, step: int) -> None:
    old, new = sorted((a, b))
    before = seen(LEAVES[:old])
    rest = [LEAVES[at : min(at + step, new)] for at in range(old, new, step)]

    after = before.grown(told(LEAVES[:new]), rest)

    assert (after.size, after.root) == (new, told(LEAVES[:new]).root)
    assert after == seen(LEAVES[:new])


@given(st.integers(1, 60), st.integers(0, 60), st.data())
def test_whatever_leaf_of_the_past_is_another_is_a_fork(
    old: int, more: int, data: st.DataObject
) -> None:
    changed = LEAVES[: old + more]
    changed[data.draw(st.integers(0, old - 1))] = b"another"

    with pytest.raises(Forked):
        seen(LEAVES[:old]).grown(told(changed), [changed[old:]])


def test_a_leaf_that_was_left_out_is_a_fork() -> None:
    with pytest.raises(Forked):
        seen(LEAVES[:5]).grown(told(LEAVES[:9]), [LEAVES[5:8]])
    with pytest.raises(Forked):
        seen(LEAVES[:5]).grown(told(LEAVES[:9]), [LEAVES[5:7], LEAVES[8:9]])


def test_a_shorter_log_is_rolled_back_and_is_not_called_a_fork() -> None:
    with pytest.raises(RolledBack):
        seen(LEAVES[:9]).before(told(LEAVES[:8]))


def test_the_same_size_under_another_root_is_a_fork_before_a_leaf_was_read() -> None:
    with pytest.raises(Forked):
        seen(LEAVES[:9]).before(told([*LEAVES[:8], b"another"]))


def test_only_the_pinned_key_speaks_for_the_log() -> None:
    other = Ed25519PrivateKey.generate()
    text = told(LEAVES[:3])

    assert PIN.checkpoint(write_note(text, sign_log(text, KEY))) == text
    with pytest.raises(OtherKey):
        PIN.checkpoint(write_note(text, sign_log(text, other)))
    elsewhere = CheckpointText("c.example/log", 3, text.root)
    with pytest.raises(OtherKey):
        PIN.checkpoint(write_note(elsewhere, sign_log(elsewhere, KEY)))
    with pytest.raises(NoteUnreadable):
        PIN.checkpoint("no note")


def test_a_pin_reads_back_and_a_slip_of_the_hand_is_caught() -> None:
    assert LogPin.read(f" {PIN.line}\n") == PIN
    origin, hashed, key = PIN.line.split("+")
    for wrong in (
        "",
        origin,
        f"{origin}+{hashed}",
        f"{origin}x+{hashed}+{key}",
        f"{origin}+{hashed}+{key[:-2]}",
        f"{origin}+{hashed}+{key[:-1]}{'0' if key[-1] != '0' else '1'}",
        f"{origin}+{hashed}+{key.upper()}",
        f"+{hashed}+{key}",
        f"{origin}+{hashed}+{b64encode(bytes.fromhex(key)).decode()}",
    ):
        with pytest.raises(PinUnreadable):
            LogPin.read(wrong)


def test_an_edge_of_the_wrong_width_is_none() -> None:
    with pytest.raises(ValueError, match="subtree"):
        Edge(3, [bytes(32)])
