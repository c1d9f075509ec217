"""`expert-draw draw`: a whole draw off line, from a request and a pool to a bundle."""

import time
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from app.errors import BadRequest
from app.opened import refusals_in_words
from classification.service import ClassificationService
from draw_engine.offline import WHO, draw_offline
from draw_engine.schemas import DrawRequestIn
from foundation.settings import Settings

app = typer.Typer()


@app.command()
def draw(
    request: Annotated[
        Path, typer.Argument(help="The request, as JSON.", exists=True, dir_okay=False)
    ],
    pool: Annotated[
        Path, typer.Option(help="Experts: workbook or CSV.", exists=True, dir_okay=False)
    ],
    out: Annotated[Path, typer.Option(help="Where the bundle goes.")],
    identities: Annotated[
        Path | None, typer.Option(help="Where the names go; kept apart from the bundle.")
    ] = None,
) -> None:
    """Draw a committee (抽取) without a server. The bundle is a test: one box gave all inputs."""
    begun = time.monotonic()
    with refusals_in_words():
        try:
            asked = DrawRequestIn.model_validate_json(request.read_bytes())
        except ValidationError as bad:
            fields = sorted({".".join(map(str, one["loc"])) or "JSON" for one in bad.errors()})
            raise BadRequest(fields=", ".join(fields)[:200]) from None
        classification = ClassificationService.load(Settings().classification)
        drawn = draw_offline(asked.to_request(WHO), pool.read_bytes(), classification)
    out.write_bytes(drawn.bundle)
    if identities is not None:
        identities.write_bytes(drawn.identities)
    took = time.monotonic() - begun
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"M {drawn.M}")
    console.print(f"{out}  {len(drawn.bundle)} bytes, {took:.1f} s")
    console.print(f"python -m draw_engine.verify --test {out}")
