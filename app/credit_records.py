"""Credit records (EXPERT_CREDIT_RECORD, 208): our list in the data standard's names, and theirs.

Identity numbers leave and enter through the vault's door alone. Writing a file is an act with a
reason and an entry; reading one changes nothing: who is ours is shown, a person puts
forward what follows, and another confirms it (R-SOD-2, R-E-3).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Final

from app.words import Language, catalogue
from blacklist.core.facts import Measure, china_day
from blacklist.core.feed import SHARED
from blacklist.core.grounds import GROUNDS, Kind
from blacklist.core.terms import MOST_CHARACTERS, check_words
from foundation.dataspec.forms import Dataset, from_json, from_xml, to_json, to_xml
from foundation.dataspec.tables import Record, Value, table_of
from foundation.digest import sha256
from foundation.identity_number import plain
from foundation.ids import AccountId, ExpertId
from foundation.instants import CHINA_STANDARD_TIME
from foundation.ledger.book import Books

TABLE: Final = "EXPERT_CREDIT_RECORD"
STREAM: Final = "dataspec"
LACKS: Final = frozenset(
    {
        # codes of the specification's own lists, which are not at hand
        *("REWARD_PUNISHMENT_TYPE", "CONFINED_ACTION", "APPROVE_DEPT_CODE"),
        # a measure is about a person, not about a project
        *("TENDER_PROJECT_NAME", "TENDER_PROJECT_CODE", "UNIFIED_DEAL_CODE"),
        # no account of ours is a name to hand on
        "OPERATOR",
        *("PLATFORM_CODE", "PUB_SERVICE_PLAT_CODE"),
    }
)
"""Required fields that this service does not hold; the file says so, and nothing is made up."""

ELSEWHERE: Final = "barred_elsewhere"


class Form(StrEnum):
    """In which form a file is written."""

    XML = "xml"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Told:
    """A record of a file about one of ours; `held`: the same already stands here.

    `kind` is None where the result is written in other words than the list's.
    """

    record: int
    expert_id: ExpertId
    kind: Kind | None
    ground: str
    result: str
    basis: str
    deciding_body: str
    starts_on: date
    ends_on: date | None
    held: bool


class CreditRecords:
    """Writes and reads credit records.

    Args:
        measures: our list.
        numbers: identity numbers of some of ours; who was erased is left out.
        ours: whose identity numbers some are.
    """

    def __init__(
        self,
        books: Books,
        measures: Callable[[], Sequence[Measure]],
        numbers: Callable[[Iterable[ExpertId]], Mapping[ExpertId, str]],
        ours: Callable[[Iterable[str]], Mapping[str, ExpertId]],
    ) -> None:
        self._books = books
        self._measures = measures
        self._numbers = numbers
        self._ours = ours

    def export(self, form: Form, reason: str, by: AccountId) -> bytes:
        """Everything of the shared kinds that is on record and not lifted, as a file.

        Raises:
            WordsMissing: no reason. FieldUnfit: names a record and a field.
        """
        check_words(reason)
        now = self._books.clock.now().replace(microsecond=0)
        wanted = [one for one in reversed(self._measures()) if _told(one)]
        numbers = self._numbers({one.expert_id for one in wanted})
        known = [one for one in wanted if one.expert_id in numbers]
        records = tuple(record_of(one, numbers[one.expert_id], now) for one in known)
        data = Dataset(table_of(TABLE), records, LACKS)
        file = to_xml(data) if form is Form.XML else to_json(data)
        body = {
            "table": TABLE,
            "form": form.value,
            "records": len(records),
            "nameless": len(wanted) - len(known),
            "sha256": sha256(file).hex(),
            "reason": reason.strip(),
            "by": by,
        }
        # The entry stands before the file leaves: numbers go nowhere without a trace.
        with self._books.write() as book:
            book.append(STREAM, "dataspec.exported", body)
        return file

    def check(self, file: bytes, by: AccountId) -> tuple[int, list[Told]]:
        """How many records a file holds, and those about our people.

        Raises:
            DocumentUnfit, UnknownTable, FieldUnfit.
        """
        data = from_xml(file) if file.lstrip()[:1] == b"<" else from_json(file)
        if data.table.name != TABLE:
            table_of("")
        numbers = [plain(str(one["ID_CARD"])) for one in data.records]
        ours = self._ours(set(numbers))
        here = [one for one in self._measures() if _told(one)]
        found = [
            _read(at, ours[number], record, here)
            for at, (number, record) in enumerate(zip(numbers, data.records, strict=True), 1)
            if number in ours
        ]
        body = {
            "table": TABLE,
            "records": len(numbers),
            "ours": len(found),
            "sha256": sha256(file).hex(),
            "by": by,
        }
        with self._books.write() as book:
            book.append(STREAM, "dataspec.read", body)
        return len(numbers), found


def record_of(measure: Measure, number: str, now: datetime) -> Record:
    """A measure as a record."""
    ground = GROUNDS.get(measure.ground)
    article = f"{ground.article}；" if ground else ""
    record: dict[str, Value] = {
        "ID_CARD": number,
        "APPROVE_DEPT_NAME": measure.deciding_body[:200],
        "VIOLATING_BASIS": f"{article}{measure.basis}",
        "VIOLATING_RESULT": _words()[measure.kind],
        "PULISH_DATE": china_day(measure.recorded_at),
        "START_DATE": _begin(measure.starts_on),
        "OPERATE_DATE": measure.recorded_at.replace(microsecond=0),
        "DATA_TIMESTAMP": now,
    }
    if measure.ends_on is not None:
        record["END_DATE"] = datetime.combine(
            measure.ends_on, time(23, 59, 59), CHINA_STANDARD_TIME
        )
    return record


def _read(at: int, who: ExpertId, record: Record, here: Sequence[Measure]) -> Told:
    result = str(record["VIOLATING_RESULT"])
    kind = next((one for one, word in _words().items() if word == result.strip()), None)
    starts, ends = record["START_DATE"], record.get("END_DATE")
    starts_on = china_day(starts) if isinstance(starts, datetime) else date.min
    ends_on = china_day(ends) if isinstance(ends, datetime) else None
    alike = (who, kind, starts_on, ends_on)
    return Told(
        record=at,
        expert_id=who,
        kind=kind,
        ground=_ground(kind),
        result=result[:MOST_CHARACTERS],
        basis=str(record["VIOLATING_BASIS"])[:MOST_CHARACTERS],
        deciding_body=str(record["APPROVE_DEPT_NAME"]),
        starts_on=starts_on,
        ends_on=ends_on,
        held=any((m.expert_id, m.kind, m.starts_on, m.ends_on) == alike for m in here),
    )


def _ground(kind: Kind | None) -> str:
    """The ground under which another region's record is put forward here."""
    if kind is None:
        return ""
    if kind in GROUNDS[ELSEWHERE].kinds:
        return ELSEWHERE
    return next(code for code, ground in GROUNDS.items() if kind in ground.kinds)


def _told(measure: Measure) -> bool:
    return measure.kind in SHARED and measure.lifted_at is None


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA_STANDARD_TIME)


def _words() -> dict[Kind, str]:
    words = catalogue(Language.CHINESE, "measure")
    return {kind: str(words[kind.value]) for kind in SHARED}
