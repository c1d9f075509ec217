"""`expert-draw classification`: look a specialty up without opening the page."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.words import both
from classification.core.catalogue import Specialty, Status
from classification.service import ClassificationService
from foundation.errors import ServiceError
from foundation.settings import Settings

app = typer.Typer(
    help="Look specialties up in the 2018 standard (专业分类标准).", no_args_is_help=True
)

NOTHING = (
    "2018 版标准中没有相符的专业。请减少词语，或输入代码的开头。\n"
    "Nothing in the 2018 standard fits. Try fewer words, or the beginning of a code."
)
STATUS_WORDS = {
    Status.CONFIRMED: "two sources",
    Status.NAME_DIFFERS: "name differs",
    Status.ONE_SOURCE: "one source",
    Status.ONE_SOURCE_SECONDARY: "second source only",
}


@app.command()
def find(
    query: Annotated[str, typer.Argument(help="beginning of a code, words, or pinyin initials")],
    limit: Annotated[int, typer.Option(min=1, max=2143, help="most lines to show")] = 30,
) -> None:
    """Find specialties by code, name or pinyin initials: `find 桥梁`, `find A0802`, `find ql`."""
    service = _service()
    found = service.find(query, len(service.catalogue))
    if not found:
        Console(stderr=True).print(NOTHING)
        raise typer.Exit(1)
    _print_table(service, found[:limit])
    if len(found) > limit:
        Console().print(f"{limit} / {len(found)}  (--limit)", highlight=False)


@app.command()
def show(
    code: Annotated[str, typer.Argument(help="a code, like A080205 or 2018:A080205")],
) -> None:
    """Show one specialty, the classes above it and the lines below it."""
    service = _service()
    try:
        line = service.resolve(code if ":" in code else f"{service.catalogue.version}:{code}")
    except ServiceError as refused:
        Console(stderr=True, soft_wrap=True).print(Text(both(refused)))
        raise typer.Exit(1) from refused
    _print_table(service, (line, *service.catalogue.children(line.code)))
    if line.note:
        Console().print(Text(line.note))


def _service() -> ClassificationService:
    return ClassificationService.load(Settings().classification)


def _print_table(service: ClassificationService, lines: tuple[Specialty, ...]) -> None:
    table = Table()
    for head in ("Code", "Specialty", "Path", "Status"):
        table.add_column(head, overflow="fold")
    for line in lines:
        above = service.catalogue.path(line.code)[:-1]
        path = Text(" / ".join(one.name for one in above))
        table.add_row(str(line.code), Text(line.name), path, STATUS_WORDS[line.status])
    Console().print(table)
