"""A2, A4, A5, A9, E2: shaping the pool, or going round it."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.doors import openapi_of
from app.main import create_app
from draw_engine.core.request import Party
from draw_engine.record import DrawUnknown
from evaluation_room import errors
from evaluation_room.committee import DrawCommittee
from foundation.ids import DrawId
from tests.draw_engine.draw_bench import ENTITY, DrawBench
from tests.evaluation_room.bench import RoomBench

OF_AN_EXPERT = {
    ("post", "/api/accounts", "expert_id"),  # the administrator opens an expert's account
    ("post", "/api/appointments", "phone"),  # an applicant's, on the way to the vault
    # who enters a measure, reports a case or puts an exit forward says whom it concerns; a
    # second person makes it true
    ("post", "/api/blacklist", "expert_id"),
    ("post", "/api/cases", "expert_id"),
    ("post", "/api/exits", "expert_id"),
    # what is on record about one expert, to read
    ("get", "/api/blacklist", "expert"),
    ("get", "/api/blacklist/proposals", "expert"),
    ("get", "/api/cases", "expert"),
    ("get", "/api/exits", "expert"),
    ("get", "/api/points/{expert_id}", "expert_id"),
    ("get", "/api/standing/{expert_id}", "expert_id"),
}
"""Every door that takes an expert; none of them leads to a draw."""

PERSONAL = ("expert", "person", "member", "tag", "phone", "candidate", "exclude", "recuse")
BROAD = {"/api/accounts": {"person_ref"}}
"""`person_ref` tells which posts are one person's (R-SOD-1); experts' accounts have none."""


def taken(document: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Method, path and name of everything that a door takes, however deep."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            body = operation.get("requestBody", {}).get("content", {})
            names = {one["name"] for one in operation.get("parameters", [])}
            for name in names | set(_members(body, document, frozenset())):
                yield method, path, name


def _members(part: Any, document: dict[str, Any], seen: frozenset[str]) -> Iterator[str]:
    if isinstance(part, list):
        for one in part:
            yield from _members(one, document, seen)
    elif isinstance(part, dict):
        name = str(part.get("$ref", "")).rpartition("/")[2]
        if name and name not in seen:
            yield from _members(document["components"]["schemas"][name], document, seen | {name})
        yield from part.get("properties", {})
        for one in part.values():
            yield from _members(one, document, seen)


def ways_to_a_person(document: dict[str, Any]) -> set[tuple[str, str, str]]:
    """What doors take that could name an expert."""
    return {
        (method, path, name)
        for method, path, name in taken(document)
        if any(word in name.lower() for word in PERSONAL) and name not in BROAD.get(path, set())
    }


def test_a5_no_door_of_a_draw_or_a_room_takes_an_expert() -> None:
    """R-PRIN-1, R-NARROW-3: nobody can be appointed by name, and nobody left out by name."""
    document = openapi_of(create_app())
    assert ("post", "/api/draws", "unified_credit_code") in set(taken(document))
    assert ways_to_a_person(document) == OF_AN_EXPERT


def test_a5_a_door_that_takes_an_expert_would_be_found() -> None:
    document = openapi_of(create_app())
    slot = document["components"]["schemas"]["SlotIn"]["properties"]
    slot["preferred_experts"] = {"type": "array", "items": {"type": "string"}}
    found = ways_to_a_person(document) - OF_AN_EXPERT
    assert {path for _, path, _ in found} == {"/api/draws", "/api/draws/check"}


def test_a4_a_room_opens_on_a_complete_draw_of_this_service_only(
    draws: DrawBench, room: RoomBench
) -> None:
    with pytest.raises(DrawUnknown):
        DrawCommittee(draws.draws).facts(DrawId("drw_from_elsewhere"))
    room.committee.sealed = False
    prepare = room.rooms.preparation
    other = prepare.plan(DrawId("dr_2"), "another", room.clerk.account_id)
    with pytest.raises(errors.CommitteeNotSealed):
        prepare.make_ready(other)


def test_a2_e2_the_supervisor_sees_how_many_a_list_of_parties_takes_out(draws: DrawBench) -> None:
    """Ten front companies as bidders cost twenty experts, and the count says so."""
    fronts = tuple(Party("bidder", f"91110000GEN{n:05d}X", f"front {n}") for n in range(10, 20))
    entity = Party("procuring_entity", ENTITY, "Example entity")
    plain = draws.draws.file(draws.request(section="1", parties=(entity,)))
    padded = draws.draws.file(draws.request(section="2", parties=(entity, *fronts)))
    draws.settle()

    left = [draws.rooms.supervision.look(one.id).draw.funnel[-1]["n"] for one in (plain, padded)]
    stages = draws.rooms.supervision.look(padded.id).draw.funnel

    assert left[0] - left[1] == 20
    assert "R-REC-1" in {stage["rule"] for stage in stages}
    assert len({stage["n"] for stage in stages}) > 1


def test_a9_before_the_draw_the_supervisor_sees_hats_and_chances(draws: DrawBench) -> None:
    draw = draws.draws.file(draws.request())
    draws.settle()

    seen = draws.rooms.supervision.look(draw.id)

    assert not seen.draw.reveals
    assert seen.admission is not None
    (hat,) = seen.admission.hats.values()
    assert hat.experts >= draws.overlay.pool_least(4)
    assert hat.each(seen.admission.accepted) == pytest.approx(4 / hat.experts, rel=0.01)
