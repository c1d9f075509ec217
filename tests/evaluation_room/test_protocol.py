"""PROTOCOL.md says what the code does; the vectors are what the code makes."""

import json
import re
from pathlib import Path
from typing import get_args

import evaluation_room.core.room as room_module
from evaluation_room import envelope
from evaluation_room import errors as door_errors
from evaluation_room.core import errors as core_errors
from evaluation_room.core import view_fold
from evaluation_room.core.commands import COMMAND, TABLE, printed
from evaluation_room.core.decide import _DECIDE
from evaluation_room.core.events import RoomEvent
from evaluation_room.core.phases import STEPS
from evaluation_room.core.shown import SHOWN, Shown, ShownEvent
from evaluation_room.core.values import Envelope, Phase, Sheet
from evaluation_room.gateway import CLOSE
from foundation.errors import ServiceError

ROOM = Path(envelope.__file__).parent
VECTORS = Path(__file__).parents[1] / "vectors"
LOCALES = ROOM.parent / "app" / "locales"


def types_of(union: object) -> set[str]:
    return {one.model_fields["type"].default for one in get_args(get_args(union)[0])}


def test_the_printed_table_is_the_table() -> None:
    text = (ROOM / "PROTOCOL.md").read_text()
    between = re.search(r"<!-- table:.*?-->\n(.*?)<!-- end -->", text, re.DOTALL)
    assert between is not None
    assert between[1] == printed()


def test_every_command_has_a_row_and_a_decision() -> None:
    schema = COMMAND.json_schema()["discriminator"]["mapping"]
    assert set(TABLE) == set(schema) == set(_DECIDE)


def test_every_fact_is_folded_and_every_shown_event_too() -> None:
    assert set(room_module._APPLY) == types_of(RoomEvent)
    assert set(view_fold._APPLY) == types_of(ShownEvent)


def test_every_phase_but_the_first_and_last_leads_on() -> None:
    assert set(STEPS) == set(Phase) - {Phase.PREPARING, Phase.CLOSED}
    order = list(Phase)
    assert all(order.index(step.to) == order.index(phase) + 1 for phase, step in STEPS.items())


def test_every_shown_event_has_words_in_both_languages_and_stands_in_the_protocol() -> None:
    text = (ROOM / "PROTOCOL.md").read_text()
    for language in ("zh-CN", "en"):
        words = json.loads((LOCALES / language / "evaluation.json").read_text())["events"]
        assert set(words) == types_of(ShownEvent)
    assert [name for name in sorted(types_of(ShownEvent)) if name not in text] == []


HTTP_ONLY = {
    "room.already_planned",
    "room.bidders_unfit",
    "room.committee_not_sealed",
    "room.criteria_unfit",
    "room.draw_is_over",
    "room.file_too_large",
    "room.not_a_clerk",
    "room.not_a_pdf",
    "room.not_complete",
    "room.not_preparing",
    "room.not_representable",
    "room.price_weight_too_low",
    "room.too_few_bidders",
    "room.unknown_document",
}
"""Refusals of the clerk's preparation and of documents; no socket says them."""


def test_the_protocol_lists_exactly_the_refusals_that_a_socket_may_say() -> None:
    section = (ROOM / "PROTOCOL.md").read_text().split("## 10. Errors")[1]
    listed = re.findall(r"`(room\.[a-z_]+)", section)
    modules = (core_errors, door_errors)
    known = {
        one.code
        for module in modules
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, ServiceError) and hasattr(one, "code")
    }
    assert known >= HTTP_ONLY
    assert sorted(listed) == sorted(known - HTTP_ONLY)


def test_every_close_code_of_the_gateway_stands_in_the_protocol() -> None:
    text = (ROOM / "PROTOCOL.md").read_text()
    assert [code for code in CLOSE.values() if str(code) not in text] == []
    assert [name for name in CLOSE if f"`{name}`" not in text and f"`{name} " not in text] == []


def test_the_sealed_sheet_of_the_vector_is_reproduced_and_opens() -> None:
    (vector,) = json.loads((VECTORS / "sheet_envelope.json").read_text())
    chance = envelope.Chance(
        *(bytes.fromhex(vector[name]) for name in ("salt", "ephemeral_private", "key", "iv"))
    )
    sheet = Sheet.model_validate(vector["sheet"])
    public = bytes.fromhex(vector["room_public"])
    commitment, sealed = envelope.seal(sheet, public, chance)
    assert envelope.canonical(sheet).decode() == vector["canonical"]
    assert commitment == vector["commitment"]
    assert sealed == Envelope.model_validate(vector["envelope"])
    private = bytes.fromhex(vector["room_private"])
    salt, body = envelope.unseal(sealed, bytes.fromhex(commitment), private)
    assert salt == chance.salt
    assert envelope.read(body) == sheet


def test_the_views_of_the_vectors_are_the_folds_of_their_streams() -> None:
    vectors = json.loads((VECTORS / "room_view.json").read_text())
    assert {vector["viewer"] for vector in vectors} >= {"clerk", "supervisor", "e1", "e4"}
    for vector in vectors:
        events = [
            Shown(
                seq=one["seq"],
                at=one["at"],
                index=one["index"],
                event=SHOWN.validate_python(one["event"]),
            )
            for one in vector["events"]
        ]
        assert view_fold.fold(events).model_dump(mode="json") == vector["view"]
