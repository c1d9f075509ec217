"""No scores from somebody who is neither seen nor heard (R-AV-3).

Drafts are saved whatever happens, and a report can be signed in the dark: what a member
has judged must not be lost, nor their silence be taken for consent because of a camera.
"""

from datetime import datetime
from typing import Final

from evaluation_room.core import commands as wishes
from evaluation_room.core.commands import Command
from evaluation_room.core.errors import NotSeen

SCORING_ACTS: Final = (wishes.SubmitSheet, wishes.AmendScore, wishes.ExplainScore)


def require_seen(command: Command, unseen_seconds: float | None, dark_seconds: int) -> None:
    """Refuse an act of scoring while its member has been missing for too long.

    Args:
        unseen_seconds: how long the member's sound and picture have both been missing, 0 while
            one of them arrives; None where nobody looks.
        dark_seconds: the overlay's value; 0 refuses nothing.

    Raises:
        NotSeen: for longer than `dark_seconds`.
    """
    if not dark_seconds or unseen_seconds is None or not isinstance(command, SCORING_ACTS):
        return
    if unseen_seconds > dark_seconds:
        raise NotSeen(seconds=int(unseen_seconds), allowed=dark_seconds)


def unseen_seconds(
    now: datetime,
    checked_in_at: datetime | None,
    last_seen_at: datetime | None,
    watching_since: datetime,
) -> float:
    """How long nobody has seen or heard a member.

    Counts from the last packet; for who never sent one from check-in; and never from before
    the server could have noticed, as after its restart.
    """
    since = last_seen_at or checked_in_at or now
    return max((now - max(since, watching_since)).total_seconds(), 0.0)
