"""Who stands on outside lists: names and numbers, in the vault's own file and nowhere else.

The main database knows an entry by its number in the list. Here each is sealed like a
person of the pool, under the same key, so that equal numbers have equal keyed indexes and
the database itself finds who is in both.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final

from sqlalchemy import Select, and_, delete, func, insert
from sqlalchemy import select as select_columns
from sqlmodel import Field

from blacklist.core.list_columns import agrees, is_whole
from blacklist.core.list_matching import Compared, Found, Looked, Named, compared
from blacklist.core.outside_list import How
from draw_engine.persons import PORTION, SEPARATOR, Persons
from draw_engine.vault_store import VaultTable
from foundation.db import Database
from foundation.ids import ExpertId
from foundation.keys import FieldKey

MOST_NAMESAKES: Final = 5
"""An entry with a name alone is put to a person where no more experts than this bear it."""


class ListedRow(VaultTable, table=True):
    """Who one entry is about; `number` is None where the list gives no whole one."""

    __tablename__: ClassVar[str] = "vault_listed"

    list_id: str = Field(primary_key=True)
    n: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: bytes | None = Field(default=None, index=True)
    named: bytes = Field(index=True)
    born: bytes | None = None
    sealed: bytes


_LISTED: Final = VaultTable.metadata.tables["vault_listed"]
_PERSON: Final = VaultTable.metadata.tables["vault_person"]


class ListPersons:
    """The only door to the names of outside lists.

    Args:
        database: the vault's.
        field_key: `KeyRing.fields("persons")`, the key that the pool's people are under.
    """

    def __init__(self, database: Database, field_key: FieldKey, persons: Persons) -> None:
        self._database = database
        self._key = field_key
        self._persons = persons

    def blind(self, text: str) -> bytes:
        """Keyed index of what tells one entry from another; it is none of a person."""
        return self._key.blind(f"listed/{text}")

    def stage(self, list_id: str, rows: Sequence[Named]) -> None:
        """Seal a portion of a list."""
        if not rows:
            return
        made = [self._row(list_id, one) for one in rows]
        with self._database.write() as db:
            db.connection().execute(insert(_LISTED), made)

    def forget(self, list_id: str) -> None:
        """Forget whom a list is about, for good. Repeating it is harmless."""
        with self._database.write() as db:
            db.connection().execute(delete(_LISTED).where(_LISTED.c.list_id == list_id))

    def staged(self, list_id: str) -> int:
        """How many entries of a list are sealed here."""
        with self._database.read() as db:
            counted = select_columns(func.count()).where(_LISTED.c.list_id == list_id)
            return int(db.connection().execute(counted).scalar_one())

    def matches(self, list_id: str, first: int, last: int) -> Found:
        """What the entries from `first` to `last` have in common with the pool."""
        here = and_(_LISTED.c.list_id == list_id, _LISTED.c.n.between(first, last))
        columns = select_columns(_LISTED.c.n, _PERSON.c.expert_id)
        same = columns.join(_PERSON, _PERSON.c.blind == _LISTED.c.number).where(here)
        alike = (
            columns.join(_PERSON, _PERSON.c.born == _LISTED.c.born)
            .where(here)
            .where(_PERSON.c.blind != _LISTED.c.number)
        )
        found = Found([], set())
        with self._database.read() as db:
            connection = db.connection()
            for n, expert in connection.execute(same):
                found.pairs.append((n, ExpertId(expert), How.NUMBER))
            known = {n for n, _, _ in found.pairs}
            for n, expert in connection.execute(alike):
                if n not in known:
                    found.pairs.append((n, ExpertId(expert), How.OTHER_NUMBER))
            unnumbered = _LISTED.c.number.is_(None)
            partly = list(connection.execute(select_columns(*_LISTED.c).where(here, unnumbered)))
            bearers = self._bearers(connection, {row.named for row in partly})
        self._by_name(partly, bearers, found)
        return found

    def compare(self, list_id: str, n: int, expert_id: ExpertId) -> Compared:
        """In what an entry and an expert agree; no value of either."""
        seen = self.look(list_id, n, expert_id)
        return compared(seen)

    def look(self, list_id: str, n: int, expert_id: ExpertId) -> Looked:
        """Name and number of both, for a person who may see them.

        Raises:
            UnknownPerson: the pool has erased the expert.
            LookupError: the list was forgotten.
        """
        person = self._persons.get(expert_id)
        which = and_(_LISTED.c.list_id == list_id, _LISTED.c.n == n)
        with self._database.read() as db:
            row = db.connection().execute(select_columns(*_LISTED.c).where(which)).first()
        if row is None:
            raise LookupError(list_id)
        name, number = self._open(row)
        return Looked(name, number, person.name, person.id_number)

    def listed(self, numbers: Iterable[str]) -> dict[str, list[tuple[str, int]]]:
        """Those of the identity numbers that stand on a list: list and entry of each."""
        blinds = {self._persons.blind(number): number for number in numbers}
        found: dict[str, list[tuple[str, int]]] = {}
        with self._database.read() as db:
            for some in _portions(list(blinds)):
                wanted = select_columns(_LISTED.c.number, _LISTED.c.list_id, _LISTED.c.n)
                for row in db.connection().execute(wanted.where(_LISTED.c.number.in_(some))):
                    found.setdefault(blinds[row.number], []).append((row.list_id, row.n))
        return found

    def _bearers(self, connection: Any, names: set[bytes]) -> dict[bytes, list[Any]]:
        """The experts who bear each of the names, still sealed."""
        found: dict[bytes, list[Any]] = {}
        wanted: Select[Any] = select_columns(_PERSON.c.named, _PERSON.c.expert_id, _PERSON.c.sealed)
        for some in _portions(sorted(names)):
            for row in connection.execute(wanted.where(_PERSON.c.named.in_(some))).all():
                found.setdefault(row.named, []).append(row)
        return found

    def _by_name(
        self, partly: Iterable[Any], bearers: Mapping[bytes, list[Any]], found: Found
    ) -> None:
        numbers: dict[str, str] = {}
        for row in partly:
            namesakes = bearers.get(row.named, [])
            if not namesakes:
                continue
            written = self._open(row)[1]
            if written:
                for one in namesakes:
                    expert = ExpertId(one.expert_id)
                    if expert not in numbers:
                        numbers[expert] = self._persons.number_in(one)
                    if agrees(written, numbers[expert]):
                        found.pairs.append((row.n, expert, How.STARRED))
            elif len(namesakes) > MOST_NAMESAKES:
                found.common.add(row.n)
            else:
                found.pairs.extend(
                    (row.n, ExpertId(one.expert_id), How.NO_NUMBER) for one in namesakes
                )

    def _row(self, list_id: str, one: Named) -> dict[str, object]:
        plain = SEPARATOR.join((one.name, one.number))
        if plain.count(SEPARATOR) != 1:
            raise ValueError("a field holds the separator")
        whole = is_whole(one.number)
        return {
            "list_id": list_id,
            "n": one.n,
            "number": self._persons.blind(one.number) if whole else None,
            "named": self._persons.blind_name(one.name),
            "born": self._persons.blind_birth(one.name, one.number) if whole else None,
            # Bound to list and entry: a row that is moved no longer opens.
            "sealed": self._key.seal(plain, context=_context(list_id, one.n)),
        }

    def _open(self, row: Any) -> tuple[str, str]:
        plain = self._key.open(row.sealed, context=_context(row.list_id, row.n))
        name, number = plain.split(SEPARATOR)
        return name, number


def _context(list_id: str, n: int) -> str:
    return f"listed/{list_id}/{n}"


def _portions(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (values[at : at + PORTION] for at in range(0, len(values), PORTION))
