"""Every row of a database file as somebody with the file reads it."""

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path


def rows(file: Path) -> Iterator[tuple[str, str]]:
    """Table and text of each row; bytes as Latin-1, so that nothing in them is passed over."""
    db = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    tables = [one for (one,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in tables:
        for row in db.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 # the file's own names
            yield (
                table,
                "\0".join(
                    one.decode("latin-1") if isinstance(one, bytes) else str(one) for one in row
                ),
            )
    db.close()


def tables_with(file: Path, *words: Iterable[str]) -> set[str]:
    """Tables with a row that holds at least one word of each group."""
    return {
        table
        for table, text in rows(file)
        if all(any(word in text for word in group) for group in words)
    }
