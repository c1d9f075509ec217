"""A home from before there were revisions: SQLite files whose tables were made as declared then.

`before_migrations/*.sql` are the tables of the first revisions as SQLite itself tells them: a
home that has the tables and no mark joins the chain with its rows. No program was released
before the revisions, so older columns are not tried here.
"""

import sqlite3
from pathlib import Path

from sqlalchemy import text

from app.migrate import MAIN, VAULT, Standing, bring_up, newest, standing
from draw_engine.persons import SEPARATOR, Person, Persons
from foundation.clock import FixedClock
from foundation.db import Database
from foundation.ids import ExpertId
from foundation.keys import KeyRing
from foundation.ledger.book import Books
from foundation.ledger.signer import LogSigner
from foundation.ledger.verify import verify_database
from tests.app.bench import MORNING
from tests.stores.places import at

BEFORE = Path(__file__).parent / "before_migrations"
FILES = {MAIN: "main.db", VAULT: "vault.db"}
SOMEBODY = Person(ExpertId("ex_1"), "䶮𠮷（生成）", "11010119900101996X", "15400000001", True)


def test_a_home_from_before_there_were_revisions_keeps_all_its_rows(tmp_path: Path) -> None:
    keys = KeyRing(tmp_path / "keys")
    signer = LogSigner("test.example/log", keys.signing("log"))
    for chain, file in FILES.items():
        old = sqlite3.connect(tmp_path / file)
        old.executescript((BEFORE / f"{chain.name}.sql").read_text("utf-8"))
        old.close()
    with at(tmp_path / FILES[MAIN], MAIN) as main, at(tmp_path / FILES[VAULT], VAULT) as vault:
        assert standing(main, MAIN) is standing(vault, VAULT) is Standing.UNMARKED
        books = Books(main, FixedClock(MORNING), signer)
        with books.write() as book:
            written = [book.append("room/1", "room.noted", {"n": n}) for n in range(3)]
            book.tell("somebody", "notice", {})
        checkpoint = books.checkpoint()
        persons = Persons(vault, keys.fields("persons"))
        _add(vault, keys)

        assert bring_up(main, MAIN) == ("", newest(MAIN))
        assert bring_up(vault, VAULT) == ("", newest(VAULT))

        again = Books(main, FixedClock(MORNING), signer)
        assert again.checkpoint() == checkpoint
        with again.read() as book:
            assert book.entries("room/1") == written
        assert persons.get(SOMEBODY.expert_id) == SOMEBODY
        assert persons.known_phones([SOMEBODY.phone]) == {}
        assert persons.index_phones() == 1
        owner = persons.blind(SOMEBODY.id_number)
        assert persons.known_phones([SOMEBODY.phone]) == {SOMEBODY.phone: {owner}}
        assert verify_database(main, signer.origin, signer.public_key).sound
        assert main.tables() == {*MAIN.metadata.tables, MAIN.version_table}


def _add(vault: Database, keys: KeyRing) -> None:
    """Somebody as the first revision kept them: no index of the telephone."""
    field = keys.fields("persons")
    plain = SEPARATOR.join((SOMEBODY.name, SOMEBODY.id_number, SOMEBODY.phone))
    row = {
        "id": SOMEBODY.expert_id,
        "blind": field.blind(SOMEBODY.id_number),
        "sealed": field.seal(plain, context=f"person/{SOMEBODY.expert_id}"),
    }
    into = "INSERT INTO vault_person (expert_id, blind, sealed, generated)"
    with vault.write() as db:
        db.connection().execute(text(into + " VALUES (:id, :blind, :sealed, 1)"), row)
