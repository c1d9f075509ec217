"""The evaluation report (评标报告) is a fold too: every figure with the log index it rests on.

`compose` gives words and figures as JSON values; `report_pdf.py` only sets them in type.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from evaluation_room.core import events as facts
from evaluation_room.core.events import Recorded
from evaluation_room.core.room import Cell, Room, Seat, fold
from evaluation_room.core.values import Bidder, PauseGround, VoidGround
from foundation.rulebook.regimes import REGIMES

BEIJING: Final = timezone(timedelta(hours=8))
PHASES: Final = {
    "preparing": "准备",
    "check_in": "签到",
    "undertaking": "承诺",
    "recusal": "回避声明",
    "leader": "推选组长",
    "scoring": "独立评分",
    "summary": "汇总复核",
    "report": "评标报告",
    "closed": "结束",
}
VOID: Final = {
    VoidGround.DECLARED_CONFLICT: "本人声明存在利害关系",
    VoidGround.FOUND_CONFLICT: "发现存在利害关系",
    VoidGround.ABSENT: "缺席",
    VoidGround.LEFT: "擅离职守",
    VoidGround.HEALTH: "健康原因",
    VoidGround.MISCONDUCT: "违反评标纪律",
}
PAUSE: Final = {
    PauseGround.TECHNICAL_FAULT: "技术故障",
    PauseGround.SUPERVISION_ORDER: "监督部门决定",
    PauseGround.INTERFERENCE: "评标受到干扰",
    PauseGround.DISCIPLINE: "纪律问题",
    PauseGround.EMERGENCY: "紧急情况",
    PauseGround.OVERNIGHT: "隔夜",
    PauseGround.DOCUMENT_DEFECT: "招标文件存在缺陷",
    PauseGround.OTHER: "其他",
}
BY: Final = {
    "clerk": "工作人员",
    "supervisor": "监督人员",
    "leader": "评标组长",
    "seat": "成员本人",
    "system": "系统",
}
SIGNED: Final = {"signed": "已签字", "dissented": "签署不同意见", "deemed": "逾期未签，视为同意"}
HOW: Final = {
    "majority": "过半数当选",
    "most_votes": "得票最多当选",
    "seat_order": "得票相同，按席位顺序当选",
    "next_round": "未过半数，进入下一轮",
}


def _project(room: Room) -> dict[str, str]:
    """The project with its regime in words; an unknown regime keeps its code."""
    if room.project is None:
        return {}
    named = REGIMES.get(room.project.regime)
    return room.project.model_dump() | {"regime": named.zh if named else room.project.regime}


def compose(recorded: Sequence[Recorded], at: datetime) -> dict[str, Any]:
    """The report of a room, as JSON values.

    Args:
        recorded: every fact so far.
        at: the instant of writing; shown as China Standard Time.
    """
    room = fold(recorded)
    names = {seat.id: seat.alias for seat in room.all_seats}
    return {
        "title": room.title,
        "evaluation_id": room.evaluation_id,
        "project": _project(room),
        "place": room.place,
        "made_at": local(at),
        "final": room.completed is not None or room.phase.value == "closed",
        "phases": _phases(recorded),
        "members": [_member(room, seat, names) for seat in room.all_seats],
        "election": [_round(event, names) for event in room.counted],
        "criteria": [_criterion(item) for item in room.criteria.criteria] if room.criteria else [],
        "price_weight": room.criteria.price_weight if room.criteria else "0",
        "criteria_sha256": room.criteria_sha256,
        "digest": room.digest,
        "bidders": [_bidder(room, bidder, _amended(recorded)) for bidder in room.bidders],
        "ranking": _ranking(room),
        "base": money(room.results.base_fen) if room.results else "",
        "flags": [_flag(room, flag, names) for flag in room.flags],
        "changes": list(_changes(recorded, room, names)),
        "interventions": [_intervention(fact, names) for fact in room.interventions],
        "time_short": "、".join(names[s.id] for s in room.seats if s.id in room.time_asked)
        if room.time_is_short
        else "",
        "no_majority": room.agreed is False,
        "dissents": [{"seat": names[d.seat], "reasons": d.reasons} for d in room.dissents],
        "signatures": list(_signatures(recorded, room, names)),
        "report_sha256": room.report.sha256 if room.report else "",
        "head": room.head.hex(),
        "indices": [recorded[0].index, recorded[-1].index] if recorded else [],
    }


def local(at: datetime) -> str:
    """An instant as a reader in China expects it."""
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def money(fen: int) -> str:
    """Integer fen as yuan, with thousands separated."""
    return f"{fen // 100:,}.{fen % 100:02d}"


def _phases(recorded: Iterable[Recorded]) -> list[dict[str, Any]]:
    return [
        {
            "phase": PHASES[fact.event.phase.value],
            "at": local(fact.at),
            "by": BY[fact.event.by],
            "index": fact.index,
        }
        for fact in recorded
        if isinstance(fact.event, facts.PhaseEntered)
    ]


def _member(room: Room, seat: Seat, names: dict[str, str]) -> dict[str, Any]:
    void = VOID[seat.void] if seat.void else ""
    return {
        "alias": seat.alias,
        "leader": seat.id == room.leader,
        "checked_in": local(seat.checked_in_at) if seat.checked_in_at else "",
        "sealed_index": seat.sealed.index if seat.sealed else None,
        "commitment": seat.sealed.commitment if seat.sealed else "",
        "void": void,
        "replaces": names.get(seat.replaces or "", ""),
    }


def _round(event: facts.BallotsCounted, names: dict[str, str]) -> dict[str, Any]:
    return {
        "round": event.round,
        "tally": "，".join(f"{names[t.seat]} {t.votes} 票" for t in event.tally),
        "elected": names.get(event.elected or "", ""),
        "how": HOW[event.how],
    }


def _criterion(item: Any) -> dict[str, str]:
    kind = "客观" if item.kind.value == "objective" else "主观"
    return {"id": item.id, "title": item.title, "max": item.max, "kind": kind}


def _amended(recorded: Iterable[Recorded]) -> dict[Cell, int]:
    """Cell -> log index of its last amendment: there the figure no longer rests on the sheet."""
    return {
        (fact.event.seat, fact.event.bidder, fact.event.criterion): fact.index
        for fact in recorded
        if isinstance(fact.event, facts.ScoreAmended)
    }


def _bidder(room: Room, bidder: Bidder, amended: dict[Cell, int]) -> dict[str, Any]:
    live = [seat for seat in room.seats if seat.opened is not None]
    rows = [
        {
            "title": item.title,
            "max": item.max,
            "scores": [room.score(seat, bidder.id, item.id) or "" for seat in live],
            "amended": [amended.get((seat.id, bidder.id, item.id)) for seat in live],
        }
        for item in (room.criteria.criteria if room.criteria else ())
    ]
    found = room.results
    total = next((t for t in found.totals if t.bidder == bidder.id), None) if found else None
    return {
        "name": bidder.name,
        "price": money(bidder.price_fen),
        "aliases": [seat.alias for seat in live],
        "sheet_indices": [seat.opened.index for seat in live if seat.opened],
        "rows": rows,
        "sums": [member.sum for member in total.members] if total else [],
        "mean": total.mean if total else "",
        "price_score": total.price if total else "",
        "total": total.total if total else "",
    }


def _ranking(room: Room) -> list[dict[str, Any]]:
    if room.results is None:
        return []
    bidders = {bidder.id: bidder for bidder in room.bidders}
    totals = {total.bidder: total for total in room.results.totals}
    return [
        {
            "rank": rank.rank,
            "tied": rank.tied,
            "name": bidders[rank.bidder].name,
            "price": money(bidders[rank.bidder].price_fen),
            "mean": totals[rank.bidder].mean,
            "price_score": totals[rank.bidder].price,
            "total": totals[rank.bidder].total,
        }
        for rank in room.results.ranking
    ]


def _flag(room: Room, flag: Any, names: dict[str, str]) -> dict[str, Any]:
    kind = "客观分不一致" if flag.kind.value == "objective_mismatch" else "评分偏离"
    return {
        "kind": kind,
        "where": _cell(room, flag.bidder, flag.criterion),
        "seat": names.get(flag.seat or "", "全体"),
        "values": "，".join(f"{names[value.seat]} {value.score}" for value in flag.values),
        "open": flag.id in room.open_flags,
    }


def _cell(room: Room, bidder: str, criterion: str) -> str:
    who = next((one.name for one in room.bidders if one.id == bidder), bidder)
    items = room.criteria.criteria if room.criteria else ()
    return f"{who}／{next((one.title for one in items if one.id == criterion), criterion)}"


def _changes(
    recorded: Iterable[Recorded], room: Room, names: dict[str, str]
) -> Iterable[dict[str, Any]]:
    for fact in recorded:
        event = fact.event
        if isinstance(event, facts.ScoreAmended):
            what = f"{event.before} 改为 {event.after}"
        elif isinstance(event, facts.ScoreExplained):
            what = "维持原分"
        else:
            continue
        yield {
            "seat": names[event.seat],
            "where": _cell(room, event.bidder, event.criterion),
            "what": what,
            "reason": event.reason,
            "index": fact.index,
        }


def _intervention(fact: Recorded, names: dict[str, str]) -> dict[str, Any]:
    event = fact.event
    if isinstance(event, facts.SeatVoided):
        what = f"{names[event.seat]}席位作废：{VOID[event.ground]}"
    elif isinstance(event, facts.Paused):
        what = f"暂停：{PAUSE[event.ground]}"
    elif isinstance(event, facts.Stopped):
        what = f"终止：{PAUSE[event.ground]}"
    elif isinstance(event, facts.HandedOver):
        what = "更换评标室工作人员"
    else:
        what = "恢复"
    by: str = getattr(event, "by", "system")
    note: str = getattr(event, "note", "")
    return {"what": what, "by": BY[by], "note": note, "at": local(fact.at), "index": fact.index}


def _signatures(
    recorded: Iterable[Recorded], room: Room, names: dict[str, str]
) -> Iterable[dict[str, Any]]:
    if room.report is None:
        return
    last: dict[str, tuple[Recorded, str, str]] = {}
    asked: dict[str, Recorded] = {}
    for fact in recorded:
        event = fact.event
        if isinstance(event, facts.SignatureAsked):
            asked[event.seat] = fact
        elif isinstance(event, facts.ReportSigned | facts.ReportDissented):
            device = event.passkey.passkey if event.passkey else ""
            last[event.seat] = (fact, event.signature, device)
        elif isinstance(event, facts.ConsentDeemed):
            last[event.seat] = (fact, "", "")
    for seat in room.seats:
        if seat.signature is not None:
            fact, signature, device = last[seat.id]
            notice = asked.get(seat.id) if seat.signature == "deemed" else None
            yield {
                "asked_at": local(notice.at) if notice else "",
                "asked_index": notice.index if notice else None,
                "seat": names[seat.id],
                "how": SIGNED[seat.signature],
                "at": local(fact.at),
                "signature": signature,
                "passkey": device,
                "index": fact.index,
            }
