"""Papers a supervisor or clerk prints: attendance (签到表) and notices (通知记录).

Both tell seats, never persons: names have their own door, with a reason that the log keeps.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from draw_engine.core.draw_state import Draw
from draw_engine.record import Record
from draw_engine.sheet_pdf import Sheet, render
from draw_engine.vault_seats import Seats, Told
from evaluation_room.core import events as facts
from evaluation_room.core.report import VOID, local
from evaluation_room.core.room import Room, Seat
from evaluation_room.reading import Reading
from evaluation_room.service import RoomService
from foundation.ledger.entry import Entry

ANSWERS: Final[Mapping[str, str]] = {
    "refused": "不能参加",
    "unreachable": "未答复",
    "conflict": "应当回避",
    "absent": "缺席",
    "unfit": "不能继续履职",
}
OUTCOMES: Final[Mapping[str, str]] = {"inbox": "已送达站内信箱", "undeliverable": "未能送达"}


def attendance_of(room: Room, indices: Mapping[str, int]) -> Sheet:
    """Who sat where, by alias: times and log positions of check-in, room to write a name and sign.

    Names are never printed, before unsealing or after it: those present write their own.

    Args:
        indices: seat -> log index of its check-in.
    """
    project = room.project
    rows = [_attended(seat, room, indices.get(seat.id)) for seat in room.all_seats]
    return Sheet(
        id=room.evaluation_id,
        title="签到表",
        subtitle=room.title,
        facts=[
            ("项目", f"{project.project_code}　第 {project.section} 标段" if project else "—"),
            ("评标时间", local(room.starts_at) + "（北京时间）" if room.starts_at else "—"),
            ("地点", room.place),
        ],
        columns=["席位", "身份", "签到时间（北京时间）", "记录号", "说明", "姓名（手写）", "签名"],
        widths=[4, 5, 6, 4, 5, 7, 7],
        rows=rows,
        notes=[
            "签到时间取自日志，记录号可在监督页面核对。",
            "本表只印代号，不印姓名；姓名和签名由到场人员手写。",
        ],
        sign=["工作人员", "监督人员"],
        by_hand=True,
    )


def notices_of(draw: Draw, told: list[Told], entries: list[Entry]) -> Sheet:
    """When each seat was told, over which channel, and what came of it.

    A repetition that an answer made needless was never sent and is not told.
    """
    request = draw.request
    answers = _answers(entries)
    needed = [one for one in told if one.sent_at or (one.seat, one.step) not in answers]
    return Sheet(
        id=draw.id,
        title="通知记录",
        subtitle=request.project_name or request.project_code,
        facts=[
            ("项目", f"{request.project_code}　第 {request.section} 标段"),
            ("评标时间", local(request.starts_at) + "（北京时间）"),
            ("地点", request.place),
        ],
        columns=["席位", "步", "次", "发出时间（北京时间）", "渠道与送达", "答复", "记录号"],
        widths=[2, 2, 2, 6, 5, 4, 3],
        rows=[_told(one, answers) for one in needed],
        notes=["通知只含时间、地点和联系电话。本表只列席位，不含姓名和电话号码。"],
        sign=["监督人员"],
    )


class Papers:
    """Prints; writes nothing."""

    def __init__(self, record: Record, seats: Seats, rooms: RoomService) -> None:
        self._record = record
        self._seats = seats
        self._rooms = rooms

    def attendance(self, evaluation_id: str) -> bytes:
        """The attendance sheet of an evaluation; UnknownEvaluation if there is none."""
        reading: Reading = self._rooms.reading
        _, room = reading.one(evaluation_id)
        indices = {
            fact.event.seat: fact.index
            for fact in self._rooms.hub.facts(evaluation_id)
            if isinstance(fact.event, facts.CheckedIn)
        }
        return self._pdf(attendance_of(room, indices))

    def notices(self, draw_id: str) -> bytes:
        """The notice list of a draw; DrawUnknown if there is none."""
        draw = self._record.load(draw_id)
        entries = self._record.entries(draw_id)
        return self._pdf(notices_of(draw, self._seats.told(draw_id), entries))

    def _pdf(self, sheet: Sheet) -> bytes:
        books = self._record.books
        at: datetime = books.clock.now()
        return render(sheet, books.checkpoint(), at, demonstration=self._rooms.demonstration)


def _attended(seat: Seat, room: Room, index: int | None) -> list[str]:
    names = {one.id: one.alias for one in room.all_seats}
    void = f"席位作废：{VOID[seat.void]}" if seat.void else ""
    instead = f"接替{names[seat.replaces]}" if seat.replaces else ""
    return [
        seat.alias,
        "评标专家" if seat.draw_seat is not None else "业主代表",
        local(seat.checked_in_at) if seat.checked_in_at else "未签到",
        f"#{index}" if index is not None else "—",
        "；".join(word for word in (instead, void) if word),
        "",
        "",
    ]


def _answers(entries: list[Entry]) -> dict[tuple[int, int], tuple[str, int]]:
    """(Seat, step that invited to it) -> how it ended, and the log index that says so."""
    invited: dict[int, int] = {}
    found: dict[tuple[int, int], tuple[str, int]] = {}
    for entry in entries:
        body: Mapping[str, Any] = entry.body or {}
        if entry.type == "draw.invited":
            invited[body["seat"]] = body["step"]
        elif entry.type == "draw.seat_accepted":
            found[body["seat"], body["step"]] = ("接受", entry.index)
        elif entry.type == "draw.seat_vacated":
            step = invited.get(body["seat"], 0)
            found[body["seat"], step] = (ANSWERS[body["class"]], entry.index)
    return found


def _told(one: Told, answers: dict[tuple[int, int], tuple[str, int]]) -> list[str]:
    answer, index = answers.get((one.seat, one.step), ("待答复", None))
    return [
        str(one.seat + 1),
        str(one.step),
        str(one.attempt + 1),
        local(one.sent_at) if one.sent_at else "未发出",
        OUTCOMES.get(one.outcome, one.outcome) if one.sent_at else "—",
        answer,
        f"#{index}" if index is not None else "—",
    ]
