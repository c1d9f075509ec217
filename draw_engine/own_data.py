"""Everything this service knows of one expert, in one archive: for programs, and to be read.

The person asks for the own data only; who else sat, bid or decided is not in it.

Source: 个人信息保护法 45; RULES R-CONF-7.
"""

import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, Final, cast

from draw_engine import own_page
from draw_engine.expert_pool import ExpertPool
from draw_engine.own_hats import OwnHats
from draw_engine.persons import Persons
from foundation.ids import AccountId, ExpertId
from foundation.ledger.book import Books

STREAM: Final = "own-data"
READ_ME: Final = "own-data.html"
MACHINE: Final = "own-data.json"

Part = Callable[[ExpertId], Any]
"""What one room knows of an expert, as plain values."""


@dataclass(frozen=True, slots=True)
class Archive:
    """A ZIP as it is made; `name` tells nobody's name."""

    name: str
    data: Iterator[bytes]


class OwnData:
    """Gathers and hands over.

    Args:
        parts: what other rooms know, under the names that the archive gives them.
    """

    def __init__(
        self,
        books: Books,
        pool: ExpertPool,
        persons: Persons,
        hats: OwnHats,
        parts: Mapping[str, Part],
    ) -> None:
        self._books = books
        self._pool = pool
        self._persons = persons
        self._hats = hats
        self._parts = parts

    def export(self, expert_id: ExpertId, by: AccountId) -> Archive:
        """The archive; an entry tells that it was handed over, and nothing of what is in it.

        Raises:
            UnknownExpert, UnknownPerson: nobody is known by this id, or was erased.
        """
        told = self.gather(expert_id)
        with self._books.write() as book:
            at = book.now
            body = {"expert_id": expert_id, "by": by, "at": at.isoformat()}
            book.append(STREAM, "own_data.exported", body)
        return Archive(f"own-data-{at:%Y%m%d}.zip", zipped(told, at))

    def gather(self, expert_id: ExpertId) -> dict[str, Any]:
        """Everything, as plain values; refusals as `export`."""
        (facts,) = self._pool.facts([expert_id])
        person = self._persons.get(expert_id)
        employer = self._pool.organisation(facts.employer)
        days = self._hats.days(expert_id)
        return {
            "person": {
                "expert_id": expert_id,
                "name": person.name,
                "id_number": person.id_number,
                "phone": person.phone,
                "generated": person.generated,
            },
            "pool": {
                "version": facts.version,
                "region": facts.region,
                "employer": employer.name if employer else "",
                "unified_credit_code": facts.employer,
                "classification": facts.classification,
                **facts.qualification(),
                "admitted_at": facts.admitted_at.isoformat(),
            },
            **{name: part(expert_id) for name, part in self._parts.items()},
            "draws": [
                {
                    "M": one.M,
                    "log_index": one.index,
                    "frozen_at": one.frozen_at.isoformat(),
                    "day": one.manifest["day"],
                    **{key: value for key, value in one.answer.items() if key != "pad"},
                }
                for day in days
                for one in self._hats.on(expert_id, day)
            ],
        }


class _Sink:
    """Where a ZIP is written to, and read from meanwhile: it cannot seek."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        self._held += data
        return len(data)

    def flush(self) -> None:
        """Nothing lies below."""

    def taken(self) -> bytes:
        """What was written since the last time."""
        data = bytes(self._held)
        self._held.clear()
        return data


def zipped(told: Mapping[str, Any], at: datetime) -> Iterator[bytes]:
    """The archive of `told`, piece by piece."""
    sink = _Sink()
    plain = json.dumps(told, ensure_ascii=False, indent=2, default=str)
    files = {READ_ME: own_page.page(json.loads(plain), at), MACHINE: plain + "\n"}
    # it only writes and flushes, which is all that a ZIP without a seek needs
    with zipfile.ZipFile(cast(IO[bytes], sink), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text.encode())
            yield sink.taken()
    yield sink.taken()
