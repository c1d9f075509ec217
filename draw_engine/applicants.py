"""Who has applied for appointment, in the vault's own database, sealed, until it is decided.

The main database and the ledger know an application by its id alone. What the application
must prove of the person (an age below a limit) is answered here with yes or no.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from sqlalchemy import delete
from sqlmodel import Field, col, select

from draw_engine.vault_store import VaultTable
from foundation.db import Database
from foundation.errors import Kind, ServiceError
from foundation.keys import FieldKey

SEPARATOR = "\x1f"


class UnknownApplicant(ServiceError):
    """The vault knows no person of this application; it is decided, and the person forgotten."""

    code = "appointment.unknown_applicant"
    kind = Kind.NOT_FOUND


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who applies."""

    application_id: str
    name: str
    id_number: str
    phone: str
    generated: bool = False

    def __repr__(self) -> str:
        # A person in a log line or a traceback would be a leak.
        return f"Applicant({self.application_id})"


class ApplicantRow(VaultTable, table=True):
    """One applicant; one identity number has at most one open application."""

    __tablename__: ClassVar[str] = "vault_applicant"

    application_id: str = Field(primary_key=True)
    blind: bytes = Field(unique=True)
    sealed: bytes
    generated: bool


class Applicants:
    """The only door to applicants' names.

    Args:
        field_key: the key of `Persons`: the same number has the same index in both.
    """

    def __init__(self, database: Database, field_key: FieldKey) -> None:
        self._database = database
        self._key = field_key

    def add(self, one: Applicant) -> None:
        """Keep an applicant.

        Raises:
            IntegrityError: an application of this person is open.
        """
        plain = SEPARATOR.join((one.name, one.id_number, one.phone))
        if plain.count(SEPARATOR) != 2:
            raise ValueError("a field holds the separator")
        row = ApplicantRow(
            application_id=one.application_id,
            blind=self._key.blind(one.id_number),
            sealed=self._key.seal(plain, context=f"applicant/{one.application_id}"),
            generated=one.generated,
        )
        with self._database.write() as db:
            db.add(row)

    def get(self, application_id: str) -> Applicant:
        """Who applies.

        Raises:
            UnknownApplicant: nobody, or forgotten.
        """
        with self._database.read() as db:
            row = db.get(ApplicantRow, application_id)
        if row is None:
            raise UnknownApplicant
        plain = self._key.open(row.sealed, context=f"applicant/{application_id}")
        name, id_number, phone = plain.split(SEPARATOR)
        return Applicant(application_id, name, id_number, phone, row.generated)

    def has(self, id_number: str) -> bool:
        """Has this person an open application?"""
        wanted = select(ApplicantRow.application_id).where(
            ApplicantRow.blind == self._key.blind(id_number)
        )
        with self._database.read() as db:
            return db.exec(wanted).first() is not None

    def ids(self) -> set[str]:
        """Every application with a person here; as many as are open."""
        with self._database.read() as db:
            return set(db.exec(select(ApplicantRow.application_id)))

    def erase(self, application_ids: Iterable[str]) -> None:
        """Forget the persons of some applications."""
        with self._database.write() as db:
            for one in sorted(set(application_ids)):
                which = col(ApplicantRow.application_id) == one
                db.connection().execute(delete(ApplicantRow).where(which))


def age_on(id_number: str, day: date) -> int:
    """Completed years of life on a day, by the day of birth in an identity number."""
    born = date(int(id_number[6:10]), int(id_number[10:12]), int(id_number[12:14]))
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
