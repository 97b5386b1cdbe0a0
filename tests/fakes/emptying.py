"""Databases that were used, made as good as new: that takes a moment, and another one many."""

from __future__ import annotations

from service.store.database import Database
from service.store.tables import metadata

_DELETIONS = tuple(str(table.delete()) for table in reversed(metadata.sorted_tables))


def empty_database(database: Database) -> None:
    """Delete every row of every table."""
    with database.writing() as connection:
        # Without SQLAlchemy in between, and a server is asked once: it is done for each test.
        cursor = connection.connection.cursor()
        for statement in _DELETIONS if database.is_sqlite else ["; ".join(_DELETIONS)]:
            cursor.execute(statement)
        cursor.close()
