"""Who the experts are: names, identity numbers, telephones, in the vault's own file.

Only the vault and the import use this. Every value is sealed with the field key; a keyed
blind index answers "is this person here already?" without storing the number. Whoever
copies the main database learns nobody's name.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import delete, insert
from sqlmodel import Field, col, select

from draw_engine.vault_store import VaultTable
from foundation.db import Database
from foundation.errors import Kind, ServiceError
from foundation.ids import ExpertId
from foundation.keys import FieldKey

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
            there = set(db.exec(select(PersonRow.blind)))
        return {blinds[blind] for blind in blinds.keys() & there}

    def get(self, expert_id: ExpertId) -> Person:
        """The person behind an id.

        Raises:
            UnknownPerson: nobody, or erased.
            KeyUnusable: the row was sealed with another key.
        """
        return self.get_many([expert_id])[expert_id]

    def get_many(self, expert_ids: Iterable[ExpertId]) -> dict[ExpertId, Person]:
        """The persons behind several ids; refusals as `get`."""
        wanted = set(expert_ids)
        with self._database.read() as db:
            if len(wanted) > 500:
                rows = [row for row in db.exec(select(PersonRow)) if row.expert_id in wanted]
            else:
                rows = list(db.exec(select(PersonRow).where(col(PersonRow.expert_id).in_(wanted))))
        if len(rows) != len(wanted):
            raise UnknownPerson
        return {(one := self._person(row)).expert_id: one for row in rows}

    def between(self, first: ExpertId, last: ExpertId) -> list[Person]:
        """The persons whose ids lie from `first` to `last`, ascending; refusals as `get`."""
        ids = col(PersonRow.expert_id)
        with self._database.read() as db:
            rows = db.exec(select(PersonRow).where(ids >= first, ids <= last).order_by(ids))
            return [self._person(row) for row in rows]

    def ids(self) -> set[ExpertId]:
        """Everybody who is here."""
        with self._database.read() as db:
            return {ExpertId(one) for one in db.exec(select(PersonRow.expert_id))}

    def erase(self, *expert_ids: ExpertId) -> None:
        """Forget persons for good; their rows in the pool and the ledger stay nameless."""
        with self._database.write() as db:
            for at in range(0, len(expert_ids), 500):
                some = expert_ids[at : at + 500]
                db.connection().execute(delete(PersonRow).where(col(PersonRow.expert_id).in_(some)))

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
        }

    def _person(self, row: PersonRow) -> Person:
        plain = self._key.open(row.sealed, context=f"person/{row.expert_id}")
        name, id_number, phone = plain.split(SEPARATOR)
        return Person(ExpertId(row.expert_id), name, id_number, phone, row.generated)
