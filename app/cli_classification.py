"""`expert-draw classification`: look specialties up, and bring a corrected list in."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.alone import alone
from app.opened import errors_to, refusals_in_words
from app.words import Language, both, catalogue, with_facts
from classification import shown
from classification.core.catalogue import Catalogue, Specialty, Status
from classification.core.code import SpecialtyCode
from classification.core.crosswalk import How
from classification.core.difference import Change
from classification.core.errors import ListRefused
from classification.edition_desk import Proposal, take_in
from classification.list_file import template as template_of
from classification.list_file import template_csv
from classification.schemas import SpecialtyFoundOut
from classification.service import ClassificationService
from foundation.db import Database
from foundation.errors import ServiceError
from foundation.ledger.book import ReadBook
from foundation.ledger.store import LeafRow
from foundation.settings import Settings

COMMAND_LINE: Final = "command-line"
SHOWN: Final = 200

app = typer.Typer(help="The standard of specialties (专业分类标准).", no_args_is_help=True)

NOTHING = (
    "{version} 版标准中没有相符的专业。请减少词语，或输入代码的开头。\n"
    "Nothing in the {version} standard fits. Try fewer words, or the beginning of a code."
)
STATUS_WORDS = {
    Status.CONFIRMED: "two sources",
    Status.NAME_DIFFERS: "name differs",
    Status.ONE_SOURCE: "one source",
    Status.ONE_SOURCE_SECONDARY: "second source only",
    Status.IMPORTED: "imported list",
}
HOW_WORDS = {
    How.SURE: "确定 sure",
    How.DECIDED: "经人决定 decided by a person",
    How.WITH_CLASS: "随上级的决定 by the decision on a class above",
    How.OPEN: "待决定 not decided",
}
CHANGE_WORDS = {
    Change.ADDED: "新增 added",
    Change.REMOVED: "取消 removed",
    Change.RENAMED: "更名 renamed",
    Change.REUSED: "改用 re-used",
    Change.MOVED: "移动 moved",
    Change.STATUS: "状态 status",
}

Home = Annotated[Path | None, typer.Option(help="Folder of the installation.")]
Version = Annotated[str, typer.Option(help="Version of the standard; the one in force if empty.")]


@app.command()
def find(
    query: Annotated[str, typer.Argument(help="beginning of a code, words, or pinyin")],
    limit: Annotated[int, typer.Option(min=1, max=2143, help="most lines to show")] = 30,
    version: Version = "",
) -> None:
    """Find specialties: `find 桥梁`, `find A0802`, `find ql`, `find qiaoliang`."""
    service = _service()
    with _in_words():
        standard = service.tree(version or service.catalogue.version)
    found = standard.search(query, len(standard))
    if not found:
        Console(stderr=True).print(NOTHING.format(version=standard.version))
        raise typer.Exit(1)
    _print_table(standard, found[:limit])
    if len(found) > limit:
        Console().print(f"{limit} / {len(found)}  (--limit)", highlight=False)


@app.command()
def show(
    code: Annotated[str, typer.Argument(help="a code, like A080205 or 2018:A080205")],
    version: Version = "",
) -> None:
    """Show one specialty, the classes above it and the lines below it."""
    service = _service()
    with _in_words():
        if version:
            standard = service.tree(version)
            line = standard.get(SpecialtyCode(version, code.rpartition(":")[2]))
        else:
            standard = service.catalogue
            line = service.resolve(code if ":" in code else f"{standard.version}:{code}")
    _print_table(standard, (line, *standard.children(line.code)))
    if line.note:
        Console().print(Text(line.note))


@app.command(name="map")
def map_code(
    code: Annotated[str, typer.Argument(help="a code of an older version, like 2010:A010102")],
) -> None:
    """Say what a code of an older version became, and how sure that is."""
    service = _service()
    with _in_words():
        line = service.look_up(code)
        became = shown.became(line, service)
    out = Console(soft_wrap=True)
    path = " / ".join(one.name for one in service.tree(line.code.version).path(line.code))
    out.print(f"{line.code}  {path}", highlight=False, markup=False)
    if became is None:
        out.print(f"→ {service.catalogue.version} 版现行 in force", highlight=False)
        return
    how = HOW_WORDS[became.how]
    if became.how is How.OPEN:
        maybe = f"  可能 maybe: {_written(became.maybe)}" if became.maybe else ""
        out.print(f"→ ?  [{how}]{maybe}", highlight=False, markup=False)
        raise typer.Exit(1)
    for heir in became.heirs:
        out.print(f"→ {_written(heir)}  [{how}]", highlight=False, markup=False)
    if not became.heirs:
        out.print(f"→ 取消，没有对应 given up, no heir  [{how}]", highlight=False, markup=False)


@app.command()
def versions() -> None:
    """List the versions of the standard held here."""
    table = Table("Version", "Lines", "In force", "State")
    for one in shown.versions(_service()):
        state = one.state.value if one.state else "packaged"
        table.add_row(one.version, str(one.lines), "yes" if one.in_force else "", state)
    Console().print(table)


@app.command()
def template(
    out: Annotated[Path, typer.Argument(help="Where to write it; .csv or .xlsx")],
    filled: Annotated[bool, typer.Option("--filled", help="With the version in force.")] = False,
) -> None:
    """Write the template of a corrected list (更正清单模板)."""
    standard = _service().catalogue if filled else None
    csv = out.suffix.lower() == ".csv"
    out.write_bytes(template_csv(standard) if csv else template_of(standard))


@app.command(name="import")
def import_list(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="XLSX or CSV")],
    version: Annotated[str, typer.Option(help="What the list will be called, like 2018r1.")],
    propose: Annotated[
        bool, typer.Option("--propose", help="Bring it in; a supervisor adopts it on the page.")
    ] = False,
    adopt: Annotated[
        bool, typer.Option("--adopt", help="Put it in force; only before the first draw.")
    ] = False,
    home: Home = None,
) -> None:
    """Compare a corrected list with the version in force, and bring it in where told so.

    Without --propose or --adopt nothing is written. The service must not be running.
    """
    from app.wiring import build_house  # noqa: PLC0415 # looking up is quick

    settings = Settings() if home is None else Settings(home=home)
    data = file.read_bytes()
    with refusals_in_words(), alone(settings):
        house = build_house(settings, demonstration=None)
        try:
            try:
                _print_difference(house.editions.look(data, version))
            except ListRefused as refused:
                _print_problems(refused)
                raise
            if propose or adopt:
                house.editions.propose(data, version, file.name, COMMAND_LINE)
            if adopt:
                words = "set-up (初始设置)"
                report = house.remapping.adopt(version, words, COMMAND_LINE, set_up=True)
                Console().print(
                    f"{version} 已启用 in force; {report.experts} experts (专家), "
                    f"{report.not_drawable} not drawable (不能抽取)",
                    highlight=False,
                )
        finally:
            house.close()


def _service() -> ClassificationService:
    """The packaged data and what the installation imported; read beside a running service."""
    settings = Settings()
    service = ClassificationService.load(settings.classification)
    database = Database(settings.main_store)
    if not database.postgresql and not database.path.is_file():
        return service
    try:
        if LeafRow.__tablename__ in database.tables():
            with database.read() as db:
                take_in(ReadBook(db), service)
    finally:
        database.close()
    return service


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except ServiceError as refused:
        Console(stderr=True, soft_wrap=True).print(Text(both(refused)))
        raise typer.Exit(1) from refused


def _written(line: SpecialtyFoundOut) -> str:
    return f"{line.code}  {' / '.join(line.path)}"


def _print_table(standard: Catalogue, lines: tuple[Specialty, ...]) -> None:
    table = Table()
    for head in ("Code", "Specialty", "Path", "Status"):
        table.add_column(head, overflow="fold")
    for line in lines:
        above = standard.path(line.code)[:-1]
        path = Text(" / ".join(one.name for one in above))
        table.add_row(str(line.code), Text(line.name), path, STATUS_WORDS[line.status])
    Console().print(table)


def _print_difference(proposal: Proposal) -> None:
    out = Console()
    counts = "  ".join(f"{CHANGE_WORDS[Change(x)]} {n}" for x, n in proposal.counts.items())
    out.print(f"{proposal.crosswalk.old} → {proposal.catalogue.version}: {counts}", highlight=False)
    table = Table("Change", "Code", "Before", "After", "To")
    for one in proposal.differences[:SHOWN]:
        words = (Text(text) for text in (one.before, one.after, one.to))
        table.add_row(CHANGE_WORDS[one.change], one.code, *words)
    out.print(table)
    if len(proposal.differences) > SHOWN:
        out.print(f"… {len(proposal.differences) - SHOWN} more (其余未列出)", highlight=False)


def _print_problems(refused: ListRefused) -> None:
    words = catalogue(Language.CHINESE, "errors")
    table = Table("Row", "Column", "Reason", "Way out")
    for one in refused.problems[:SHOWN]:
        said = words[one.code]
        table.add_row(
            str(one.row),
            one.column,
            *(Text(with_facts(said[part], one.facts)) for part in ("sentence", "way_out")),
        )
    errors_to.print(table)
