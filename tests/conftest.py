"""What tests of several rooms share: a private PostgreSQL, and migrated databases."""

from __future__ import annotations

import gc
import logging
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings
from sqlalchemy import text

from service.store.database import Database
from service.store.migrate import migrate
from service.store.tables import metadata

_OWNER = "postgres"
_MEMORY, _ROOM = Path("/dev/shm"), 1 << 30
_DELETIONS = [str(table.delete()) for table in reversed(metadata.sorted_tables)]


def pytest_configure(config: pytest.Config) -> None:
    """Put temporary folders where an fsync costs nothing, unless told where they go.

    Properties are tried with a quarter of the examples of --hypothesis-profile=thorough.
    """
    settings.register_profile("quick", max_examples=25, deadline=None)
    settings.register_profile("thorough", max_examples=100, deadline=None)
    settings.load_profile("quick")
    if sys.dont_write_bytecode:
        # To rewrite all test modules for their asserts takes seconds, in each process: where
        # nothing may be written beside them, it is kept with what was installed for them.
        sys.pycache_prefix, sys.dont_write_bytecode = f"{sys.prefix}/bytecode-of-tests", False
    if config.option.basetemp is None and (memory := _find_memory()):
        config.option.basetemp = tempfile.mkdtemp(prefix="kawaraban-tests-", dir=memory)
        config.add_cleanup(lambda: shutil.rmtree(config.option.basetemp, ignore_errors=True))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Keep the collector off what lives to the end: all modules and tests, read again each time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A cluster of our own, reached over a socket in a temporary folder; one plain role."""
    binaries = _find_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed here (no initdb and pg_ctl)")
    if os.geteuid() == 0 and not _has_owner():
        pytest.skip("PostgreSQL does not run as root, and there is no user named postgres")
    with tempfile.TemporaryDirectory(prefix="kawaraban-pg-", dir=_find_memory()) as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, _OWNER)
        data = f"{folder}/data"
        _run(
            binaries / "initdb", "-D", data, "-A", "trust", "-U", "root", "--no-sync", "-E", "UTF8"
        )
        hurry = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        options = f"-k {folder} -c listen_addresses='' {hurry}"
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
    _empty(migrated_postgres)
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


@pytest.fixture(scope="session")
def migrated_sqlite(migrated_file: Path) -> Iterator[Database]:
    path = migrated_file.with_name("shared.db")
    shutil.copyfile(migrated_file, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


@pytest.fixture
def sqlite(migrated_sqlite: Database) -> Database:
    """The SQLite database, empty. One engine for all tests: it compiles each statement once."""
    _empty(migrated_sqlite)
    return migrated_sqlite


@pytest.fixture
def plain_logs() -> Iterator[None]:
    """Take our handler off again: it writes to the standard error of a run that is over."""
    yield
    root = logging.getLogger()
    root.handlers = [one for one in root.handlers if one.get_name() != "kawaraban"]
    root.setLevel(logging.WARNING)
    structlog.reset_defaults()


def _empty(database: Database) -> None:
    with database.writing() as connection:
        # Without SQLAlchemy in between, and a server is asked once: it is done for each test.
        cursor = connection.connection.cursor()
        for statement in _DELETIONS if database.is_sqlite else ["; ".join(_DELETIONS)]:
            cursor.execute(statement)
        cursor.close()


def _find_memory() -> Path | None:
    """The folder that lies in memory, where there is one with room: a container's may be small."""
    may_write = os.access(_MEMORY, os.W_OK)
    return _MEMORY if may_write and shutil.disk_usage(_MEMORY).free > _ROOM else None


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
