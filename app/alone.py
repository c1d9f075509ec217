"""Who works on an installation works alone: its folder and its databases are locked."""

from collections.abc import Iterator
from contextlib import contextmanager

from foundation.service_lock import ServiceLock
from foundation.settings import Settings


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Hold the installation; a second service on it would believe it is the only writer.

    Raises:
        AlreadyServed: somebody else holds it.
    """
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = ServiceLock(settings.home, settings.main_store, settings.vault_store)
    lock.take()
    try:
        yield
    finally:
        lock.release()
