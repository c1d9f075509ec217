"""What the archive's tests stand on."""

from pathlib import Path

import pytest

from tests.evaluation_room.archive.bench import ArchiveBench


@pytest.fixture
def bench(tmp_path: Path) -> ArchiveBench:
    """A recording that a test drives by hand."""
    return ArchiveBench(tmp_path)
