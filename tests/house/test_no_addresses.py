"""No committed file names a package registry or a path of the machine it was written on.

The hosts are asked of pip, uv and npm at run time, so this file names none either.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOST = re.compile(r"https?://(?:[^/@\s'\"]*@)?([a-z0-9.-]+)", re.IGNORECASE)

# Put together here, so that this file does not break its own rule.
FORMS = {
    "a lock that records where it fetched": re.compile(r'"resolved"\s*:\s*"' + "https?:"),
    "an index address": re.compile(r"^\s*--(extra-)?index-url\b", re.MULTILINE),
    "a registry address": re.compile(r"\bregistry\s*=\s*[\"']?https?:"),
    "a uv index": re.compile(r"^\[\[?tool\.uv\.index", re.MULTILINE),
    "a home folder": re.compile(r"/(?:home|Users)/[a-z][a-z0-9_-]*/"),
}


def registry_hosts() -> set[str]:
    """The hosts that pip and npm fetch from on this machine, and pip's own defaults."""
    defaults = (
        "from pip._internal.models.index import PyPI as p;"
        "print('https://' + p.netloc, 'https://' + p.file_storage_domain)"
    )
    told = [
        output(sys.executable, "-c", defaults),
        output(sys.executable, "-m", "pip", "config", "list"),
        output("npm", "config", "get", "registry") if shutil.which("npm") else "",
        *(
            value
            for name, value in os.environ.items()
            if re.match(r"(PIP|UV|NPM_CONFIG)_.*(URL|REGISTRY|INDEX)", name, re.IGNORECASE)
        ),
    ]
    hosts = {host.lower() for text in told for host in HOST.findall(text)}
    return hosts - {"localhost", "127.0.0.1"}


def output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout


def committed_files() -> list[str]:
    """What git tracks; in a tree without git or its folder, whatever is not made by the build."""
    if shutil.which("git") and (ROOT / ".git").exists():
        return [one for one in output("git", "-C", str(ROOT), "ls-files", "-z").split("\0") if one]
    return walked(ROOT)


def walked(root: Path) -> list[str]:
    """Files below a folder, those of ignored folders left out."""
    ignored = {one.rstrip("/") for one in (ROOT / ".gitignore").read_text("utf-8").split()}
    found = []
    for folder, folders, files in os.walk(root):
        here = Path(folder).relative_to(root)
        folders[:] = [one for one in folders if not _ignored(here / one, ignored)]
        found += [str(here / one) for one in files if not _ignored(here / one, ignored)]
    return sorted(found)


def _ignored(path: Path, ignored: set[str]) -> bool:
    return path.name == ".git" or any(path.match(one) for one in ignored)


def tracked_texts() -> dict[str, str]:
    texts = {}
    for name in committed_files():
        file = ROOT / name
        if file.is_file() and b"\0" not in (data := file.read_bytes()):
            texts[name] = data.decode(errors="replace")
    return texts


def findings(texts: dict[str, str], hosts: set[str]) -> list[str]:
    here = {f"{ROOT}/", f"{Path.home()}/"} - {"//"}
    return [
        f"{name}: {what}"
        for name, text in sorted(texts.items())
        for what in (
            *(f"names {host}" for host in hosts if host in text.lower()),
            *(f"names {path}" for path in here if path in text),
            *(what for what, form in FORMS.items() if form.search(text)),
        )
    ]


def test_no_committed_file_names_a_registry_or_this_machine() -> None:
    texts, hosts = tracked_texts(), registry_hosts()
    assert len(texts) > 50, "the walk found no files, so it would pass in the dark"
    assert len(hosts) >= 2, "pip told no hosts, so nothing would be looked for"
    assert findings(texts, hosts) == []


@pytest.mark.parametrize(
    "line",
    [
        'deps = "https://REGISTRY/simple"',
        '  "resolved": "' + 'https://example.test/vue.tgz",',
        "--index-" + "url https://example.test/simple",
        "regis" + "try = https://example.test/",
        "[[tool.uv." + "index]]",
        "open('" + "/ho" + "me/somebody/notes.txt')",
        f"see {ROOT}/var",
    ],
)
def test_it_would_be_noticed(line: str) -> None:
    hosts = registry_hosts()
    text = line.replace("REGISTRY", min(hosts))
    assert findings({"toy.txt": f"before\n{text}\nafter\n"}, hosts) != []


def test_an_ordinary_file_is_not_noticed() -> None:
    ordinary = '{"integrity": "sha512-abc", "funding": {"url": "https://example.test/fund"}}\n'
    assert findings({"toy.json": ordinary}, registry_hosts()) == []


def test_a_tree_without_git_is_walked_just_as_well() -> None:
    committed = {name for name in committed_files() if (ROOT / name).is_file()}
    assert committed - set(walked(ROOT)) == set()
