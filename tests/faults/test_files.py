"""Workbooks that are none, digits that are gone, rare characters, keys and stamps."""

import io
import random
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app import shield
from app.errors import StampDiffers
from draw_engine.pool_workbook import pool_workbook
from foundation.auth.roles import Role
from foundation.keys import KeyRing, KeyUnusable
from foundation.settings import Settings
from tests.app.bench import Bench, a_bench, code_of
from tests.draw_engine.pool.bench import generated
from tests.draw_engine.pool.test_import import good_rows, workbook
from tests.faults.conftest import has_words


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with a_bench(tmp_path / "home") as made:
        yield made


def imported(bench: Bench, data: bytes) -> dict[str, Any]:
    """Upload a file and ask until its import has ended."""
    manager = bench.signed_in(Role.POOL_MANAGER)
    begun = manager.post("/api/pool/import", files={"file": ("pool.xlsx", data)})
    return ended(manager, begun.json()["id"])


def ended(manager: TestClient, id_: str) -> dict[str, Any]:
    """How an import ended."""
    while True:
        told: dict[str, Any] = manager.get(f"/api/pool/imports/{id_}").json()
        if told["state"] != "running":
            return told
        sleep(0.01)


def torn(chance: random.Random, whole: bytes) -> bytes:
    data = bytearray(whole)
    for _ in range(chance.choice((1, 2, 5, 30))):
        data[chance.randrange(4, len(data))] = chance.randrange(256)
    return bytes(data)


def bomb(said: int) -> bytes:
    """A workbook of 4 MiB of blanks in its first part, which says that it unpacks to `said`."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/_rels/workbook.xml.rels", b" " * 2**22)
    data = bytearray(out.getvalue())
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = said.to_bytes(4, "little")
    return bytes(data)


def changed(whole: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one part replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            new.writestr(name, change(text) if name == part else text)
    return out.getvalue()


def with_entities() -> bytes:
    """A workbook whose sheet names an entity that grows ninefold at each level."""
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 9}">' for n in range(1, 12))
    bang = f'<!DOCTYPE worksheet [<!ENTITY e0 "bang">{levels}]>'.encode()

    def lace(text: bytes) -> bytes:
        head, mark, rest = text.partition(b"<worksheet")
        return head + bang + mark + rest.replace("姓名".encode(), b"&e11;", 1)

    return changed(pool_workbook(generated(1)), "xl/worksheets/sheet1.xml", lace)


def far_away() -> bytes:
    """One cell in the farthest corner: a reader of whole sheets would ask for 400 GB."""
    book = workbook([])
    row = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return changed(
        book,
        "xl/worksheets/sheet1.xml",
        lambda text: text[: text.index(b"<sheetData>") + 11] + row + b"</sheetData></worksheet>",
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "pool.header_missing"),
        (b"\x89PNG\r\n" + b"\0" * 100, "pool.not_a_workbook"),
        (b"PK\x03\x04" + b"x" * 200, "pool.not_a_workbook"),
        (b"hello, world", "pool.header_missing"),
        (b"\xff\xff\xff", "pool.not_a_workbook"),
        (b"%PDF-1.7\n", "pool.header_missing"),
        (bomb(3 * 2**30), "pool.file_too_large"),
        (bomb(100), "pool.not_a_workbook"),
        (with_entities(), "pool.not_a_workbook"),
        (far_away(), "pool.header_missing"),
    ],
)
def test_a_file_that_is_no_workbook_is_refused(bench: Bench, data: bytes, code: str) -> None:
    manager = bench.signed_in(Role.POOL_MANAGER)
    before = bench.house.books.size()
    answer = manager.post("/api/pool/import", files={"file": ("pool.xlsx", data)})
    assert code_of(answer) == code, answer.text
    assert has_words(answer)
    assert not bench.house.pool.pool.ids()
    assert bench.house.books.size() == before


def test_a_file_of_300_mb_is_refused_before_and_while_it_is_sent(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = bench.signed_in(Role.POOL_MANAGER)
    said = {"content-length": str(300 * 2**20), "content-type": "multipart/form-data; boundary=b"}
    announced = manager.post("/api/pool/import", content=b"--b", headers=said)
    (door, _), *others = shield.LARGE_BODIES
    monkeypatch.setattr(shield, "LARGE_BODIES", ((door, 2**20), *others))
    pieces = iter([b"--b\r\n", *[b"x" * 2**18] * 8])
    del said["content-length"]
    streamed = manager.post("/api/pool/import", content=pieces, headers=said)
    assert [code_of(announced), code_of(streamed)] == ["app.body_too_large"] * 2


def test_a_torn_workbook_is_refused_or_read_and_never_a_surprise(bench: Bench) -> None:
    chance = random.Random(7)
    manager = bench.signed_in(Role.POOL_MANAGER)
    whole = pool_workbook(generated(3))
    for _ in range(60):
        files = {"file": ("pool.xlsx", torn(chance, whole))}
        answer = manager.post("/api/pool/import", files=files)
        assert answer.status_code < 500, answer.text
        if answer.status_code == 202:
            assert ended(manager, answer.json()["id"])["state"] in {"completed", "refused"}


@pytest.mark.parametrize("number", [110101199001010000, 1.10101e17, "1.10101E+17"])
def test_eaten_digits_are_named_and_the_number_is_not_repeated(bench: Bench, number: Any) -> None:
    rows = good_rows(3)
    rows[1]["身份证号"] = number
    told = imported(bench, workbook(rows))
    (problem,) = told["problems"]
    assert (problem["row"], problem["column"]) == (3, "身份证号")
    assert problem["code"] == "pool.identity_digits_lost"
    assert "1101" not in repr(told)
    assert not bench.house.pool.pool.ids()


def test_rare_characters_come_through_import_and_vault(bench: Bench) -> None:
    people = generated(2)
    rare = [replace(people[0], name="𠮷䶮（生成）"), replace(people[1], name="𬱖·㐂（生成）")]
    assert imported(bench, pool_workbook(rare))["imported"] == 2
    found = bench.house.pool.persons.get_many(bench.house.pool.pool.ids())
    assert {one.name for one in found.values()} == {one.name for one in rare}
    files = (bench.house.settings.home).glob("*.db*")
    assert not [one for one in files if "𠮷䶮".encode() in one.read_bytes()]


def test_every_key_is_its_owner_s_alone_and_none_has_a_default(bench: Bench) -> None:
    imported(bench, pool_workbook(generated(1)))
    keys = [one for one in bench.house.settings.keys.rglob("*") if one.is_file()]
    assert len(keys) >= 3
    assert {one.stat().st_mode & 0o777 for one in keys} == {0o600}
    assert len({one.read_bytes() for one in keys}) == len(keys)
    assert bench.house.settings.home.stat().st_mode & 0o077 == 0
    secret = ("secret", "password", "token", "passphrase")
    assert not [one for one in Settings.model_fields if any(word in one for word in secret)]


def test_a_key_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path / "keys")
    ring.secret("log")
    for mode in (0o644, 0o640, 0o604):
        (tmp_path / "keys" / "log.key").chmod(mode)
        with pytest.raises(KeyUnusable):
            ring.secret("log")


@pytest.mark.parametrize("first", [True, False])
def test_a_folder_of_the_other_kind_is_refused(tmp_path: Path, first: bool) -> None:
    with a_bench(tmp_path, demonstration=first):
        pass
    with pytest.raises(StampDiffers), a_bench(tmp_path, demonstration=not first):
        pass


def test_a_real_service_has_no_one_click_sign_in(bench: Bench) -> None:
    browser = bench.browser()
    assert browser.get("/api/demo/accounts").status_code == 404
    answer = browser.post("/api/demo/sign-in", json={"account_id": "ac_1", "tab": True})
    assert answer.status_code == 404
