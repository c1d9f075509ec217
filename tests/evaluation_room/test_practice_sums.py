"""The practice room adds up as the real one: one vector, this code and the browser's."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evaluation_room.core import scoring
from evaluation_room.core.room import Room, Seat
from evaluation_room.core.undertaking import TEXT
from evaluation_room.core.values import Bidder, Criteria, OpenedSheet, SeatKind

ROOT = Path(__file__).parents[2]
VECTORS: list[dict[str, Any]] = json.loads(
    (ROOT / "tests/vectors/practice_sums.json").read_text("utf-8")
)


def told(case: dict[str, Any]) -> dict[str, Any]:
    """Flags and results of a case, as the room computes them."""
    seats = tuple(
        Seat(
            id=sheet["seat"],
            alias=sheet["seat"],
            kind=SeatKind.EXPERT,
            draw_seat=None,
            may_lead=True,
            since=datetime(2026, 1, 1, tzinfo=UTC),
            opened=OpenedSheet.model_validate(sheet),
        )
        for sheet in case["sheets"]
    )
    room = Room(
        criteria=Criteria.model_validate(case["criteria"]),
        bidders=tuple(
            Bidder(name=one["id"], unified_credit_code="91330100GENAAAA01F", **one)
            for one in case["bidders"]
        ),
        all_seats=seats,
        amended={
            (one["seat"], one["bidder"], one["criterion"]): one["after"] for one in case["amended"]
        },
    )
    return {
        "flags": [flag.model_dump(mode="json") for flag in scoring.flags(room)],
        "results": scoring.results(room).model_dump(mode="json"),
    }


def test_the_vector_is_what_the_room_computes() -> None:
    assert len(VECTORS) >= 3
    for case in VECTORS:
        assert told(case) == {"flags": case["flags"], "results": case["results"]}, case["name"]


def test_the_toy_asks_for_the_undertaking_of_the_real_room() -> None:
    toy = (ROOT / "web/src/practice/toy.ts").read_text("utf-8")
    found = re.search(r"export const UNDERTAKING = `([^`]+)`", toy)
    assert found
    heading, _, promises = found[1].partition("\n")
    assert "练习" in heading
    assert promises == TEXT.partition("\n")[2]
