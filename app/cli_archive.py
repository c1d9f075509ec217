"""`expert-draw archive`: recordings checked against the log, or decrypted to files."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from app.alone import alone
from app.opened import errors_to, refusals_in_words
from evaluation_room.archive.errors import LogUnsound, NothingRecorded
from evaluation_room.archive.export import Export
from evaluation_room.archive.places import KEY_NAME, Places, RoomKeys
from evaluation_room.archive.verify import Verifier
from evaluation_room.core.media_events import MEDIA_EVENT, STREAM, RecordedMedia
from evaluation_room.core.media_log import MediaLog, fold
from evaluation_room.media_book import media_stream_of, recorded_media
from foundation.db import Database
from foundation.digest import parse_canon
from foundation.keys import FieldKey, KeyRing, KeyUnusable
from foundation.ledger.book import ReadBook
from foundation.ledger.entry import instant
from foundation.ledger.verify_export import verify_export
from foundation.settings import Settings

app = typer.Typer(help="Recordings (录音录像).", no_args_is_help=True)


@app.callback()
def every() -> None:
    """Recordings of sound and picture."""


@app.command()
def verify(
    evaluation: Annotated[str, typer.Argument(help="The evaluation's id (评标编号).")],
    folder: Annotated[
        Path | None, typer.Option(help="Where the recordings lie; default: this installation's.")
    ] = None,
    ledger: Annotated[
        Path | None,
        typer.Option(help="An export of the evaluation's log; default: this ledger."),
    ] = None,
) -> None:
    """Check each file against the log: missing, changed, unknown. Reads only; needs no key.

    May run beside the service. Exit code 1 if something is wrong; a changed file is named, and
    the place in it where the key is at hand.
    """
    with refusals_in_words():
        settings = Settings()
        log = _exported(ledger, evaluation) if ledger else _kept(settings, evaluation)
        if not log.segments:
            raise NothingRecorded
        places = Places(folder or settings.recordings_folder)
        key = _room_key(settings, places, evaluation)
        with _progress("Checking 核验", len(log.segments)) as step:
            found = Verifier(places, evaluation, log, key, step).verify()
    Console().print_json(
        data={
            "sound": found.sound,
            "segments": found.segments,
            "bytes": found.size,
            "gaps_in_log": found.gaps,
            "not_yet_in_log": found.not_yet,
            "with_key": key is not None,
            "findings": [
                {"fault": one.fault.value, "file": one.file, "where": one.where}
                for one in found.findings
            ],
        }
    )
    raise typer.Exit(0 if found.sound else 1)


@app.command()
def export(
    evaluation: Annotated[str, typer.Argument(help="The evaluation's id (评标编号).")],
    opening: Annotated[str, typer.Option(help="An opening that two supervisors made (调阅编号).")],
    to: Annotated[Path, typer.Option(help="A new folder for the files.")],
) -> None:
    """Decrypt a recording to WebM files, without transcoding. The service must not be running.

    Refused without an opening that is in force; the log names each file by its SHA-256.
    """
    from app.wiring import build_house  # noqa: PLC0415 # the whole service; verify needs none of it

    with refusals_in_words(), ExitStack() as open_things:
        settings = Settings()
        open_things.enter_context(alone(settings))
        house = build_house(settings, demonstration=None)
        open_things.callback(house.close)
        kept = house.recordings
        log = kept.openings.require(evaluation, opening, kept.clock.now())
        with _progress("Decrypting 解密", len(log.segments)) as step:
            report = Export(
                kept.shelf,
                evaluation,
                log,
                lambda files: kept.openings.exported(evaluation, opening, files),
                step,
            ).write(to)
    out = Console(soft_wrap=True)
    for file in report.files:
        out.print(f"{file.sha256}  {file.name}", markup=False, highlight=False)
    for who, track, number, why in report.unread:
        errors_to.print(f"{who}/{track}/{number}.seg: {why}", markup=False, highlight=False)
    raise typer.Exit(1 if report.unread else 0)


@contextmanager
def _progress(what: str, steps: int) -> Iterator[Any]:
    """A bar on standard error; the result alone goes to standard output."""
    with Progress(console=errors_to, transient=True) as bar:
        task = bar.add_task(what, total=steps)
        yield lambda: bar.advance(task)


def _kept(settings: Settings, evaluation_id: str) -> MediaLog:
    database = Database(settings.main_store)
    database.check()
    try:
        with database.read() as db:
            entries = ReadBook(db).entries(media_stream_of(evaluation_id))
    finally:
        database.close()
    return fold(recorded_media(one) for one in entries)


def _exported(file: Path, evaluation_id: str) -> MediaLog:
    """The log in an export, which has to be sound itself.

    Raises:
        LogUnsound: an entry of it is not under its checkpoint, or was changed.
    """
    data = file.read_bytes()
    verdict = verify_export(data)
    if not verdict.sound:
        raise LogUnsound(why=verdict.why or "-")
    facts = []
    for one in json.loads(data)["entries"]:
        leaf, body = parse_canon(bytes.fromhex(one["leaf"])), one["body"]
        if isinstance(leaf, dict) and leaf.get("stream") == STREAM + evaluation_id and body:
            told = parse_canon(bytes.fromhex(body))
            assert isinstance(told, dict)  # noqa: S101 # the export is sound
            event = MEDIA_EVENT.validate_python({"type": leaf["type"], **told})
            facts.append(RecordedMedia(leaf["seq"], one["index"], instant(one["at"]), event))
    return fold(facts)


def _room_key(settings: Settings, places: Places, evaluation_id: str) -> bytes | None:
    """The room's key, where this machine has both the ring and the room's file."""
    try:
        ring = KeyRing(settings.keys).given(KEY_NAME)
        return None if ring is None else RoomKeys(places, FieldKey(ring)).there(evaluation_id)
    except KeyUnusable:
        return None
