"""Files named by their hash: never changed, and sealed where they tell of a person."""

import secrets
from hashlib import sha256
from pathlib import Path

import pytest

from foundation.files import Files, SealedFiles

WORDS = "陈述申辩".encode()


@pytest.fixture(params=["clear", "sealed"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Files | SealedFiles:
    if request.param == "clear":
        return Files(tmp_path)
    return SealedFiles(tmp_path, secrets.token_bytes(32))


def test_what_was_put_is_got_by_its_hash(files: Files | SealedFiles) -> None:
    name = files.put(WORDS)

    assert name == files.put(WORDS) == sha256(WORDS).hexdigest()
    assert files.get(name) == WORDS
    assert files.has(name)
    with pytest.raises(FileNotFoundError):
        files.get(sha256(b"other").hexdigest())


def test_a_changed_file_is_found(files: Files | SealedFiles, tmp_path: Path) -> None:
    name = files.put(WORDS)
    file = tmp_path / name[:2] / name
    file.write_bytes(file.read_bytes()[:-1] + b"x")

    with pytest.raises(ValueError, match="has changed"):
        files.get(name)


def test_a_sealed_file_tells_nothing_and_can_be_forgotten(tmp_path: Path) -> None:
    files = SealedFiles(tmp_path, secrets.token_bytes(32))
    name = files.put(WORDS)

    assert WORDS not in (tmp_path / name[:2] / name).read_bytes()
    files.erase(name)
    files.erase(name)
    assert not files.has(name)
