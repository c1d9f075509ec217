"""The log over HTTP for the stranger's tool, with the standard library alone."""

from http.client import HTTPException
from typing import Final
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from draw_engine.core.checks.case import Fails, LogSilent
from foundation.ledger.tile_reader import MOST_BYTES, TileReader

PATIENCE: Final = 30.0
"""Seconds for one answer."""


def log_at(address: str) -> TileReader:
    """The log whose checkpoint stands at `address`/checkpoint.

    Raises:
        ValueError: not an address of the web.
    """
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(address)
    prefix = address.rstrip("/")

    def fetch(place: str) -> bytes:
        request = Request(f"{prefix}/{place}", headers={"Accept-Encoding": "identity"})  # noqa: S310 # the scheme was looked at
        try:
            with urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 # as above
                data: bytes = answer.read(MOST_BYTES + 1)
        except HTTPError as refused:
            # What it signed for it must give; a fault of its machine proves nothing.
            if refused.code >= 500 or refused.code == 429:
                raise LogSilent(f"the log answers {refused.code}") from refused
            raise Fails(f"the log does not give {place}") from refused
        except (OSError, HTTPException) as silent:
            raise LogSilent("the log does not answer") from silent
        if len(data) > MOST_BYTES:
            raise Fails(f"{place} is too long")
        return data

    return TileReader(fetch)
