"""One consistent copy of an SQLite that is in use, and what makes a copy fit to be lived in."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import Connection, func, inspect, select, text

from service.errors import StoreError
from service.store.database import Database
from service.store.installation import hold_installation
from service.store.migrate import migrate
from service.store.tables import metadata


def copy_file(database: Database, target: Path) -> None:
    """Write everything that is committed into a new file; whoever writes meanwhile goes on.

    What was deleted, an erased address perhaps, is not in it. Raises StoreError when it fails.
    """
    connection = database.engine.raw_connection()
    try:
        # Past SQLAlchemy, for it allows no transaction around it.
        connection.cursor().execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        raise StoreError(f"the database cannot be copied to {target.parent}: {error}") from error
    finally:
        connection.close()


def count_rows(connection: Connection) -> dict[str, int]:
    """How many rows each table has that is there; a copy may be of an older schema."""
    there = set(inspect(connection).get_table_names())
    return {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in metadata.sorted_tables
        if table.name in there
    }


def check_file(path: Path) -> None:
    """Raise StoreError unless SQLite finds the file sound in every page and index."""
    try:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
        try:
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise StoreError(f"the database in {path.name} is damaged: {found}")


def make_ready(database: Database) -> tuple[str | None, str]:
    """Bring a restored database to this program's schema, and hold it; the schema before and after.

    Raises SchemaError when a newer version wrote it.
    """
    revisions = migrate(database)
    with database.writing() as connection:
        hold_installation(connection)
    return revisions


def fold_log(database: Database) -> None:
    """Write what is in the log beside an SQLite into its file, so that the file is all of it."""
    with database.engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
