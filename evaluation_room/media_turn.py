"""How a page gets through a firewall: the installation's own TURN server, for a working day.

coturn with `use-auth-secret`: the name says when it ends, the password is its keyed hash, and
nothing is stored. Whoever copies both relays nothing after that hour, and never to anywhere
but where the TURN server lets them.

Source: draft-uberti-behave-turn-rest-00.
"""

import base64
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from evaluation_room.media_messages import IceServer

LIFETIME: Final = timedelta(hours=8)
"""As long as an evaluation; a page that joins again gets new ones."""


def turn_secret(key: bytes) -> str:
    """What stands in coturn's `static-auth-secret` for a key file's bytes."""
    return key.hex()


def turn_servers(
    urls: Sequence[str], key: bytes, now: datetime, chance: str
) -> tuple[IceServer, ...]:
    """The TURN server of this installation with credentials that end by themselves.

    Args:
        urls: such as `turns:turn.example:443?transport=tcp`; none means no server.
        chance: letters that tell one page's credentials from another's; they name nobody.
    """
    if not urls:
        return ()
    username = f"{int((now + LIFETIME).timestamp())}:{chance}"
    digest = hmac.digest(turn_secret(key).encode(), username.encode(), "sha1")
    credential = base64.b64encode(digest).decode()
    return (IceServer(urls=tuple(urls), username=username, credential=credential),)
