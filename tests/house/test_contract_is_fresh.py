"""The page's types are made of the running code; a stale contract is found before a user is."""

import json
from pathlib import Path
from shutil import copytree

from app.contract import FOLDER, documents, header_of, stale, text_of


def test_the_contract_is_fresh() -> None:
    assert stale() == [], "run: make contract"


def test_a_stale_contract_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "contract"
    copytree(FOLDER, folder)
    file = folder / "openapi.json"
    document = json.loads(file.read_text("utf-8"))
    del document["paths"]["/api/me"]
    file.write_text(text_of(document), "utf-8")
    assert "openapi.json" in stale(folder)
    file.unlink()
    assert "openapi.json" in stale(folder)


def test_types_made_of_another_document_are_found(tmp_path: Path) -> None:
    for name, document in documents().items():
        (tmp_path / name).write_text(text_of(document), "utf-8")
    (tmp_path / "openapi.ts").write_text(header_of("another document"), "utf-8")
    assert stale(tmp_path) == ["openapi.ts"]
