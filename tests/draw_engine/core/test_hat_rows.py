"""A row handed to the supervisor is what its leaf hashes, and gives back what the rules see."""

import pytest

from draw_engine.core.hat_rows import ROW_BYTES, HatRows, packed
from draw_engine.core.selection import Member
from draw_engine.core.snapshot import masked
from tests.draw_engine.core.test_pseudonyms import EPOCH, experts


def test_leaves_and_members_are_those_of_the_hat() -> None:
    hat = masked(experts(300), EPOCH)
    rows = HatRows(b"".join(packed(hat)))

    assert len(rows) == 300
    assert list(rows.leaves()) == [one.leaf for one in hat]
    assert list(rows) == [Member(one.tag, one.org, one.region) for one in hat]
    assert rows[-1] == list(rows)[-1]
    assert rows[2:4] == list(rows)[2:4]


def test_a_piece_of_a_row_is_no_row() -> None:
    with pytest.raises(ValueError, match="116"):
        HatRows(bytes(ROW_BYTES + 1))
