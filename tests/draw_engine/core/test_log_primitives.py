"""Proofs of the log prove what they say and nothing else; notes have one spelling."""

from base64 import b64decode, b64encode
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.ledger import tree
from foundation.ledger.note import (
    CheckpointText,
    NoteUnreadable,
    cosign,
    cosigned_at,
    log_signed,
    read_note,
    sign_log,
    write_note,
)
from tests.draw_engine.toy import NOON, ORIGIN, SUPERVISOR_WITNESS, public, signing

LEAVES = [tree.leaf_hash(bytes([n])) for n in range(70)]
sizes = st.integers(0, len(LEAVES))


def splitting_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1 as it is written: split at the largest power of two below n."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"").digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    left, right = splitting_root(leaves[:half]), splitting_root(leaves[half:])
    return sha256(b"\x01" + left + right).digest()


@given(sizes)
def test_the_root_is_that_of_the_standard(size: int) -> None:
    assert tree.root(LEAVES[:size]) == splitting_root(LEAVES[:size])


@given(st.data(), st.integers(1, len(LEAVES)))
def test_an_inclusion_proof_fits_one_leaf_at_one_place(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves = LEAVES[:size]
    path, root = tree.inclusion_proof(leaves, index), tree.root(leaves)

    assert tree.verify_inclusion(leaves[index], index, size, path, root)
    assert not tree.verify_inclusion(leaves[index], index, size, [*path, root], root)
    assert not tree.verify_inclusion(leaves[index], index, size, path, leaves[index] + b"x")
    for other in set(range(size)) - {index}:
        assert not tree.verify_inclusion(leaves[index], other, size, path, root)
    for at in range(len(path)):
        wrong = [*path[:at], sha256(path[at]).digest(), *path[at + 1 :]]
        assert not tree.verify_inclusion(leaves[index], index, size, wrong, root)
        assert not tree.verify_inclusion(
            leaves[index], index, size, path[:at] + path[at + 1 :], root
        )


@given(sizes, sizes)
def test_a_consistency_proof_fits_one_history(one: int, two: int) -> None:
    old, new = sorted((one, two))
    before, after = tree.root(LEAVES[:old]), tree.root(LEAVES[:new])
    path = tree.consistency_proof(LEAVES, old, new)
    rewritten = tree.root([*LEAVES[: max(0, old - 1)], bytes(32)])

    assert tree.verify_consistency(old, new, before, after, path)
    assert not tree.verify_consistency(old, new, rewritten, after, path)
    assert not tree.verify_consistency(old, new, before, after, [*path, after])
    for at in range(len(path)):
        wrong = [*path[:at], sha256(path[at]).digest(), *path[at + 1 :]]
        assert not tree.verify_consistency(old, new, before, after, wrong)


def test_proofs_of_what_is_not_there_are_refused() -> None:
    with pytest.raises(IndexError):
        tree.inclusion_proof(LEAVES[:3], 3)
    with pytest.raises(ValueError, match="consistency"):
        tree.consistency_proof(LEAVES[:3], 2, 4)
    assert not tree.verify_inclusion(LEAVES[0], 1, 1, [], LEAVES[0])
    assert not tree.verify_consistency(3, 2, bytes(32), bytes(32), [])


TEXT = CheckpointText(ORIGIN, 3, sha256(b"root").digest())


def note() -> str:
    lines = (
        sign_log(TEXT, signing("log")),
        cosign(TEXT, SUPERVISOR_WITNESS, signing("witness"), NOON),
    )
    return write_note(TEXT, *lines)


def test_a_note_is_read_as_it_was_written() -> None:
    read = read_note(note())

    assert read.checkpoint == TEXT
    assert log_signed(read, ORIGIN, public("log"))
    assert not log_signed(read, ORIGIN, public("witness"))
    assert cosigned_at(read, SUPERVISOR_WITNESS, public("witness")) == NOON
    assert cosigned_at(read, SUPERVISOR_WITNESS, public("log")) is None
    assert cosigned_at(read, "another.example/w", public("witness")) is None


def test_the_older_of_two_cosignatures_counts() -> None:
    later = cosign(TEXT, SUPERVISOR_WITNESS, signing("witness"), NOON + 60)

    assert cosigned_at(read_note(note() + later), SUPERVISOR_WITNESS, public("witness")) == NOON


@pytest.mark.parametrize(
    "change",
    [
        lambda n: n[:-1],
        lambda n: n + "\n",
        lambda n: n.replace("\n3\n", "\n03\n"),
        lambda n: n.replace("\n3\n", "\n+3\n"),
        lambda n: n.replace("\n3\n", "\n3\nextension\n"),
        lambda n: n.replace("\n\n", "\n"),
        lambda n: n.replace("— ", "- "),
        lambda n: n.replace("— ", "—  "),
        lambda n: n.split("\n\n")[0] + "\n\n",
        lambda n: f"\n{n}",
    ],
)
def test_a_note_has_one_spelling(change: object) -> None:
    assert callable(change)
    altered = change(note())

    with pytest.raises(NoteUnreadable):
        _ = read_note(altered).checkpoint


def test_spare_bits_of_base64_are_refused() -> None:
    root = b64encode(TEXT.root).decode()
    spare = root[:-2] + chr(ord(root[-2]) + 1) + "="
    assert b64decode(spare) == TEXT.root

    with pytest.raises(NoteUnreadable):
        _ = read_note(note().replace(root, spare)).checkpoint
