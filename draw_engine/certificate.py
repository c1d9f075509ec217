"""The draw certificate (专家抽取凭证): what a paper may say of an unsealed draw.

A witness made of paper: whoever holds it can tell later whether the log is still the one of
that day. It names no expert and gives bands, not counts (R-NARROW-2). The same draw gives
the same bytes to everybody: its times are those that witnesses signed, nothing is of the
moment of printing.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Final

import segno

from classification.service import ClassificationService
from draw_engine.certificate_pdf import render
from draw_engine.core.draw_state import Draw
from draw_engine.core.eligibility import Band, band_of
from draw_engine.publish import Publisher
from draw_engine.record import Cosigned, Record
from foundation.clock import CHINA_STANDARD_TIME
from foundation.ledger.note import cosigned_at, read_note
from foundation.ledger.signer import fingerprint_of
from foundation.rulebook.regimes import REGIMES

KEPT_IN_MEMORY: Final = 16
ASSURANCE: Final = {"none": "无", "basic": "基本", "full": "充分"}
BANDS: Final = {
    Band.AMPLE: "充足（30 人以上）",
    Band.SOME: "一般（10 至 29 人）",
    Band.FEW: "偏少（10 人以下）",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the draw's course; times are Unix seconds as witnesses signed them."""

    at: int
    what: str
    place: str


class Certificates:
    """Writes the certificate of an unsealed draw."""

    def __init__(
        self, record: Record, publisher: Publisher, classification: ClassificationService
    ) -> None:
        self._record = record
        self._publisher = publisher
        self._classification = classification
        self._made: dict[tuple[str, str, str], bytes] = {}

    def pdf(self, draw_id: str, origin: str, verifier: str) -> bytes:
        """The certificate as PDF/A.

        Args:
            origin: where the service is reached, for the code that opens the verification.
            verifier: SHA-256 of the off-line verifier in hex; empty where there is none.

        Raises:
            NotPublished: not unsealed, aborted, or the last checkpoint is not cosigned yet.
        """
        asked = (draw_id, origin, verifier)
        if asked not in self._made:
            told, at = self.told(draw_id, origin, verifier)
            if len(self._made) >= KEPT_IN_MEMORY:
                self._made.clear()
            self._made[asked] = render(told, at)
        return self._made[asked]

    def told(self, draw_id: str, origin: str, verifier: str) -> tuple[dict[str, Any], datetime]:
        """Everything that is printed, and the instant that the file's metadata say."""
        draw = self._record.load(draw_id)
        last = self._publisher.last_checkpoint(draw)
        note = read_note(last.note)
        request, manifest = draw.request, draw.manifest or {}
        regime = REGIMES.get(request.regime)
        link = f"{origin.rstrip('/')}/verify?draw={draw.id}"
        kept = Counter(one.seq for one in draw.kept)
        told = {
            "test": draw.policy["purpose"] == "test",
            "operator": draw.policy["operator"],
            "number": draw.id,
            "project_name": request.project_name,
            "project_code": request.project_code,
            "section": request.section,
            "regime": regime.zh if regime else request.regime,
            "seq": draw.draw["seq"],
            "starts_at": _minute(int(request.starts_at.timestamp())),
            "slots": self._slots(draw, manifest),
            "members": request.committee_size,
            "kept": [{"seq": seq, "seats": n} for seq, n in sorted(kept.items())],
            "course": [
                {"at": _second(row.at), "what": row.what, "place": row.place}
                for row in self._course(draw, last)
            ],
            "witnesses": [
                witness["body"] or witness["name"]
                for witness in draw.policy["witnesses"]
                if cosigned_at(note, witness["name"], bytes.fromhex(witness["key"])) is not None
            ],
            "assurance": ASSURANCE[draw.policy["assurance"]],
            "fingerprint": fingerprint_of(note.checkpoint.root),
            "size": last.size,
            "root": note.checkpoint.root.hex(),
            "cosigned_at": _second(last.newest),
            "origin": note.checkpoint.origin,
            "M": draw.M,
            "policy": manifest["policy"],
            "verifier": verifier,
            "link": link,
            "qr": _code(link),
        }
        return told, datetime.fromtimestamp(last.newest, UTC)

    def _slots(self, draw: Draw, manifest: dict[str, Any] | Any) -> list[dict[str, Any]]:
        sizes = [slot["n"] for slot in manifest["slots"]]
        return [
            {
                "names": [self._classification.resolve(code).name for code in slot.codes],
                "codes": [code.partition(":")[2] or code for code in slot.codes],
                "seats": slot.seats,
                "band": BANDS[band_of(n)],
            }
            for slot, n in zip(draw.request.slots, sizes, strict=True)
        ]

    def _course(self, draw: Draw, last: Cosigned) -> Iterable[Row]:
        """What happened, in order, with the place in the log of each."""
        frozen = [draw.logged.index] if draw.logged else []
        frozen += [mark.index for mark in draw.admissions.values()]
        yield self._row(draw, frozen, "候选名单与全部规则冻结，只写入哈希")
        bodies = {one["party"]: one["body"] for one in draw.policy["holders"]}
        given = [
            r.mark.index
            for (party, j), r in draw.reveals.items()
            if j == 0 and party in draw.revealers
        ]
        who = "、".join(bodies[party] for party in draw.revealers)
        yield self._row(draw, given, f"{who}先后交出随机份额")
        kept = "，密封" if draw.seal else "；本次不密封，启封前也可由份额和名单算出"
        result = [draw.results[0].index]
        yield self._row(draw, result, f"由份额算出结果{kept}；交名单保管方通知")
        if draw.declines:
            steps = [one.mark.index for one in draw.declines]
            steps += [mark.index for step, mark in draw.results.items() if step]
            yield self._row(draw, steps, f"补抽 {draw.step} 次，每次先记缺席、后交份额")
        if draw.unsealed is not None:
            sealed = [
                r.mark.index
                for (party, _), r in draw.reveals.items()
                if party not in draw.revealers
            ]
            given_last = "名单保管方交出份额，" if draw.seal else ""
            yield self._row(draw, [*sealed, draw.unsealed.index], f"{given_last}启封，证据包公开")
        yield Row(
            last.newest, "见证方对含以上全部记录的检查点签名", f"检查点 {_grouped(last.size)}"
        )

    def _row(self, draw: Draw, indices: list[int], what: str) -> Row:
        first, end = min(indices), max(indices)
        found = self._record.cosigned(draw.policy, end)
        place = _grouped(first) if first == end else f"{_grouped(first)} – {_grouped(end)}"
        return Row(found.newest if found else 0, what, place)


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def _minute(at: int) -> str:
    local = datetime.fromtimestamp(at, CHINA_STANDARD_TIME)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def _second(at: int) -> str:
    return f"{datetime.fromtimestamp(at, CHINA_STANDARD_TIME):%Y-%m-%d %H:%M:%S}"


def _code(link: str) -> str:
    """The link as a QR code, SVG; a quarter of it may be dirty."""
    drawn = BytesIO()
    segno.make(link, error="q", micro=False).save(drawn, kind="svg", border=0, xmldecl=False)
    return drawn.getvalue().decode()
