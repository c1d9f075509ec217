"""The exact bytes that accounts sign; PROTOCOL.md section 7."""

from collections.abc import Sequence

from evaluation_room.core.values import RecusalAnswer
from foundation.digest import canon

UNDERTAKING = b"expert-draw/undertaking/1\0"
RECUSAL = b"expert-draw/recusal/1\0"
REPORT = b"expert-draw/report/1\0"
CRITERIA = b"expert-draw/criteria/1\0"


def undertaking(evaluation_id: str, seat: str, text_sha256: str) -> bytes:
    """A member's promise."""
    told = {"evaluation_id": evaluation_id, "seat": seat, "text_sha256": text_sha256}
    return UNDERTAKING + canon(told)


def recusal(evaluation_id: str, seat: str, answers: Sequence[RecusalAnswer]) -> bytes:
    """A member's word on every bidder, or on the one noticed later (R-REC-21b)."""
    told = {
        "answers": [answer.model_dump(mode="json") for answer in answers],
        "evaluation_id": evaluation_id,
        "seat": seat,
    }
    return RECUSAL + canon(told)


def report(
    act: str, evaluation_id: str, seat: str, *, report_sha256: str, head: str, reasons: str = ""
) -> bytes:
    """A signature or dissent (`act` is sign or dissent) under a report, over the stream's head."""
    told = {
        "act": act,
        "evaluation_id": evaluation_id,
        "head": head,
        "reasons": reasons,
        "report_sha256": report_sha256,
        "seat": seat,
    }
    return REPORT + canon(told)


def criteria(evaluation_id: str, criteria_sha256: str) -> bytes:
    """The clerk's word that these are the criteria of the tender documents (R-EVAL-1)."""
    return CRITERIA + canon({"criteria_sha256": criteria_sha256, "evaluation_id": evaluation_id})
