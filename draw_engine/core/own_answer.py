"""The size of what an expert is told of a draw: the same, whoever asks and whatever it says.

Whoever watches the line must not learn from a length that somebody was left out.

Source: SPEC.md section 9, "Expert".
"""

from collections.abc import Mapping
from typing import Any, Final

from draw_engine.core.errors import Misshapen
from draw_engine.core.manifest import Manifest
from draw_engine.core.w256 import WIDTH
from foundation.digest import canon

STEP: Final = 4096
OF_A_NODE: Final = 67
"""Characters of a hash in a list: 64, two quotes and a comma."""
OF_A_PLACE: Final = 2048
"""Characters of an opening beside its proof: identity and qualification among them."""
OF_THE_REST: Final = 4096
"""Evidence of declines, and the frame."""


def size_of(manifest: Manifest) -> int:
    """How many bytes every answer about this draw has: room for the largest."""
    hats = sum(OF_A_PLACE + _proof(slot.n) for slot in manifest.slots)
    largest = max(hats, OF_A_PLACE + _proof(manifest.exclusions.n)) + OF_THE_REST
    return -(-largest // STEP) * STEP


def padded(answer: Mapping[str, Any], size: int) -> dict[str, Any]:
    """The answer with a member `pad`, so that its canonical form has `size` bytes; one that is
    larger, with evidence longer than anybody writes, goes up by whole steps."""
    if "pad" in answer:
        raise Misshapen(wanted="an answer without padding")
    bare = len(canon({**answer, "pad": ""}))
    while size < bare:
        size += STEP
    return {**answer, "pad": "0" * (size - bare)}


def _proof(n: int) -> int:
    """Characters of the longest proof in a tree of `n` leaves."""
    found, count = 0, n
    while count > 1 or (count == 1 and found == 0):
        found += OF_A_NODE * min(count, WIDTH) + 3
        count = -(-count // WIDTH)
    return found
