"""Some tests have the machine to themselves: seven browsers beside another test are no test.

Every test passes a turnstile and holds the room behind it, shared with the tests of the other
workers or, marked `alone`, for itself. Who waits for the room stands in the turnstile, so
nobody slips in before.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def room(folder: Path, *, alone: bool) -> Iterator[None]:
    """Hold the room of all who name the same folder; waits for as long as it takes."""
    with (folder / "turnstile").open("w") as turnstile, (folder / "room").open("w") as held:
        fcntl.flock(turnstile, fcntl.LOCK_EX)
        fcntl.flock(held, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(turnstile, fcntl.LOCK_UN)
        yield
