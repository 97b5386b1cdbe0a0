"""A PostgreSQL into a file and back, by its own programs: pg_dump and pg_restore."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from service.errors import StoreError
from service.store.database import Database
from service.store.snapshot import count_rows
from service.store.tables import metadata

_VERSIONS = "alembic_version"
_PLAIN = ("--no-owner", "--no-privileges")


def dump_server(database: Database, target: Path) -> dict[str, int]:
    """Write our tables, as of one moment, into a new file; how many rows each has.

    The jobs are left out: they are wake-ups, and made again. Raises StoreError when pg_dump is
    not installed, or fails.
    """
    program = find_program("pg_dump")
    engine = database.engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.connect() as connection, connection.begin():
        counts = count_rows(connection)
        snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
        words = [program, "--format=custom", "--compress=0", *_PLAIN, f"--snapshot={snapshot}"]
        words += [f"--table={name}" for name in (*counts, _VERSIONS)]
        _run(database, [*words, f"--file={target}", f"--dbname={_name(database)}"])
    return counts


def load_server(database: Database, source: Path) -> None:
    """Fill an empty database from such a file, wholly or not at all.

    Raises StoreError when pg_restore is not installed, or fails.
    """
    program = find_program("pg_restore")
    words = [program, "--single-transaction", "--exit-on-error", *_PLAIN]
    _run(database, [*words, f"--dbname={_name(database)}", str(source)])


def require_nothing_there(connection: Connection) -> None:
    """Raise StoreError when any of our tables is there already."""
    there = {*metadata.tables, _VERSIONS} & set(inspect(connection).get_table_names())
    if there:
        raise StoreError(
            "this PostgreSQL database has tables of Kawaraban already, and nothing is restored "
            "over them: make a new database (createdb), set DATABASE_URL to it, and run this "
            "again; the old one stays as it is"
        )


def find_program(name: str) -> str:
    """Where a program of PostgreSQL is; raises StoreError when it has to be installed first."""
    found = shutil.which(name)
    if found is None:
        raise StoreError(
            f"{name} is not installed here, which is what copies a PostgreSQL (Debian and Ubuntu: "
            "apt-get install postgresql-client); it has to be as new as the server. Or copy the "
            "database by your host's own means, and secret.json with it"
        )
    return found


def _name(database: Database) -> str:
    """The address without its password, which everybody on the machine could read in a list."""
    url = database.url.set(drivername="postgresql", password=None)
    return url.render_as_string(hide_password=False)


def _run(database: Database, command: list[str]) -> None:
    environment = {**os.environ, "LC_ALL": "C"}
    if database.url.password:
        environment["PGPASSWORD"] = str(database.url.password)
    done = subprocess.run(  # noqa: S603  (no shell; nothing in it comes from outside)
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        # What follows the first line may quote a row.
        says = next((line for line in done.stderr.splitlines() if "error:" in line), "it said no")
        raise StoreError(f"the copy was given up: {says.strip()}")
