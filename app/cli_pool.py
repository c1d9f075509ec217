"""`expert-draw pool`: generated experts for demonstration and tests, the template, the import."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from app.alone import alone
from app.bar import a_bar
from app.opened import errors_to, refusals_in_words
from app.wiring import build_house
from app.words import Language, catalogue, with_facts
from classification.service import ClassificationService
from draw_engine.erasure import Ground
from draw_engine.pool_check import Problem
from draw_engine.pool_generate import generate as generated
from draw_engine.pool_import import ImportRefused, PoolImport
from draw_engine.pool_records import ImportRecord, State
from draw_engine.pool_workbook import template as template_of
from draw_engine.pool_workbook import template_csv, write_pool
from foundation.clock import CHINA_STANDARD_TIME
from foundation.ids import ExpertId
from foundation.settings import Settings

COMMAND_LINE = "command-line"
SHOWN = 50

app = typer.Typer(help="The expert pool (专家库).", no_args_is_help=True)

Home = Annotated[Path | None, typer.Option(help="Folder of the installation.")]


@app.command()
def generate(
    experts: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many.")] = 500,
    seed: Annotated[int, typer.Option(help="The same seed gives the same people.")] = 1,
    out: Annotated[Path | None, typer.Option(help="Write a workbook or CSV here.")] = None,
    home: Home = None,
) -> None:
    """Make experts who do not exist, marked 生成 everywhere: into a file, or into a home."""
    if (out is None) == (home is None):
        raise typer.BadParameter("give either --out FILE or --home FOLDER")
    settings = _settings(home)
    classification = ClassificationService.load(settings.classification)
    today = datetime.now(CHINA_STANDARD_TIME).date()
    people = generated(classification, experts, seed, today)
    if out is not None:
        with refusals_in_words(), a_bar(experts) as bar:
            write_pool(out, bar.passing(people))
    else:
        with _importer(settings) as importer, a_bar(experts) as bar:
            importer.enrol(people, COMMAND_LINE, f"generate --seed {seed}", bar.tell)
    Console().print(f"{experts} generated experts (生成专家), seed {seed}.", highlight=False)


@app.command()
def template(
    out: Annotated[Path, typer.Argument(help="Where to write it; .csv or .xlsx")],
) -> None:
    """Write the empty import template (导入模板)."""
    out.write_bytes(template_csv() if out.suffix.lower() == ".csv" else template_of())


@app.command(name="import")
def import_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="XLSX or CSV")],
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Take the good rows.")] = False,
    home: Home = None,
) -> None:
    """Import experts, all rows or none, each bad cell named. The service must not be running."""
    with _importer(_settings(home)) as importer, file.open("rb") as opened:
        source = importer.source(opened)
        try:
            with a_bar(source.rows) as bar:
                outcome = importer.run(
                    source,
                    skip_bad=skip_bad,
                    by=COMMAND_LINE,
                    name=file.name,
                    progress=bar.tell,
                )
        except ImportRefused as refused:
            _print_problems(refused.problems)
            raise
    _print_problems(outcome.problems)
    Console().print(
        f"{outcome.imported} imported, {outcome.skipped} rows skipped "
        f"(已导入 {outcome.imported} 人，跳过 {outcome.skipped} 行)",
        highlight=False,
    )
    for sheet, row in outcome.listed:
        Console().print(
            f"{sheet} {row}: stands on an outside list, for a person to deal with "
            "(列入外部名单，须由人员处理)",
            highlight=False,
        )


@app.command()
def erase(
    expert: Annotated[str, typer.Argument(help="Id of an expert who has left the pool.")],
    ground: Annotated[Ground, typer.Option(help="Why.")],
    home: Home = None,
) -> None:
    """Forget who an expert was; what was done stays on record. The service must not be running."""
    with refusals_in_words(), alone(_settings(home)):
        house = build_house(_settings(home), demonstration=None)
        try:
            house.erasure.erase(ExpertId(expert), ground, COMMAND_LINE)
        finally:
            house.close()
    Console().print(f"{expert}: erased (身份信息已删除)", highlight=False)


@app.command()
def imports(home: Home = None) -> None:
    """The last imports and how each ended; one that was cut off took nothing."""
    with _importer(_settings(home)) as importer:
        table = Table("File / 文件", "Begun / 开始", "How it ended / 结果")
        for one in importer.records():
            table.add_row(one.file or "-", str(one.facts()["at"]), how_it_ended(one))
    Console().print(table)


def how_it_ended(one: ImportRecord) -> str:
    """How an import ended, in both languages."""
    if one.state is State.COMPLETED:
        return (
            f"completed: {one.imported} imported, {one.skipped} rows skipped\n"
            f"已完成：导入 {one.imported} 人，跳过 {one.skipped} 行"
        )
    return "\n".join(
        with_facts(catalogue(language, "errors")[one.refusal]["sentence"], one.facts())
        for language in Language
    )


def _settings(home: Path | None) -> Settings:
    return Settings() if home is None else Settings(home=home)


@contextmanager
def _importer(settings: Settings) -> Iterator[PoolImport]:
    """The import into a folder that nobody serves meanwhile; refusals in words, code 2."""
    with refusals_in_words(), alone(settings):
        house = build_house(settings, demonstration=None)
        try:
            for one in house.pool.cut_off:
                errors_to.print(how_it_ended(one), markup=False, highlight=False)
            yield house.pool.importer
        finally:
            house.close()


def _print_problems(problems: tuple[Problem, ...]) -> None:
    if not problems:
        return
    words = catalogue(Language.CHINESE, "errors")
    table = Table("Sheet", "Row", "Column", "Reason", "Was")
    for one in problems[:SHOWN]:
        sentence = with_facts(words[one.code]["sentence"], one.facts)
        table.add_row(one.sheet, str(one.row), one.column, sentence, one.value_hint)
    errors_to.print(table)
    if len(problems) > SHOWN:
        errors_to.print(
            f"… and {len(problems) - SHOWN} more (其余 {len(problems) - SHOWN} 处未列出)"
        )
