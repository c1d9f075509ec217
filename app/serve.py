"""`expert-draw serve`: take the folder, build the house, listen, and tidy up after."""

import signal
import ssl
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import uvicorn
from rich.console import Console

from app.alone import alone
from app.demo.holders import programs, register
from app.demo.setup import prepare
from app.errors import FileUnusable
from app.main import create_app
from app.opened import refusals_in_words
from app.record import configure
from app.tls import local_certificate
from app.wiring import House, build_house
from foundation.settings import Settings

MAX_FRAME: Final = 4 * 2**20
PATIENCE_SECONDS: Final = 5
PROGRAMS: Final = "programs"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The command line of `serve`; None leaves the setting as it is."""

    demo: bool
    host: str | None
    port: int | None
    tls: str | None
    tls_cert: str | None
    tls_key: str | None
    holders: str


def run(wanted: Wanted) -> int:
    """Serve until told to stop; the exit code."""
    settings = settings_of(wanted)
    configure(settings.log_level)
    with refusals_in_words(), ExitStack() as open_things:
        open_things.enter_context(alone(settings))
        house = build_house(settings, demonstration=wanted.demo)
        open_things.callback(house.close)
        settings = _with_certificate(house, wanted)
        _check_certificate(settings)
        server = uvicorn.Server(_config(house, settings))
        if wanted.demo:
            prepare(house.demo, house.pool, house.classification, house.clock)
            open_things.enter_context(_holders(house, settings, wanted))
        _say_where(settings, demonstration=wanted.demo)
        # uvicorn raises the signal again once it has stopped: it must unwind what is open
        # here (holders, lock, files) and not end the process on the spot
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with suppress(KeyboardInterrupt):
            server.run()
        return 0 if server.started else 1


def settings_of(wanted: Wanted) -> Settings:
    """The settings, with what the command line says on top."""
    said: dict[str, Any] = {
        "host": wanted.host,
        "port": wanted.port,
        "tls_cert": None if wanted.tls_cert is None else Path(wanted.tls_cert),
        "tls_key": None if wanted.tls_key is None else Path(wanted.tls_key),
    }
    return Settings(**{name: value for name, value in said.items() if value is not None})


def _with_certificate(house: House, wanted: Wanted) -> Settings:
    settings = house.settings
    if wanted.tls != "self":
        return settings
    folder = settings.home / "tls"
    certificate, key = local_certificate(folder, settings.host, house.clock.now())
    return settings.model_copy(update={"tls_cert": certificate, "tls_key": key})


def _check_certificate(settings: Settings) -> None:
    """Refuse a certificate or key that TLS could not use, before anything listens.

    Raises:
        FileUnusable: a file is missing, is no PEM, or the two do not belong together.
    """
    if settings.tls_cert is None and settings.tls_key is None:
        return
    if settings.tls_cert is None:
        raise FileUnusable(file=str(settings.tls_key), why="no certificate for this key")
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(settings.tls_cert, settings.tls_key)
    except OSError as bad:
        raise FileUnusable(file=str(settings.tls_cert), why="certificate and key") from bad


def _config(house: House, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(house),
        host=settings.host,
        port=settings.port,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        ws="websockets-sansio",
        ws_max_size=MAX_FRAME,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=PATIENCE_SECONDS,
    )


def _holders(house: House, settings: Settings, wanted: Wanted) -> AbstractContextManager[None]:
    """The demonstration's share holders, unless pages or other machines hold the shares."""
    if wanted.holders != PROGRAMS:
        return nullcontext()
    register(settings.home, house.draw.parties)
    own = settings.tls_cert if wanted.tls == "self" else None
    return programs(settings.home, settings.public_origin or _address(settings), own)


def _address(settings: Settings) -> str:
    """Where a program of this machine reaches the service."""
    scheme = "https" if settings.tls_cert else "http"
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{settings.port}"


def _say_where(settings: Settings, *, demonstration: bool) -> None:
    out = Console(stderr=True, soft_wrap=True)
    if demonstration:
        out.print(
            "[bold]Demonstration / 演示[/bold]: every expert here is generated. 专家均为生成。"
        )
    out.print(f"{_address(settings)}/", highlight=False)
