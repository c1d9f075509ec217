"""The federation's key: made once, put among the vault's keys, never replaced in silence."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli_feed import app
from foundation.keys import KeyRing, KeyUnusable

RUN = CliRunner()


def test_a_key_is_made_once_handed_on_and_put_into_two_vaults(tmp_path: Path) -> None:
    file = tmp_path / "federation.txt"
    assert RUN.invoke(app, ["make-key", str(file)]).exit_code == 0
    assert file.stat().st_mode & 0o077 == 0
    assert RUN.invoke(app, ["make-key", str(file)]).exit_code == 2

    for name in ("north", "south"):
        made = RUN.invoke(app, ["put-key", str(file), "--home", str(tmp_path / name)])
        assert made.exit_code == 0, made.output
        again = RUN.invoke(app, ["put-key", str(file), "--home", str(tmp_path / name)])
        assert again.exit_code == 0

    keys = [KeyRing(tmp_path / name / "keys" / "vault") for name in ("north", "south")]
    assert keys[0].given("federation") == keys[1].given("federation") is not None


@pytest.mark.parametrize("text", ["", "00", "g" * 64, "A" * 64, "密" * 64])
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "key.txt"
    file.write_text(text, "utf-8")

    assert RUN.invoke(app, ["put-key", str(file), "--home", str(tmp_path / "h")]).exit_code == 2
    assert KeyRing(tmp_path / "h" / "keys" / "vault").given("federation") is None


def test_another_key_does_not_take_the_place_of_the_first(tmp_path: Path) -> None:
    keys = KeyRing(tmp_path / "keys")
    keys.give("federation", bytes(32))

    with pytest.raises(KeyUnusable):
        keys.give("federation", b"\1" * 32)
    assert keys.given("federation") == bytes(32)
