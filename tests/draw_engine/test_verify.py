"""The stranger's tool as a stranger meets it: words, exit codes, and nothing to install."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from draw_engine import verify as tool
from draw_engine.core.verification import NAMES
from draw_engine.verify import main
from draw_engine.verify_words import NO_BUNDLE, OPEN, WORDS
from foundation.digest import canon
from tests.draw_engine.toy import Toy, toy_policy

ROOT = Path(__file__).parents[2]
VECTORS = ROOT / "tests" / "vectors" / "bdp1-bundles.json"
REDRAW = ROOT / "tests" / "vectors" / "redraw_bundle.json"
"""As the service wrote it: a second draw that keeps three members, and a step in its one seat."""
ALLOWED = {"draw_engine", "foundation", "cryptography", "drand_verify"} | {
    *("_cffi_backend", "_openssl"),  # cryptography's own
    "_distutils_hack",  # the interpreter's start-up, where setuptools is installed
}
"""All that `python -m draw_engine.verify` may load besides the standard library."""


@cache
def vectors() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(VECTORS.read_bytes())
    return found


@cache
def production() -> tuple[bytes, bytes]:
    played = Toy(experts=90).play()
    return played.file, played.identities


def saved(folder: Path, name: str, data: bytes) -> str:
    (folder / name).write_bytes(data)
    return str(folder / name)


@pytest.fixture
def bundle(tmp_path: Path) -> str:
    return saved(tmp_path, "BUNDLE.json", production()[0])


@pytest.fixture
def policy(tmp_path: Path) -> str:
    return saved(tmp_path, "POLICY.json", canon(toy_policy().as_object()))


def rows(said: str) -> dict[str, str]:
    """The outcome beside each check's name."""
    lines = {line.split()[0]: line[24:37].strip() for line in said.splitlines() if line.strip()}
    return {name: lines[name] for name in NAMES}


def test_a_production_draw_passes_under_the_policy_that_is_pinned(
    bundle: str, policy: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--policy", policy, "--lang", "en", bundle]) == 0

    said = capsys.readouterr().out
    assert set(rows(said).values()) == {"passed", "withheld", "not checked"}
    assert "assurance: basic" in said
    assert said.splitlines()[-1] == "verdict: passed"


def test_a_policy_may_be_pinned_by_its_hash(bundle: str, tmp_path: Path) -> None:
    digest = saved(tmp_path, "HASH", toy_policy().digest.hex().encode() + b"\n")

    assert main(["--policy", digest, bundle]) == 0


def test_nothing_is_pinned_by_itself(bundle: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([bundle]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "verdict: failed policy.pinned"


def test_identities_are_checked_when_they_are_given(
    bundle: str, policy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = saved(tmp_path, "IDENTITIES.json", production()[1])

    assert main(["--policy", policy, "--identities", given, bundle]) == 0
    assert rows(capsys.readouterr().out)["member.named"] == "passed"


@pytest.mark.parametrize("name", ["open", "sealed", "escrow_opened"])
def test_a_test_draw_says_so_first_and_last(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = saved(tmp_path, "BUNDLE.json", canon(vectors()[name]["bundle"]))

    assert main(["--test", file]) == (0 if tool.beacon_check() else 1)
    lines = capsys.readouterr().out.splitlines()
    assert (lines[0], lines[-1]) == ("test", "test")
    assert main([file]) == 1
    assert capsys.readouterr().out.splitlines()[-2] == "verdict: failed policy.pinned"


def test_without_the_beacon_library_the_verdict_is_incomplete(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "drand_verify", None)
    file = saved(tmp_path, "BUNDLE.json", canon(vectors()["open"]["bundle"]))

    assert main(["--test", "--lang", "en", file]) == 1

    said = capsys.readouterr().out
    assert rows(said)["beacon.signed"] == "not checked"
    assert rows(said)["step.next_feasible"] == "passed"
    assert "verdict: incomplete" in said


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "json"),
        (b"hello", "json"),
        (b"\xff\xfe\x00", "json"),
        (b"[" * 100_000, "json"),
        (b"9" * 5_000, "json"),
        (b"[]", "kind"),
        (b"1", "kind"),
        (b"{}", "kind"),
        (b'{"v":"BDP1-identities"}', "kind"),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_no_bundle_gets_one_sentence(
    data: bytes,
    sentence: str,
    language: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--lang", language, saved(tmp_path, "X.json", data)]) == 2

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == NO_BUNDLE[language][sentence] + "\n"


@pytest.mark.parametrize("option", ["--policy", "--identities", None])
def test_a_file_that_is_not_there_is_named(
    option: str | None, bundle: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = str(tmp_path / "missing")
    arguments = [missing] if option is None else [option, missing, bundle]

    assert main(arguments) == 2
    assert main([str(tmp_path)]) == 2
    assert missing in capsys.readouterr().err


@pytest.mark.parametrize("data", [b"{}", b"abc", b"", b'{"v":"BDP1-policy"}'])
def test_a_policy_file_must_hold_a_policy_or_a_hash(
    data: bytes, bundle: str, tmp_path: Path
) -> None:
    assert main(["--policy", saved(tmp_path, "P.json", data), bundle]) == 2


def test_a_bundle_of_nothing_but_its_name_fails_in_its_form(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([saved(tmp_path, "X.json", b'{"v":"BDP1-bundle"}')]) == 1
    assert rows(capsys.readouterr().out)["bundle.form"] == "failed"


def test_the_language_follows_the_machine(
    bundle: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LC_ALL", raising=False)
    for lang, language in (("zh_CN.UTF-8", "zh"), ("en_GB.UTF-8", "en"), ("C", "en")):
        monkeypatch.setenv("LANG", lang)
        main([bundle])
        assert WORDS[language]["bundle.form"].passed in capsys.readouterr().out


def _standard(name: str) -> bool:
    # `__main__`, and the import hooks by which an editable install finds its packages
    return name in sys.stdlib_module_names or name.startswith("__")


def test_the_tool_needs_nothing_but_cryptography(bundle: str, policy: str) -> None:
    program = (
        # what the interpreter loads by itself, such as a distribution's sitecustomize, is not ours
        "import sys; before = set(sys.modules); from draw_engine.verify import main;"
        f"code = main(['--policy', {policy!r}, '--lang', 'zh', {bundle!r}]);"
        "sys.stderr.write(' '.join(set(sys.modules) - before)); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"PYTHONIOENCODING": "ascii", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-500:]
    loaded = {name.split(".")[0] for name in done.stderr.split()}
    assert "draw_engine" in loaded
    assert {name for name in loaded if not _standard(name)} - ALLOWED == set()


@pytest.mark.parametrize(("folder", "language"), [("en", "en"), ("zh-CN", "zh")])
def test_the_application_uses_the_same_words(folder: str, language: str) -> None:
    file = ROOT / "app" / "locales" / folder / "draw_core.json"
    checks = json.loads(file.read_text(encoding="utf-8"))["checks"]

    assert checks == {name: words._asdict() for name, words in WORDS[language].items()}
    assert tuple(checks) == NAMES
    assert set(OPEN[language]) == {"not run", "not checked", "withheld"}


def test_a_redraw_that_keeps_members_holds_and_a_forged_keep_does_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--test", "--lang", "en", str(REDRAW)]) == 0
    capsys.readouterr()
    forged = json.loads(REDRAW.read_bytes())
    assert len(forged["manifest"]["keep"]) == 3
    del forged["manifest"]["keep"][0]
    assert main(["--test", "--lang", "en", saved(tmp_path, "FORGED.json", canon(forged))]) == 1
    assert rows(capsys.readouterr().out)["entry.manifest"] == "failed"
