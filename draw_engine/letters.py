"""Letters about a case or an exit: to the expert, and to the unit that recommended the expert.

A name comes from the vault for one printing, after an entry that says who printed what; it stands
in no file name and no address.

Source: RULES R-EXIT-2, R-EXIT-3, R-APPEAL-1, R-PRIN-6.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, Final

from blacklist.case_service import CaseService
from blacklist.core.case import Case, CaseStatus
from blacklist.core.facts import Decision, Departure, ExitRequest, china_day
from blacklist.core.grounds import GROUNDS, ExitKind, Status
from blacklist.service import StandingService
from draw_engine.letter_pdf import Letter, render
from draw_engine.persons import Persons
from foundation.errors import Kind, ServiceError
from foundation.ids import AccountId, ExpertId
from foundation.ledger.book import Books

STREAM: Final = "letters"
WORK_UNIT: Final = "推荐单位"

WordOf = Callable[[str, str], str]
"""The Chinese word of a code in a section of the catalogue."""


class To(StrEnum):
    """Whom a letter about an exit is for."""

    EXPERT = "expert"
    UNIT = "unit"


class CaseLetter(StrEnum):
    """What a letter about a case tells."""

    NOTICE = "notice"
    DECISION = "decision"


class LetterTooEarly(ServiceError):
    """What the letter would tell has not happened: no decision, no exit."""

    code = "record.letter_too_early"
    kind = Kind.CONFLICT
    rule: ClassVar[str | None] = "R-EXIT-2"


class LetterUnknown(ServiceError):
    """There is nothing by this id that a letter could be about."""

    code = "record.letter_unknown"
    kind = Kind.NOT_FOUND


@dataclass(frozen=True, slots=True)
class _Left:
    """An exit, whichever way it came."""

    id: str
    expert_id: ExpertId
    kind: ExitKind
    ground: str
    on: date
    basis: str


class Letters:
    """Writes letters; each printing is an entry.

    Args:
        sender: the body in whose name letters go out.
        recommended_by: name of the unit that recommended an expert; empty where it is not known.
    """

    def __init__(
        self,
        books: Books,
        standing: StandingService,
        cases: CaseService,
        persons: Persons,
        word: WordOf,
        *,
        sender: str,
        demonstration: bool,
    ) -> None:
        self._books = books
        self._standing = standing
        self._cases = cases
        self._persons = persons
        self._word = word
        self._sender = sender
        self._demonstration = demonstration
        self.recommended_by: Callable[[ExpertId], str] = lambda _: ""

    def of_case(
        self, case_id: str, what: CaseLetter, by: AccountId, own: ExpertId | None = None
    ) -> bytes:
        """The notice of a case, or the decision once another person has confirmed it.

        Args:
            own: an expert who asks for the letter about the own case.

        Raises:
            UnknownCase: or another expert's. LetterTooEarly.
            UnknownPerson: the person was erased.
        """
        case = self._cases.case(case_id, own)
        if what is CaseLetter.DECISION and not case.confirmed_by:
            raise LetterTooEarly
        name = self._name(case.expert_id)
        made = self._notice if what is CaseLetter.NOTICE else self._decision
        letter = made(case, name)
        return self._print(letter, case.expert_id, what.value, by)

    def of_exit(self, id_: str, to: To, by: AccountId, own: ExpertId | None = None) -> bytes:
        """The letter about an exit, by the id of the request or of the departure.

        Raises:
            LetterUnknown: no such exit, or another expert's. LetterTooEarly: still undecided.
            UnknownPerson: the person was erased.
        """
        left = self._left(id_)
        if own is not None and left.expert_id != own:
            raise LetterUnknown
        name = self._name(left.expert_id)
        letter = self._to_expert(left, name) if to is To.EXPERT else self._to_unit(left, name)
        return self._print(letter, left.expert_id, f"exit_{to.value}", by)

    def _print(self, letter: Letter, expert_id: ExpertId, what: str, by: AccountId) -> bytes:
        with self._books.write() as book:
            at: datetime = book.now
            body = {"expert_id": expert_id, "about": letter.id, "what": what}
            book.append(STREAM, "letter.printed", body | {"by": by, "at": at.isoformat()})
        return render(letter, self._books.checkpoint(), at, demonstration=self._demonstration)

    def _name(self, expert_id: ExpertId) -> str:
        return self._persons.get(expert_id).name

    def _left(self, id_: str) -> _Left:
        now = self._books.clock.now()
        for asked in self._standing.exits():
            if asked.id == id_:
                if asked.status(now) is not Status.EXITED:
                    raise LetterTooEarly
                return _of_request(asked)
        for gone in self._standing.departures():
            if gone.id == id_:
                if not gone.in_force(now):
                    raise LetterTooEarly
                return _of_departure(gone)
        raise LetterUnknown

    def _notice(self, case: Case, name: str) -> Letter:
        reported = case.acts[0]
        evidence = "；".join(
            f"{one.title}（SHA-256 {one.sha256[:16]}…）" for one in reported.documents
        )
        urgent = (
            "鉴于情况紧急，您的抽取资格已先行暂停；暂停须在规定工作日内经另一人复核，否则自动失效。"
        )
        return self._letter(
            case.id,
            "关于核实有关情况的通知书",
            f"{name}（专家编号 {case.expert_id}）",
            paragraphs=[
                "本库收到关于您的情况反映，现依法将事实和证据告知您，并听取您的陈述和申辩。",
                *([urgent] if case.urgent else []),
            ],
            facts=[
                ("事由", self._word("ground", case.ground)),
                ("依据", GROUNDS[case.ground].article),
                ("事实", reported.text),
                ("证据", evidence or "见系统“我的记录”"),
                ("答复期限", f"{_day(case.answer_by)}前（按工作日计算）"),
            ],
            rights=[
                "您可以登录系统，在“我的记录—案件”中写明意见并提交材料，期限内可以补充。"
                "期限届满未答复的，不影响依法作出处理；处理由报告人以外的人员决定，并经第三人复核。",
            ],
        )

    def _decision(self, case: Case, name: str) -> Letter:
        decided = next(one for one in reversed(case.acts) if one.type == "case.decided")
        facts = [("事由", self._word("ground", case.ground)), ("理由", decided.text)]
        if case.terms:
            kind = case.terms["kind"]
            section = "exit_kind" if kind == ExitKind.REMOVED else "measure"
            facts.append(("处理", self._word(section, kind)))
            if start := case.terms.get("starts_on"):
                ends = case.terms.get("ends_on")
                until = _day(date.fromisoformat(ends)) if ends else "不设截止日"
                facts.append(("期限", f"{_day(date.fromisoformat(start))}至{until}"))
            facts.append(("依据", str(case.terms.get("basis", ""))))
            facts.append(("决定机关", str(case.terms.get("deciding_body", ""))))
        said = {
            CaseStatus.DISMISSED: "经核实，本案不作处理。",
            CaseStatus.UPHELD: "经复核，维持原处理。",
            CaseStatus.OVERTURNED: "经复核，撤销原处理，并已通知采用该记录的各名单更正。",
        }.get(case.status, "本案已作出处理，并经第三人复核。")
        rights = []
        if case.appeal_by is not None and case.status is CaseStatus.IN_FORCE:
            rights.append(
                f"您不服本处理的，可以在{_day(case.appeal_by)}前（按工作日计算）登录系统申请复核，"
                "由未参与本案的人员办理；也可以依法申请行政复议或者提起行政诉讼。"
            )
        to = f"{name}（专家编号 {case.expert_id}）"
        return self._letter(
            case.id, "处理决定告知书", to, paragraphs=[said], facts=facts, rights=rights
        )

    def _to_expert(self, left: _Left, name: str) -> Letter:
        return self._letter(
            left.id,
            "退出评标专家库告知书",
            f"{name}（专家编号 {left.expert_id}）",
            paragraphs=[
                f"您自{_day(left.on)}起不再是本专家库成员，不再被抽取。感谢您对评审工作的支持。"
                if left.kind is ExitKind.OWN_WISH
                else f"您自{_day(left.on)}起不再是本专家库成员，不再被抽取。"
            ],
            facts=self._facts(left),
            rights=[
                "退出不免除您对已参加的评标的责任。您参加过的评标记录依法保存；法定期限内仍须配合"
                "质疑、投诉的处理。",
                "此后，本库管理人员和监督人员可以查看您的任职和案件记录；已公开的抽取凭证中没有"
                "您的姓名；其他人看不到您的资料。您本人仍可登录查看自己的记录、导出资料，并在"
                "保存期限届满后申请删除身份信息。",
            ],
        )

    def _to_unit(self, left: _Left, name: str) -> Letter:
        return self._letter(
            left.id,
            "评标专家退出专家库函",
            self.recommended_by(left.expert_id),
            paragraphs=[
                f"贵单位推荐的专家{name}（专家编号 {left.expert_id}）自{_day(left.on)}起退出本评标"
                "专家库，特此函告。"
            ],
            facts=self._facts(left),
            rights=["本函只告知退出的种类和事由，不附案件材料。请贵单位对所载个人信息予以保密。"],
        )

    def _facts(self, left: _Left) -> list[tuple[str, str]]:
        facts = [
            ("退出种类", self._word("exit_kind", left.kind.value)),
            ("事由", self._word("ground", left.ground)),
            ("退出日", _day(left.on)),
        ]
        return [*facts, ("依据", left.basis)] if left.basis else facts

    def _letter(
        self,
        id_: str,
        title: str,
        to: str,
        *,
        paragraphs: list[str],
        facts: list[tuple[str, str]],
        rights: list[str],
    ) -> Letter:
        today = china_day(self._books.clock.now())
        return Letter(
            id=id_,
            title=title,
            number=f"编号　{id_}",
            to=to,
            paragraphs=paragraphs,
            facts=facts,
            rights=rights,
            sender=self._sender,
            day=_day(today),
        )


def _of_request(asked: ExitRequest) -> _Left:
    if asked.decision is Decision.GRANT and asked.decided_at is not None:
        on = china_day(asked.decided_at)
    else:
        # nobody decided in time: released with the day behind the last one
        on = date.fromordinal((asked.release_on or china_day(asked.asked_at)).toordinal() + 1)
    return _Left(asked.id, asked.expert_id, ExitKind.OWN_WISH, asked.ground, on, "")


def _of_departure(gone: Departure) -> _Left:
    on = china_day(gone.recorded_at)
    return _Left(gone.id, gone.expert_id, gone.kind, gone.ground, on, gone.basis)


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
