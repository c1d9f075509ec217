"""By what another service knows one of our people, without a name: tokens of a federation.

A token is keyed by a secret that the federation's services share and nobody else has; equal
people have equal tokens in all of them. It is computed here, where the identity numbers are, and
the rows are found by it. Its first four bytes tell the key, so that a changed key is noticed.
"""

import hmac
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import bindparam, or_, update
from sqlalchemy import select as select_columns

from draw_engine.persons import PORTION, Persons, UnknownPerson
from draw_engine.vault_store import VaultTable
from foundation.db import Database
from foundation.digest import tagged
from foundation.identity_number import plain
from foundation.ids import ExpertId

KEY_ID_BYTES: Final = 4
TOKEN_BYTES: Final = 32

_TABLE: Final = VaultTable.metadata.tables["vault_person"]


class PersonTokens:
    """The vault's door for the federation.

    Args:
        key: the federation's secret, 32 bytes; None where this service is in none.
    """

    def __init__(self, database: Database, persons: Persons, key: bytes | None) -> None:
        self._database = database
        self._persons = persons
        self._key = key
        self._id = tagged("federation/key", key)[:KEY_ID_BYTES] if key else b""

    @property
    def key_id(self) -> str:
        """Which key it is, for all to see; "" without one."""
        return self._id.hex()

    def token(self, expert_id: ExpertId) -> str:
        """The token of one of ours; "" where the vault has erased who it was, or has no key."""
        if self._key is None:
            return ""
        try:
            return self._token(self._persons.get(expert_id).id_number).hex()
        except UnknownPerson:
            return ""

    def of_number(self, id_number: str) -> str:
        """The token of an identity number in plain form; "" without a key."""
        return "" if self._key is None else self._token(id_number).hex()

    def experts(self, tokens: Iterable[str]) -> dict[str, ExpertId]:
        """Those of `tokens` that belong to one of ours."""
        wanted = [bytes.fromhex(one) for one in tokens]
        found: dict[str, ExpertId] = {}
        columns = select_columns(_TABLE.c.token, _TABLE.c.expert_id)
        with self._database.read() as db:
            for at in range(0, len(wanted), PORTION):
                some = _TABLE.c.token.in_(wanted[at : at + PORTION])
                for row in db.connection().execute(columns.where(some)):
                    found[row.token.hex()] = ExpertId(row.expert_id)
        return found

    def newest(self) -> str:
        """The greatest id of our people; "" where there is nobody."""
        return self._persons.newest()

    def told_by(self, expert_id: ExpertId, texts: Sequence[str]) -> list[bool]:
        """Whether each of some texts holds the name or the number of the person."""
        try:
            person = self._persons.get(expert_id)
        except UnknownPerson:
            return [False] * len(texts)
        return [person.name in one or person.id_number in one.upper() for one in texts]

    def index(self) -> int:
        """Give their token to all who have none under this key; answers to how many.

        A crash in here is safe: the next call goes on with the rows that are left.
        """
        if self._key is None:
            return 0
        token, done = _TABLE.c.token, 0
        other = or_(
            token.is_(None), token < self._id, token > self._id + b"\xff" * (TOKEN_BYTES + 1)
        )
        rest = select_columns(_TABLE.c.expert_id).where(other).limit(PORTION)
        one = update(_TABLE).where(_TABLE.c.expert_id == bindparam("which"))
        while True:
            with self._database.write() as db:
                connection = db.connection()
                some = [ExpertId(row.expert_id) for row in connection.execute(rest)]
                if not some:
                    return done
                values: list[dict[str, Any]] = [
                    {"which": person.expert_id, "index": self._token(person.id_number)}
                    for person in self._persons.get_many(some).values()
                ]
                connection.execute(one.values(token=bindparam("index")), values)
            done += len(some)

    def _token(self, id_number: str) -> bytes:
        message = b"expert-draw/federation\0" + plain(id_number).encode()
        code = hmac.digest(self._key or b"", message, "sha256")
        return self._id + code[: TOKEN_BYTES - KEY_ID_BYTES]
