"""The book: one transaction, one truth; what is erased leaves a log that verifies."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert, select, text
from sqlmodel import SQLModel

from foundation.clock import FixedClock
from foundation.db import Database
from foundation.ledger.book import Books
from foundation.ledger.entry import BrokenEntry, Entry, StreamMoved
from foundation.ledger.note import CheckpointText, cosign
from foundation.ledger.signer import BadCosignature, LogSigner, Witness
from foundation.ledger.tree import leaf_hash, verify_consistency, verify_inclusion
from foundation.ledger.verify import Verdict, verify_database
from tests.stores.places import Stores

ORIGIN = "test.example/log"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NOON = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)


pytestmark = pytest.mark.both_engines


@pytest.fixture
def books(stores: Stores) -> Iterator[Books]:
    made = opened(stores.main)
    yield made
    made.database.close()


def opened(where: Path | str) -> Books:
    database = Database(where)
    database.create_tables()
    return Books(database, FixedClock(NOON), LogSigner(ORIGIN, KEY))


def write(books: Books, count: int, stream: str = "room/1") -> list[Entry]:
    with books.write() as book:
        return [book.append(stream, "room.noted", {"number": n}) for n in range(count)]


def checked(books: Books) -> Verdict:
    return verify_database(books.database, ORIGIN, KEY.public_key().public_bytes_raw())


def spoil(books: Books, statement: str, value: object) -> None:
    """As somebody with the database would."""
    with books.database.rebuild() as raw:
        assert raw.execute(text(statement), {"value": value}).rowcount > 0


def test_what_was_written_is_read_back_in_order(books: Books) -> None:
    write(books, 3)

    with books.read() as book:
        assert [entry.body for entry in book.entries("room/1")] == [
            {"number": 0},
            {"number": 1},
            {"number": 2},
        ]
        assert [entry.seq for entry in book.entries("room/1", since=1)] == [2, 3]


def test_a_block_that_fails_leaves_nothing_and_tells_nobody(books: Books) -> None:
    heard: list[Entry] = []
    books.subscribe(heard.extend)

    def cut_short() -> None:
        with books.write() as book:
            book.append("room/1", "room.noted", {})
            book.tell("somebody", "notice", {})
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        cut_short()

    assert books.size() == 0
    assert heard == []
    assert checked(books) == Verdict(0, 0, 0)


def test_listeners_hear_only_after_the_commit(books: Books) -> None:
    sizes: list[int] = []
    books.subscribe(lambda _: sizes.append(len(books.leaves(0, 99))))

    write(books, 2)

    assert sizes == [2]


def test_a_stream_that_moved_is_refused(books: Books) -> None:
    write(books, 2)

    with pytest.raises(StreamMoved), books.write() as book:
        book.append("room/1", "room.noted", {}, after=1)


def test_a_restart_finds_the_same_tree(books: Books, stores: Stores) -> None:
    write(books, 5)
    before = books.checkpoint()

    again = opened(stores.main)

    assert again.checkpoint() == before
    assert again.root(5) == books.root(5)
    again.database.close()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 21])
def test_proofs_lead_to_the_signed_root(books: Books, size: int) -> None:
    write(books, size)
    root = books.root(size)

    for index, leaf in enumerate(books.leaves(0, size)):
        path = books.inclusion(index, size)
        assert verify_inclusion(leaf_hash(leaf), index, size, path, root)
    for old in range(size + 1):
        proof = books.consistency(old, size)
        assert verify_consistency(old, size, books.root(old), root, proof)


def test_an_erased_person_leaves_a_log_that_verifies_and_folds(books: Books) -> None:
    entries = write(books, 3)

    with books.write() as book:
        book.erase(entries[1].index, "retention over")

    with books.read() as book:
        assert [entry.body for entry in book.entries("room/1")][1] is None
    assert checked(books) == Verdict(4, 1, 0)


@pytest.mark.parametrize(
    ("statement", "value", "why"),
    [
        ("UPDATE ledger_payload SET body = :value WHERE number = 2", b'{"number":7}', "digest"),
        ("UPDATE ledger_payload SET salt = :value WHERE number = 2", bytes(16), "digest"),
        ("UPDATE ledger_leaf SET type = :value WHERE number = 2", "room.other", "leaf"),
        ("UPDATE ledger_leaf SET leaf = :value WHERE number = 2", b"{}", "leaf"),
        ("UPDATE ledger_leaf SET seq = :value WHERE number = 2", 9, "seq"),
        ("DELETE FROM ledger_leaf WHERE number = :value", 2, "index"),
    ],
)
def test_the_first_broken_entry_is_named(
    books: Books, statement: str, value: object, why: str
) -> None:
    write(books, 5)

    spoil(books, statement, value)

    assert checked(books) == Verdict(2, 0, 0, 2, why)


def test_a_rewritten_past_breaks_a_signed_checkpoint(books: Books, tmp_path: Path) -> None:
    write(books, 4)
    books.checkpoint()
    other = opened(tmp_path / "other.db")
    write(other, 4)

    for table in (
        SQLModel.metadata.tables["ledger_leaf"],
        SQLModel.metadata.tables["ledger_payload"],
    ):
        with other.database.read() as db:
            rows = [dict(row) for row in db.connection().execute(select(table)).mappings()]
        with books.database.rebuild() as raw:
            raw.execute(table.delete())
            raw.execute(insert(table), rows)

    assert checked(books).why == "checkpoint.root"
    other.database.close()


def test_a_read_refuses_a_payload_that_is_not_its_leafs(books: Books) -> None:
    write(books, 1)
    spoil(books, "UPDATE ledger_payload SET body = :value", b"{}")

    with pytest.raises(BrokenEntry), books.read() as book:
        book.entries("room/1")


def test_a_witness_signs_once_and_a_stranger_never(books: Books) -> None:
    write(books, 3)
    checkpoint = books.checkpoint()
    key = Ed25519PrivateKey.generate()
    witness = Witness("supervisor.example/w", key.public_key().public_bytes_raw())
    text = CheckpointText(ORIGIN, 3, checkpoint.root)
    told: list[int] = []
    books.subscribe(lambda entries: told.append(len(entries)))

    first = books.cosign(3, cosign(text, witness.name, key, 1000), witness)
    second = books.cosign(3, cosign(text, witness.name, key, 2000), witness)

    assert first.cosigned == second.cosigned == {witness.name: 1000}
    assert told[:1] == [0], "what waits for a witness would sleep on"
    forged = cosign(text, "x", Ed25519PrivateKey.generate(), 1000)
    with pytest.raises(BadCosignature):
        books.cosign(3, forged, Witness("x", witness.key))


def test_entries_of_the_draw_protocol_keep_their_bytes(books: Books) -> None:
    entry = {"type": "unseal", "M": "00" * 32}

    with books.write() as book:
        written = book.append_protocol("draw/1", entry, {"text": "kept beside"})

    assert books.leaf(written.index) == b'{"M":"' + b"00" * 32 + b'","type":"unseal"}'
    with books.read() as book:
        [read] = book.entries("draw/1")
    assert (read.protocol, read.body) == (entry, {"text": "kept beside"})


def test_time_in_the_entry_is_whole_seconds(stores: Stores) -> None:
    database = Database(stores.main)
    database.create_tables()
    clock = FixedClock(NOON + timedelta(microseconds=5))
    books = Books(database, clock, LogSigner(ORIGIN, KEY))

    [written] = write(books, 1)

    assert written.at == NOON
    database.close()
