"""The contract of the page: OpenAPI and room events, written from the running code.

`--check` compares and writes nothing, so that a change of a wire shape and the page's
types travel in one commit. The TypeScript is made by openapi-typescript in web/.
"""

import json
import subprocess
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from app.doors import openapi_of
from app.main import create_app
from evaluation_room import messages

WEB: Final = Path(__file__).parent.parent / "web"
FOLDER: Final = WEB / "src" / "contract"
TYPES: Final = "openapi.ts"


def documents() -> dict[str, Any]:
    """Every document of the contract by file name."""
    return {name: make() for name, make in _DOCUMENTS.items()}


def text_of(document: Any) -> str:
    """A document as it stands in the file: sorted keys would hide the order of shapes."""
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def stale(folder: Path = FOLDER) -> list[str]:
    """Names of the files that are missing or say something else than the code."""
    texts = {name: text_of(document) for name, document in documents().items()}
    found = [name for name, text in texts.items() if _read(folder / name) != text]
    if not _read(folder / TYPES).startswith(header_of(texts["openapi.json"])):
        found.append(TYPES)
    return found


def header_of(openapi: str) -> str:
    """First line of the types: which document they were made of."""
    digest = sha256(openapi.encode()).hexdigest()
    return f"/** Written by `expert-draw contract` from openapi.json, SHA-256 {digest}. */\n"


def _read(path: Path) -> str:
    return path.read_text("utf-8") if path.is_file() else ""


def run(*, check: bool) -> int:
    """Write the contract, or compare it; the exit code."""
    out = Console(stderr=True, soft_wrap=True)
    if check:
        found = stale()
        for name in found:
            out.print(f"web/src/contract/{name} is stale: run 'expert-draw contract'")
        return 1 if found else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, document in documents().items():
        (FOLDER / name).write_text(text_of(document), "utf-8")
    return _write_types(out)


def _write_types(out: Console) -> int:
    tool = WEB / "node_modules" / "openapi-typescript" / "bin" / "cli.js"
    if not tool.is_file():
        out.print("openapi.json is written; its types need web/node_modules: run 'make contract'")
        return 1
    source, target = FOLDER / "openapi.json", FOLDER / TYPES
    node = str(WEB.parent / "tools" / "with_node.sh")
    command = [node, "node", str(tool), str(source), "-o", str(target)]
    done = subprocess.run(command, cwd=WEB, check=False, capture_output=True, text=True)  # noqa: S603 # our own files
    if done.returncode:
        out.print(done.stderr, markup=False)
        return done.returncode
    target.write_text(header_of(_read(source)) + _read(target), "utf-8")
    return 0


def _openapi() -> dict[str, Any]:
    document = openapi_of(create_app())
    # the page's version is the service's; a release must not make the contract stale
    document["info"]["version"] = "1"
    return document


def _room_events() -> dict[str, Any]:
    """Frames of the room's socket: what a client may say and what it may hear."""
    return {
        "client": messages.CLIENT.json_schema(mode="validation"),
        "server": messages.SERVER.json_schema(mode="serialization"),
    }


_DOCUMENTS: Final[Mapping[str, Callable[[], Any]]] = {
    "openapi.json": _openapi,
    "room-events.json": _room_events,
}
