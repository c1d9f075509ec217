"""Papers of an application: PDF, JPEG or PNG, sealed on disk under the SHA-256 of what they hold.

They show names and faces, so nobody who copies the folder or the main database can read one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from draw_engine.core.appointment import DOCUMENT_KINDS
from draw_engine.core.appointment_errors import DocumentTooLarge, DocumentUnfit, DocumentUnknown
from foundation.files import SealedFiles

MOST_BYTES: Final = 10 * 2**20
KINDS: Final = {
    b"%PDF-": "application/pdf",
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
}


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper as an application names it."""

    sha256: str
    kind: str

    def as_body(self) -> dict[str, str]:
        """As an entry holds it."""
        return {"sha256": self.sha256, "kind": self.kind}


class Evidence:
    """The sealed papers."""

    def __init__(self, files: SealedFiles) -> None:
        self._files = files

    def put(self, data: bytes) -> str:
        """Keep a paper; its SHA-256 in hex.

        Raises:
            DocumentTooLarge, DocumentUnfit.
        """
        if len(data) > MOST_BYTES:
            raise DocumentTooLarge(megabytes=MOST_BYTES // 2**20)
        if media_type(data) is None:
            raise DocumentUnfit
        return self._files.put(data)

    def get(self, sha256: str) -> bytes:
        """A paper.

        Raises:
            DocumentUnknown: it is not here, or no longer what its name says.
        """
        try:
            return self._files.get(sha256)
        except (FileNotFoundError, ValueError) as gone:
            raise DocumentUnknown from gone

    def require(self, papers: Iterable[Paper]) -> None:
        """Refuse papers that nobody has uploaded, or of no known kind.

        Raises:
            DocumentUnknown.
        """
        for one in papers:
            named = len(one.sha256) == 64 and set(one.sha256) <= set("0123456789abcdef")
            if one.kind not in DOCUMENT_KINDS or not named:
                raise DocumentUnknown
            self.get(one.sha256)


def media_type(data: bytes) -> str | None:
    """What a paper is by its first bytes; None where it is nothing we show."""
    return next((kind for mark, kind in KINDS.items() if data.startswith(mark)), None)
