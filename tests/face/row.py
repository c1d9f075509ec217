"""A page in a state: what brings it there, and who looks."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, auto

Step = tuple[str, ...]
"""What a person does before the look: ("press", id), ("fill", id, text), ("pick", id, file) …"""


class Scene(IntEnum):
    """A moment of the day; it never goes back."""

    EMPTY = auto()
    DESK = auto()
    FILED = auto()
    WITHDRAWN = auto()
    INVITED = auto()
    SEALED = auto()
    PREPARED = auto()
    CHECK_IN = auto()
    WAITING = auto()
    UNDERTAKING = auto()
    RECUSAL = auto()
    LEADER = auto()
    SCORING = auto()
    SUMMARY = auto()
    REPORT = auto()
    SIGNED = auto()
    CLOSED = auto()
    UNSEALED = auto()


@dataclass(frozen=True)
class Row:
    """One page in one state.

    Attributes:
        route: as the router spells it; its parameters are filled in from the day.
        sees: what stands on the page when the state is there (a test id, or a selector).
        who: the card of the demonstration, "anyone" without sign-in, "member" for the
            expert whom this day follows.
        goes: False stays on the page as the row before left it.
        query: behind the path.
        phone: it is read on a telephone as well.
    """

    scene: Scene
    route: str
    state: str
    who: str
    sees: str
    steps: tuple[Step, ...] = ()
    goes: bool = True
    query: str = ""
    phone: bool = False

    @property
    def name(self) -> str:
        """What a finding is filed under."""
        return f"{self.route} · {self.state} · {self.who}"


SECOND = "supervisor-2"
ANYONE, APPLICANT, CLERK, SUPERVISOR = "anyone", "applicant", "clerk", "supervisor"
ADMINISTRATOR, POOL, OWNER, MEMBER = "administrator", "pool_manager", "owner-1", "member"


def visits(rows: Iterable[Row]) -> list[tuple[Row, ...]]:
    """Rows by page load: each with those behind it that stay on its page."""
    made: list[tuple[Row, ...]] = []
    for row in rows:
        if row.goes:
            made.append((row,))
        else:
            made[-1] += (row,)
    return made


def by_scene(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Rows of several tables in the order of the day; those of one scene keep theirs."""
    return tuple(sorted(rows, key=lambda row: row.scene))
