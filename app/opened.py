"""Opens a house for the command line: alone in the folder, refusals in words, code 2."""

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError
from rich.console import Console

from app.errors import FileUnusable, SettingsUnfit
from app.words import both
from foundation.errors import ServiceError
from foundation.settings import PREFIX, Settings

REFUSED = 2

errors_to = Console(stderr=True, soft_wrap=True)


@contextmanager
def refusals_in_words() -> Iterator[None]:
    """Print a refusal in both languages and end with code 2."""
    try:
        yield
    except (ServiceError, OSError, ValidationError) as bad:
        refused = _refusal_of(bad)
        if refused is None:
            raise
        errors_to.print(both(refused), markup=False, highlight=False)
        raise SystemExit(REFUSED) from None


def _refusal_of(bad: ServiceError | OSError | ValidationError) -> ServiceError | None:
    """A person typed a wrong file or setting: that is no fault of the program."""
    if isinstance(bad, ServiceError):
        return bad
    if isinstance(bad, OSError):
        return FileUnusable(file=str(bad.filename or "-"), why=bad.strerror or type(bad).__name__)
    if bad.title != Settings.__name__:
        return None
    said = (str(error["loc"][0]).upper() for error in bad.errors())
    names = {f"{PREFIX}{name.removeprefix(PREFIX)}" for name in said}
    return SettingsUnfit(settings=", ".join(sorted(names)))
