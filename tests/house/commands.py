"""Is a command line, as a paper shows it, one that the program takes?"""

import io
import re
import shlex
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import typer.main

from app.cli import PROGRAMS, app
from tests.house.source import ROOT

MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TARGETS = set(re.findall(r"^([a-z][a-z-]*):(?!=)", MAKEFILE, re.MULTILINE))
VARIABLES = set(re.findall(r"\$\((?:if \$\()?([A-Z_]+)\)", MAKEFILE))
OURS = {"expert-draw": "app.cli", "python": "", "make": "", "pytest": ""}
FOREIGN = {"createdb", "export", "cp", "systemctl", "sha256sum", "cd", "git"}
"""Programs of others, whose words are not ours to check."""


def fault(line: str) -> str:
    """What is wrong with a command line; empty where it would be taken."""
    words = shlex.split(line)
    while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
        words = words[1:]
    program, *rest = words or ["export"]
    program = program.rpartition("/")[2]
    if program in FOREIGN:
        return ""
    if program == "make":
        return _of_make(rest)
    if program == "expert-draw":
        return _of_ours(rest)
    if program == "pytest":
        return _of_files([one for one in rest if "/" in one])
    if program == "python":
        return _of_python(rest)
    return f"unknown program {program}"


def _of_make(rest: list[str]) -> str:
    for word in rest:
        name, equals, _ = word.partition("=")
        if name not in (VARIABLES if equals else TARGETS):
            return f"no {'variable' if equals else 'target'} {name} of make"
    return ""


def _of_files(names: list[str]) -> str:
    gone = [one for one in names if not (ROOT / one.split("::")[0]).exists()]
    return f"no file {gone[0]}" if gone else ""


def _of_python(rest: list[str]) -> str:
    if rest[:1] == ["-m"]:
        module, *rest = rest[1:]
        if find_spec(module) is None:
            return f"no module {module}"
        known = {of: first for first, (of, _) in PROGRAMS.items()}
        return _of_program(module, rest) if module in known else ""
    return _of_files(rest[:1])


def _of_ours(rest: list[str]) -> str:
    if rest and rest[0] in PROGRAMS:
        return _of_program(PROGRAMS[rest[0]][0], rest[1:])
    command: Any = typer.main.get_command(app)
    context = command.context_class(command, info_name="expert-draw")
    while hasattr(command, "get_command"):
        word, *rest = rest or [""]
        found = command.get_command(context, word)
        if found is None:
            return f"no command {word}"
        command, context = found, found.context_class(found, info_name=word, parent=context)
    return _of_options(command, context, rest)


def _of_options(command: Any, context: Any, rest: list[str]) -> str:
    """The words are taken apart as the program does, but no file is asked for."""
    try:
        given, left, _ = command.make_parser(context).parse_args(list(rest))
    except Exception as refused:  # the parser's own refusals have no public base class
        return str(getattr(refused, "message", refused))
    missing = [one.name for one in command.params if one.required and given.get(one.name) is None]
    if missing:
        return f"{missing[0]} is missing"
    return f"{left[0]} is too much" if left else ""


def _of_program(module: str, rest: list[str]) -> str:
    """A program of its own parser: each option must stand in its help."""
    sub = [word for word in rest[:1] if word in {"init", "run"}]
    out = io.StringIO()
    try:
        with redirect_stdout(out), redirect_stderr(out):
            import_module(module).main([*sub, "--help"])
    except SystemExit:
        pass
    known = set(re.findall(r"--[a-z-]+", out.getvalue()))
    unknown = [word for word in rest if word.startswith("--") and word.split("=")[0] not in known]
    return f"no option {unknown[0]} of {module}" if unknown else ""
