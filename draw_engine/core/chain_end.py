"""How a holder of this service makes the last value of its chain for a draw.

From one secret that is kept for good, so that a lost disk or a restart never loses a chain
that was promised; bound to draw and draw id, so that no two draws share one.
"""

import hmac
from collections.abc import Mapping
from typing import Any, Final

from foundation.digest import canon

CHAIN_INFO: Final = b"BDP1-service/chain\0"


def chain_end(secret: bytes, draw_id: str, draw: Mapping[str, Any]) -> bytes:
    """y_L, 32 bytes: HKDF-SHA-256 of the holder's secret with 32 zero bytes as salt."""
    info = CHAIN_INFO + canon({"draw": draw, "draw_id": draw_id})
    pseudorandom = hmac.digest(bytes(32), secret, "sha256")
    return hmac.digest(pseudorandom, info + b"\x01", "sha256")
