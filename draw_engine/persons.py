"""Who the experts are: names, identity numbers, telephones, in the vault's own file.

Only the vault and the import use this. Every value is sealed with the field key; a keyed
blind index answers "is this person here already?" without storing the number, and a second
one "whose telephone is this?". Whoever copies the main database learns nobody's name.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, TypeVar

from sqlalchemy import bindparam, delete, insert, update
from sqlalchemy import select as select_columns
from sqlmodel import Field, col, func, select

from draw_engine.vault_store import VaultTable
from foundation.db import Database
from foundation.errors import Kind, ServiceError
from foundation.ids import ExpertId
from foundation.keys import FieldKey

T = TypeVar("T")

PORTION: Final = 500
"""Values in one `IN (...)`: below what any database allows in a statement."""

BORN: Final = slice(6, 14)
"""Where a whole identity number tells the day of birth."""

SEPARATOR = "\x1f"
"""Between the fields inside one sealed value; no field may hold it (a control character)."""


class UnknownPerson(ServiceError):
    """The vault knows nobody by this id, or has erased what it knew."""

    code = "pool.unknown_person"
    kind = Kind.NOT_FOUND


@dataclass(frozen=True, slots=True)
class Person:
    """Who an expert is. `generated` people do not exist; they say so everywhere."""

    expert_id: ExpertId
    name: str
    id_number: str
    phone: str
    generated: bool = False

    def identity(self) -> dict[str, object]:
        """The object behind F_id of the snapshot (DRAW_PROTOCOL section 2)."""
        return {"generated": self.generated, "id": self.id_number, "name": self.name}

    def __repr__(self) -> str:
        # A person in a log line or a traceback would be a leak.
        return f"Person({self.expert_id})"


class PersonRow(VaultTable, table=True):
    """One person; `sealed` holds name, identity number and telephone together."""

    __tablename__: ClassVar[str] = "vault_person"

    expert_id: str = Field(primary_key=True)
    blind: bytes = Field(unique=True)
    sealed: bytes
    generated: bool
    phone: bytes | None = Field(default=None, index=True)
    """Keyed index of the telephone; None in rows of an older version until the next start.

    Not unique: an older version took two experts under one telephone.
    """
    named: bytes | None = Field(default=None, index=True)
    """Keyed index of the name, to find namesakes of who stands on an outside list."""
    born: bytes | None = Field(default=None, index=True)
    """Keyed index of name and day of birth together."""
    token: bytes | None = Field(default=None, index=True)
    """By what a federation knows the person (`person_tokens.py`); None until it is asked for."""


class Persons:
    """The only door to names.

    Args:
        database: the vault's file (`Settings.vault_database`), not the main one.
        field_key: `KeyRing.fields("persons")`.
    """

    def __init__(self, database: Database, field_key: FieldKey) -> None:
        self._database = database
        self._key = field_key

    def add_many(self, persons: Sequence[Person]) -> None:
        """Store all of them, or none.

        Raises:
            IntegrityError: an id or an identity number is there already.
        """
        if not persons:
            return
        rows = [self._row(person) for person in persons]
        with self._database.write() as db:
            db.connection().execute(insert(PersonRow), rows)

    def known_identities(self, id_numbers: Iterable[str]) -> set[str]:
        """Those of `id_numbers` that somebody here already has."""
        blinds = {self._key.blind(number): number for number in id_numbers}
        with self._database.read() as db:
            there = [
                blind
                for some in _portions(list(blinds))
                for blind in db.exec(select(PersonRow.blind).where(col(PersonRow.blind).in_(some)))
            ]
        return {blinds[blind] for blind in there}

    def by_numbers(self, id_numbers: Iterable[str]) -> dict[str, ExpertId]:
        """Those of `id_numbers` that somebody here has, each with whose it is."""
        blinds = {self._key.blind(number): number for number in id_numbers}
        found: dict[str, ExpertId] = {}
        with self._database.read() as db:
            for some in _portions(list(blinds)):
                columns = select_columns(_TABLE.c.blind, _TABLE.c.expert_id)
                for row in db.connection().execute(columns.where(_TABLE.c.blind.in_(some))):
                    found[blinds[row.blind]] = ExpertId(row.expert_id)
        return found

    def who_has(self, id_number: str) -> ExpertId | None:
        """The expert with this identity number, whatever the standing; None where there is none."""
        wanted = select(PersonRow.expert_id).where(PersonRow.blind == self._key.blind(id_number))
        with self._database.read() as db:
            found = db.exec(wanted).first()
        return None if found is None else ExpertId(found)

    def change_phone(self, expert_id: ExpertId, phone: str) -> str:
        """Another telephone for an expert; answers the one before.

        Raises:
            UnknownPerson: nobody, or erased.
        """
        person = self.get(expert_id)
        values = self._row(replace(person, phone=phone))
        with self._database.write() as db:
            which = _TABLE.c.expert_id == expert_id
            db.connection().execute(
                update(_TABLE).where(which).values(sealed=values["sealed"], phone=values["phone"])
            )
        return person.phone

    def blind(self, id_number: str) -> bytes:
        """Keyed index of an identity number, 32 bytes; equal numbers have equal ones."""
        return self._key.blind(id_number)

    def mark(self, id_number: str) -> bytes:
        """By what one person's accounts are known as theirs; it is no `blind`, 32 bytes."""
        return self._key.blind(f"mark/{id_number}")

    def known_phones(self, phones: Iterable[str]) -> dict[str, set[bytes]]:
        """Those of `phones` that somebody here has, each with the `blind` of whoever has it."""
        blinds = {self.blind_phone(phone): phone for phone in phones}
        found: dict[str, set[bytes]] = {}
        with self._database.read() as db:
            for some in _portions(list(blinds)):
                columns = select_columns(_TABLE.c.phone, _TABLE.c.blind)
                for row in db.connection().execute(columns.where(_TABLE.c.phone.in_(some))):
                    found.setdefault(blinds[row.phone], set()).add(row.blind)
        return found

    def blind_phone(self, phone: str) -> bytes:
        """Keyed index of a telephone, 32 bytes; it is no index of an identity number."""
        return self._key.blind(f"phone/{phone}")

    def index_phones(self) -> int:
        """Index the telephones of rows that an older version wrote; answers how many.

        A crash in here is safe: the next start goes on with the rows that are left.
        """
        return self._index("phone")

    def index_names(self) -> int:
        """The same for names, and names with days of birth."""
        return self._index("named", "born")

    def _index(self, *columns: str) -> int:
        indexed = 0
        rest = _PERSONS.where(_TABLE.c[columns[0]].is_(None)).limit(PORTION)
        one = _TABLE.c.expert_id == bindparam("which")
        values: dict[str, Any] = {column: bindparam(f"new_{column}") for column in columns}
        while True:
            with self._database.write() as db:
                connection = db.connection()
                some = [self._person(row) for row in connection.execute(rest)]
                if not some:
                    return indexed
                found = [
                    {"which": person.expert_id}
                    | {f"new_{column}": made[column] for column in columns}
                    for person in some
                    for made in (self._indexes(person),)
                ]
                connection.execute(update(_TABLE).where(one).values(**values), found)
            indexed += len(some)

    def blind_name(self, name: str) -> bytes:
        """Keyed index of a name as a reader sees it: width and blanks are no difference."""
        return self._key.blind(f"name/{_seen(name)}")

    def blind_birth(self, name: str, id_number: str) -> bytes:
        """Keyed index of a name and the day of birth that a whole identity number tells."""
        return self._key.blind(f"born/{_seen(name)}/{id_number[BORN]}")

    def get(self, expert_id: ExpertId) -> Person:
        """The person behind an id.

        Raises:
            UnknownPerson: nobody, or erased.
            KeyUnusable: the row was sealed with another key.
        """
        return self.get_many([expert_id])[expert_id]

    def get_many(self, expert_ids: Iterable[ExpertId]) -> dict[ExpertId, Person]:
        """The persons behind several ids; refusals as `get`."""
        wanted, found = sorted(set(expert_ids)), dict[ExpertId, Person]()
        with self._database.read() as db:
            for some in _portions(wanted):
                rows = db.connection().execute(_PERSONS.where(_TABLE.c.expert_id.in_(some)))
                found |= {(one := self._person(row)).expert_id: one for row in rows}
        if len(found) != len(wanted):
            raise UnknownPerson
        return found

    def get_known(self, expert_ids: Iterable[ExpertId]) -> list[Person]:
        """The persons behind those ids that the vault still knows."""
        found: list[Person] = []
        with self._database.read() as db:
            for some in _portions(sorted(set(expert_ids))):
                rows = db.connection().execute(_PERSONS.where(_TABLE.c.expert_id.in_(some)))
                found += (self._person(row) for row in rows)
        return found

    def between(self, first: ExpertId, last: ExpertId) -> list[Person]:
        """The persons whose ids lie from `first` to `last`, ascending; refusals as `get`."""
        ids = col(PersonRow.expert_id)
        with self._database.read() as db:
            rows = db.exec(select(PersonRow).where(ids >= first, ids <= last).order_by(ids))
            return [self._person(row) for row in rows]

    def ids(self) -> set[ExpertId]:
        """Everybody who is here. Grows with the pool: for tests and small pools only."""
        return {one for some in self.each_ids() for one in some}

    def each_ids(self, at_once: int = 10_000) -> Iterator[list[ExpertId]]:
        """Everybody's id, ascending, in portions."""
        after = ""
        while True:
            with self._database.read() as db:
                statement = (
                    select(PersonRow.expert_id)
                    .where(PersonRow.expert_id > after)
                    .order_by(col(PersonRow.expert_id))
                    .limit(at_once)
                )
                some = [ExpertId(one) for one in db.exec(statement)]
            if not some:
                return
            yield some
            after = some[-1]

    def newest(self) -> str:
        """The greatest id; "" where nobody is here."""
        with self._database.read() as db:
            return db.exec(select(func.max(PersonRow.expert_id))).one() or ""

    def erase(self, *expert_ids: ExpertId) -> None:
        """Forget persons for good; their rows in the pool and the ledger stay nameless."""
        for some in _portions(expert_ids):
            with self._database.write() as db:
                db.connection().execute(delete(PersonRow).where(col(PersonRow.expert_id).in_(some)))

    def erase_from(self, floor: str) -> int:
        """Forget everybody whose id is `floor` or greater; a portion at a time."""
        erased = 0
        for some in self._from(floor):
            self.erase(*some)
            erased += len(some)
        return erased

    def _from(self, floor: str) -> Iterator[list[ExpertId]]:
        while True:
            with self._database.read() as db:
                statement = select(PersonRow.expert_id).where(PersonRow.expert_id >= floor)
                some = [ExpertId(one) for one in db.exec(statement.limit(PORTION))]
            if not some:
                return
            yield some

    def _row(self, person: Person) -> dict[str, object]:
        plain = SEPARATOR.join((person.name, person.id_number, person.phone))
        if plain.count(SEPARATOR) != 2:
            raise ValueError("a field holds the separator")
        return {
            "expert_id": person.expert_id,
            "blind": self._key.blind(person.id_number),
            # Bound to the id: a row moved to another expert no longer opens.
            "sealed": self._key.seal(plain, context=f"person/{person.expert_id}"),
            "generated": person.generated,
            **self._indexes(person),
        }

    def _indexes(self, person: Person) -> dict[str, bytes]:
        return {
            "phone": self.blind_phone(person.phone),
            "named": self.blind_name(person.name),
            "born": self.blind_birth(person.name, person.id_number),
        }

    def number_in(self, row: Any) -> str:
        """The identity number of a row that another table of the same file was joined with."""
        return self._opened(row)[1]

    def _person(self, row: Any) -> Person:
        name, id_number, phone = self._opened(row)
        return Person(ExpertId(row.expert_id), name, id_number, phone, row.generated)

    def _opened(self, row: Any) -> list[str]:
        return self._key.open(row.sealed, context=f"person/{row.expert_id}").split(SEPARATOR)


def _seen(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split())


def _portions(values: Sequence[T]) -> Iterator[Sequence[T]]:
    return (values[at : at + PORTION] for at in range(0, len(values), PORTION))


_TABLE: Final = VaultTable.metadata.tables["vault_person"]
_PERSONS: Final = select_columns(*_TABLE.c)
