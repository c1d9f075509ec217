"""The log as outsiders read it, with a reader of C2SP tlog-tiles that is not ours."""

import gzip
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tlog_scales.backend import HttpBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey, VkeySet
from tlog_scales.tiles import leaf_hash

from draw_engine.parties import Registered
from foundation.ledger.book import Books
from foundation.ledger.entry import PUBLIC_TIME
from foundation.ledger.note import CheckpointText, cosign
from foundation.ledger.signer import Checkpoint
from foundation.ledger.tiles import entries_of
from tests.app.bench import Bench, a_bench, code_of
from tests.app.serving import served

WITNESS = "supervisor.example/w"
ENTRIES = 700


class Outside:
    """A service, its witness, and the address at which strangers read the log."""

    old: Checkpoint

    def __init__(self, bench: Bench, address: str) -> None:
        self.bench = bench
        self.address = address
        self.witness = Ed25519PrivateKey.generate()
        self.centre = Ed25519PrivateKey.generate()

    @property
    def books(self) -> Books:
        return self.bench.house.books

    def register(self) -> None:
        public = {
            "centre": (self.centre, ""),
            "supervisor": (self.witness, WITNESS),
        }
        for party, (key, name) in public.items():
            raw = key.public_key().public_bytes_raw()
            one = Registered(party, f"Body of {party}", "own", raw, name)
            self.bench.house.draw.parties.register(one, "act_admin")

    def write(self, count: int) -> None:
        with self.books.write() as book:
            for number in range(count):
                book.append("room/1", "room.noted", {"number": number})

    def cosign(self) -> Checkpoint:
        newest = self.books.checkpoint()
        text = CheckpointText(newest.note.partition("\n")[0], newest.size, newest.root)
        at = int(self.bench.clock.now().timestamp())
        line = cosign(text, WITNESS, self.witness, at)
        return self.bench.house.draw.holders.cosign("supervisor", newest.size, line)

    def keys(self) -> VkeySet:
        policy = self.bench.house.draw.parties.policy()
        return VkeySet(
            Vkey(policy.origin, None, 1, policy.log_key),
            Vkey(WITNESS, None, 4, self.witness.public_key().public_bytes_raw()),
        )

    def reader(self) -> TilesReader:
        return TilesReader(HttpBackend(f"{self.address}/log"))


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Outside]:
    with a_bench(tmp_path / "home", demonstration=True) as bench, served(bench.app) as address:
        yield Outside(bench, address)


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    """A log that was cosigned at some 300 and at some 1000 entries; nobody writes to it."""
    home = tmp_path_factory.mktemp("grown") / "home"
    with a_bench(home, demonstration=True) as bench, served(bench.app) as address:
        outside = Outside(bench, address)
        outside.register()
        outside.write(300)
        outside.old = outside.cosign()
        outside.write(ENTRIES)
        outside.cosign()
        yield outside


def test_a_foreign_reader_finds_the_signed_root_in_our_tiles(grown: Outside) -> None:
    reader = grown.reader()

    checkpoint = reader.get_checkpoint()

    valid = {key.name for key, _ in grown.keys().verify(checkpoint.signatures, checkpoint)}
    assert valid == {checkpoint.origin, WITNESS}
    assert checkpoint.size == grown.books.size() > ENTRIES
    assert reader.calculate_root_hash() == checkpoint.root_hash


def test_a_foreign_reader_proves_entries_and_growth_from_our_tiles(grown: Outside) -> None:
    old, reader = grown.old, grown.reader()
    checkpoint = reader.get_checkpoint()

    for index in (0, 255, 256, old.size - 1, old.size, checkpoint.size - 1):
        entry = reader.get_entry(index)
        assert entry == grown.books.leaf(index)
        proof = reader.get_inclusion_proof(index, checkpoint.size)
        proof.check(leaf_hash(entry), checkpoint.root_hash)

    reader.get_consistency_proof(old.size, checkpoint.size).check(old.root, checkpoint.root_hash)


def test_a_foreign_reader_finds_a_log_that_was_changed(outside: Outside) -> None:
    outside.register()
    outside.write(ENTRIES)
    outside.cosign()
    reader = outside.reader()
    checkpoint = reader.get_checkpoint()
    honest = outside.books.leaf(300)
    forest = outside.books._forest
    forest._levels[0][300] = sha256(b"\x00" + honest.replace(b"room", b"rook")).digest()

    with pytest.raises(Exception, match="root_hash"):
        reader.get_inclusion_proof(301, checkpoint.size).check(
            leaf_hash(reader.get_entry(301)), checkpoint.root_hash
        )


def test_nothing_is_published_before_the_witness_has_cosigned(outside: Outside) -> None:
    browser = outside.bench.browser()
    outside.write(5)
    answer = browser.get("/log/checkpoint")
    assert (answer.status_code, code_of(answer)) == (404, "draw.log_not_published")
    assert browser.get("/log/tile/entries/000.p/1").status_code == 404

    outside.register()
    published = outside.cosign().size
    outside.write(5)
    outside.books.checkpoint()

    assert int(browser.get("/log/checkpoint").text.splitlines()[1]) == published
    assert browser.get(f"/log/tile/0/000.p/{published}").status_code == 200
    for beyond in (f"0/000.p/{published + 1}", f"entries/000.p/{published + 1}", "0/001", "1/000"):
        answer = browser.get(f"/log/tile/{beyond}")
        assert (answer.status_code, code_of(answer)) == (404, "ledger.tile_beyond_log")
        assert answer.json()["error"]["facts"] == {"size": published}
        assert "immutable" not in answer.headers.get("cache-control", "")


def test_what_was_published_stays_when_another_witness_takes_over(outside: Outside) -> None:
    outside.register()
    before = outside.cosign()
    outside.witness = Ed25519PrivateKey.generate()
    outside.register()

    assert outside.bench.house.draw.log.checkpoint().size == before.size
    outside.bench.house.draw.log._newest = None  # as after a restart
    assert outside.bench.house.draw.log.checkpoint().size == before.size
    assert outside.bench.house.draw.log.checkpoint().size < outside.cosign().size


def test_the_answers_carry_the_headers_that_the_specification_asks_for(grown: Outside) -> None:
    browser = grown.bench.browser()

    checkpoint = browser.get("/log/checkpoint")
    assert checkpoint.headers["content-type"] == "text/plain; charset=utf-8"
    assert checkpoint.headers["cache-control"] == "public, max-age=2"
    hashes = browser.get("/log/tile/0/001")
    assert hashes.headers["content-type"] == "application/octet-stream"
    assert len(hashes.content) == 8192
    plain = browser.get("/log/tile/entries/001", headers={"accept-encoding": "identity"})
    packed = browser.get("/log/tile/entries/001", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content  # the client has unpacked it
    assert len(gzip.compress(plain.content)) < len(plain.content)
    for answer in (hashes, plain, packed):
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("place", ["0/1", "0/001.p/256", "entries/x000/001", "0", "..%2f0/000"])
def test_a_misspelt_address_is_refused_and_not_answered_with_the_page(
    grown: Outside, place: str
) -> None:
    answer = grown.bench.browser().get(f"/log/tile/{place}")
    assert (answer.status_code, code_of(answer)) == (404, "ledger.no_such_tile")
    assert grown.bench.browser().get("/log").status_code == 404


def test_a_stranger_learns_the_hour_of_an_entry_and_no_more(outside: Outside) -> None:
    outside.register()
    outside.bench.clock.at = outside.bench.clock.at.replace(minute=47, second=13)
    outside.write(1)
    size = outside.cosign().size
    browser = outside.bench.browser()
    (told,) = entries_of(browser.get(f"/log/tile/entries/000.p/{size}").content)[-1:]
    with outside.books.read() as book:
        (known,) = book.entries("room/1")

    assert known.at == outside.bench.clock.at
    assert f'"at":{int(known.at.timestamp()) // PUBLIC_TIME * PUBLIC_TIME},' in told.decode()
    assert str(int(known.at.timestamp())) not in told.decode()
