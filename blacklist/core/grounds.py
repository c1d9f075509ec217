"""The closed lists: kinds of measure, grounds with their articles, grounds to lift, exits.

A ground is a code from a list, never free text; the deciding body's document is the basis.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Status(StrEnum):
    """Standing (任职状态) of an expert; only `active` may be drawn."""

    APPLIED = "applied"
    ACTIVE = "active"
    LEAVE = "leave"
    SUSPENDED = "suspended"
    FROZEN = "frozen"
    EXIT_PENDING = "exit_pending"
    EXITED = "exited"
    BARRED = "barred"


class Kind(StrEnum):
    """What is put on record against drawing an expert."""

    LEAVE = "leave"
    SUSPENDED = "suspended"
    FROZEN = "frozen"
    DISQUALIFIED = "disqualified"
    BARRED = "barred"
    BAD_RECORD = "bad_record"
    SERIOUS_DISHONESTY = "serious_dishonesty"
    CRIMINAL_PENALTY = "criminal_penalty"


class Term(StrEnum):
    """Whether a measure names its last day."""

    MUST = "must"
    MAY = "may"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class KindRule:
    """One kind: the standing it gives, the rule behind it, the protocol's reason number."""

    status: Status
    rule: str
    reason: int
    term: Term


STATUS_GATE: Final = "R-ELIG-5"
BLACKLIST_GATE: Final = "R-ELIG-6"

KINDS: Final[Mapping[Kind, KindRule]] = {
    Kind.LEAVE: KindRule(Status.LEAVE, STATUS_GATE, 3, Term.MUST),
    Kind.SUSPENDED: KindRule(Status.SUSPENDED, STATUS_GATE, 4, Term.MUST),
    Kind.FROZEN: KindRule(Status.FROZEN, STATUS_GATE, 4, Term.MAY),
    Kind.DISQUALIFIED: KindRule(Status.BARRED, BLACKLIST_GATE, 5, Term.NEVER),
    Kind.BARRED: KindRule(Status.BARRED, BLACKLIST_GATE, 5, Term.MUST),
    Kind.BAD_RECORD: KindRule(Status.BARRED, BLACKLIST_GATE, 5, Term.MAY),
    Kind.SERIOUS_DISHONESTY: KindRule(Status.BARRED, BLACKLIST_GATE, 5, Term.MAY),
    Kind.CRIMINAL_PENALTY: KindRule(Status.BARRED, BLACKLIST_GATE, 5, Term.MAY),
}
"""R-ELIG-6 (a) to (e) are the last five; the first three belong to R-ELIG-5."""

STRICTEST_FIRST: Final = (
    Status.BARRED,
    Status.EXITED,
    Status.EXIT_PENDING,
    Status.SUSPENDED,
    Status.FROZEN,
    Status.LEAVE,
)
"""Which of several standings is told; of two alike the one that ends later, never last."""

EXIT_REASON: Final = 4
EXITED_REASON: Final = 2
"""Numbers of the protocol: asking to leave suspends at once; who has left is not valid."""

_MEASURES: Final = frozenset({Kind.DISQUALIFIED, Kind.BARRED, Kind.BAD_RECORD, Kind.SUSPENDED})


@dataclass(frozen=True, slots=True)
class Ground:
    """One ground (事由): the article that knows it, and the kinds of measure it can carry."""

    article: str
    kinds: frozenset[Kind]


GROUNDS: Final[Mapping[str, Ground]] = {
    # The eight acts of the implementing regulation, article 71.
    "not_recused": Ground("招标投标法实施条例 71(1)", _MEASURES),
    "left_post": Ground("招标投标法实施条例 71(2)", _MEASURES),
    "other_criteria": Ground("招标投标法实施条例 71(3)", _MEASURES),
    "private_contact": Ground("招标投标法实施条例 71(4)", _MEASURES),
    "took_wishes": Ground("招标投标法实施条例 71(5)", _MEASURES),
    "did_not_reject": Ground("招标投标法实施条例 71(6)", _MEASURES),
    "led_clarification": Ground("招标投标法实施条例 71(7)", _MEASURES),
    "not_impartial": Ground("招标投标法实施条例 71(8)", _MEASURES),
    "bribery": Ground("招标投标法 56; 实施条例 72", frozenset({Kind.DISQUALIFIED})),
    "leak": Ground("招标投标法 56; 政府采购法实施条例 75", _MEASURES),
    "false_application": Ground("财库〔2016〕198号 29", _MEASURES),
    "harmed_credibility": Ground("财库〔2016〕198号 29", _MEASURES),
    "dishonest_list": Ground("国办发〔2015〕63号 (十四)", frozenset({Kind.SERIOUS_DISHONESTY})),
    "barred_elsewhere": Ground("国办发〔2015〕63号 (十四)", _MEASURES),
    "punished_in_tendering": Ground(
        "评标委员会和评标方法暂行规定 12(4)",
        frozenset({Kind.DISQUALIFIED, Kind.BAD_RECORD, Kind.CRIMINAL_PENALTY}),
    ),
    "sentenced": Ground("财库〔2016〕198号 11", frozenset({Kind.CRIMINAL_PENALTY})),
    # Standings that are no punishment, and those of an overlay's assessment.
    "points_used_up": Ground("地方考核办法", frozenset({Kind.SUSPENDED})),
    "under_inquiry": Ground("地方考核办法", frozenset({Kind.SUSPENDED, Kind.FROZEN})),
    "evaluation_unfinished": Ground("地方考核办法", frozenset({Kind.FROZEN})),
    "training_overdue": Ground("地方考核办法", frozenset({Kind.FROZEN})),
    "facts_stale": Ground("财库〔2016〕198号 10", frozenset({Kind.FROZEN})),
    "own_request": Ground("专家本人申请", frozenset({Kind.LEAVE})),
    "illness": Ground("专家本人申请", frozenset({Kind.LEAVE})),
}
"""The closed list of grounds."""

LIFELONG: Final = frozenset({"punished_in_tendering"})
"""Grounds whose measure has no last day, whatever its kind allows (R-ELIG-7, R-REC-9)."""


def term_of(kind: Kind, ground: str) -> Term:
    """Whether a measure of this kind on this ground names its last day."""
    return Term.NEVER if ground in LIFELONG else KINDS[kind].term


LIFT_GROUNDS: Final = frozenset({"overturned", "entered_wrongly", "duty_done", "ended_early"})
"""Why a measure may end before its day: overturned on review, entered wrongly, and so on."""

CORRECTED: Final = "corrected"
"""The ground under which a measure ends that another one replaces."""

LEAVE_GROUNDS: Final = frozenset({"own_request", "illness"})
"""Why an expert takes leave (请假) by the own act."""

EXIT_GROUNDS: Final = frozenset({"age", "health", "moved", "conditions_lost", "other"})
"""Why an expert may ask to leave the pool (申请退出)."""


class ExitKind(StrEnum):
    """How somebody has left the pool (已退出)."""

    OWN_WISH = "own_wish"
    CONDITIONS_LOST = "conditions_lost"
    REMOVED = "removed"
    DECEASED = "deceased"
    INCAPACITY = "incapacity"


DEPARTURES: Final[Mapping[ExitKind, str]] = {
    ExitKind.CONDITIONS_LOST: "评标专家和评标专家库管理办法 26",
    ExitKind.REMOVED: "财库〔2016〕198号 11; 评标专家和评标专家库管理办法 26",
    ExitKind.DECEASED: "评标专家和评标专家库管理办法 26",
    ExitKind.INCAPACITY: "评标专家和评标专家库管理办法 26",
}
"""Exits that two persons enter, with the article; the own wish is the expert's own request."""
