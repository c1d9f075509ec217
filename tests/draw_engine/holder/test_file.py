"""A holder's file opens for its passphrase alone; its journal forgets nothing."""

import json
from pathlib import Path

import pytest

from draw_engine.holder_file import HolderFile, HolderFileUnusable, PassphraseTooShort

PASSPHRASE = "a long enough passphrase"


def test_a_file_opens_again_with_the_same_secrets(tmp_path: Path) -> None:
    made = HolderFile.make(tmp_path / "centre.holder", "centre", PASSPHRASE)

    opened = HolderFile.open(tmp_path / "centre.holder", PASSPHRASE)

    assert (opened.party, opened.public_key, opened.secret) == (
        made.party,
        made.public_key,
        made.secret,
    )
    text = (tmp_path / "centre.holder").read_text()
    assert made.secret.hex() not in text
    assert (tmp_path / "centre.holder").stat().st_mode & 0o077 == 0
    assert made.secret.hex() not in repr(made)


@pytest.mark.parametrize("member", ["party", "salt", "nonce", "sealed"])
def test_a_changed_file_does_not_open(tmp_path: Path, member: str) -> None:
    path = tmp_path / "centre.holder"
    HolderFile.make(path, "centre", PASSPHRASE)
    content = json.loads(path.read_text())
    content[member] = "supervisor" if member == "party" else "00" + content[member][2:]
    path.write_text(json.dumps(content))

    with pytest.raises(HolderFileUnusable):
        HolderFile.open(path, PASSPHRASE)


def test_neither_another_passphrase_nor_a_short_one_will_do(tmp_path: Path) -> None:
    path = tmp_path / "centre.holder"
    with pytest.raises(PassphraseTooShort):
        HolderFile.make(path, "centre", "short")
    HolderFile.make(path, "centre", PASSPHRASE)
    with pytest.raises(HolderFileUnusable):
        HolderFile.open(path, PASSPHRASE + ".")
    with pytest.raises(FileExistsError):
        HolderFile.make(path, "centre", PASSPHRASE)


def test_the_journal_remembers_and_drops_only_a_torn_last_line(tmp_path: Path) -> None:
    file = HolderFile.make(tmp_path / "centre.holder", "centre", PASSPHRASE)
    journal = file.journal()
    for j in range(3):
        journal.write("release", tip="aa", j=j, M="bb")
    path = tmp_path / "centre.journal"
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:20])

    again = file.journal()

    assert again.find("release", tip="aa", j=2) is not None
    assert again.find("release", tip="aa", j=3) is None
    again.write("release", tip="aa", j=3, M="bb")
    assert file.journal().find("release", tip="aa", j=3) is not None


def test_a_journal_whose_lines_were_exchanged_does_not_open(tmp_path: Path) -> None:
    file = HolderFile.make(tmp_path / "centre.holder", "centre", PASSPHRASE)
    journal = file.journal()
    journal.write("release", tip="aa", j=0, M="bb")
    journal.write("release", tip="aa", j=1, M="bb")
    path = tmp_path / "centre.journal"
    first, second = path.read_bytes().splitlines()
    path.write_bytes(second + b"\n" + first + b"\n")

    with pytest.raises(HolderFileUnusable):
        file.journal()
