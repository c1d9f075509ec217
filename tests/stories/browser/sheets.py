"""What the members give: five different sheets from the example criteria, two odd cells."""

import json
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from tests.stories.browser.expert import Cell, Entry
from tests.stories.browser.office import CRITERIA
from tests.stories.office import BIDDERS


@dataclass(frozen=True)
class Odd:
    """A cell that looks odd to the room, and how its member answers."""

    member: int
    cell: Cell
    score: str
    answer: str
    amended: str = ""


ODD = (
    Odd(2, (1, "organisation"), "9.5", "复核后维持：进度表与资源表不一致。"),
    Odd(3, (2, "record"), "5", "漏看第三页的验收证明，改正。", amended="10"),
)
"""The first is far from the median and kept; the second differs where all must agree."""


@cache
def criteria() -> tuple[dict[str, Any], ...]:
    """The lines of the score sheet."""
    return tuple(json.loads(CRITERIA.read_text("utf-8"))["criteria"])


def price_weight() -> int:
    """What the price counts."""
    return int(json.loads(CRITERIA.read_text("utf-8"))["price_weight"])


def sheet(member: int) -> list[Entry]:
    """A member's whole sheet, down the criteria of each bidder."""
    return [
        _entry(member, (bidder, line["id"]), at, line)
        for bidder in range(len(BIDDERS))
        for at, line in enumerate(criteria())
    ]


def _entry(member: int, cell: Cell, at: int, line: dict[str, Any]) -> Entry:
    full, step = Decimal(line["max"]), Decimal(line["step"])
    shared = line["kind"] == "objective"
    drop = cell[0] % 2 if shared else (member * (at + 1) + 3 * cell[0] * at + cell[0] + at) % 5
    odd = next((one.score for one in ODD if (one.member, one.cell) == (member, cell)), None)
    score = odd or f"{(full - drop * step).normalize():f}"
    reason = "" if Decimal(score) == full else f"第 {at + 1} 项内容不够具体，见第 2 页。"
    return cell, score, reason
