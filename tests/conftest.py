"""What tests of several rooms share: a private PostgreSQL, and migrated databases."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from service.store.database import Database
from service.store.migrate import migrate
from service.store.tables import metadata

_OWNER = "postgres"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A cluster of our own, reached over a socket in a temporary folder; one plain role."""
    binaries = _find_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed here (no initdb and pg_ctl)")
    if os.geteuid() == 0 and not _has_owner():
        pytest.skip("PostgreSQL does not run as root, and there is no user named postgres")
    with tempfile.TemporaryDirectory(prefix="kawaraban-pg-") as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, _OWNER)
        data = f"{folder}/data"
        _run(
            binaries / "initdb", "-D", data, "-A", "trust", "-U", "root", "--no-sync", "-E", "UTF8"
        )
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        log = f"{folder}/log"
        _run(binaries / "pg_ctl", "-D", data, "-l", log, "-w", "-o", options, "start")
        try:
            _create_role(f"postgresql+psycopg://root@/postgres?host={folder}")
            yield f"postgresql+psycopg://kawaraban@/kawaraban?host={folder}"
        finally:
            _run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop")


@pytest.fixture(scope="session")
def migrated_postgres(postgres_url: str) -> Iterator[Database]:
    database = Database(postgres_url)
    migrate(database)
    yield database
    database.close()


@pytest.fixture
def postgres(migrated_postgres: Database) -> Database:
    """The PostgreSQL database, empty."""
    with migrated_postgres.writing() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    return migrated_postgres


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "kawaraban.db"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    with database.engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    database.close()
    return path


@pytest.fixture
def sqlite(migrated_file: Path, tmp_path: Path) -> Iterator[Database]:
    """A SQLite database, empty."""
    path = tmp_path / "kawaraban.db"
    shutil.copyfile(migrated_file, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


def _find_binaries() -> Path | None:
    folders = [Path(folder) for folder in os.get_exec_path()]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    return None


def _has_owner() -> bool:
    return (
        _OWNER in {user.pw_name for user in pwd.getpwall()} and shutil.which("runuser") is not None
    )


def _run(*command: str | Path) -> None:
    """Run a program of PostgreSQL, as its own user where we are root."""
    drop = ["runuser", "-u", _OWNER, "--"] if os.geteuid() == 0 else []
    subprocess.run([*drop, *map(str, command)], check=True, capture_output=True, cwd="/")


def _create_role(url: str) -> None:
    admin = Database(url)
    with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CREATE ROLE kawaraban LOGIN"))
        connection.execute(text("CREATE DATABASE kawaraban OWNER kawaraban"))
    admin.close()
