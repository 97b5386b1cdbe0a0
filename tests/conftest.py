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
from service.store.installation import release_send_hold
from service.store.migrate import migrate
from service.store.tables import metadata
from tests.fakes.small_site import READERS, Site

_OWNER = "postgres"
_MEMORY = Path("/dev/shm")
_DELETIONS = [str(table.delete()) for table in reversed(metadata.sorted_tables)]


def pytest_configure(config: pytest.Config) -> None:
    """Put temporary folders where an fsync costs nothing, unless told where they go.

    Properties are tried with half the examples of --hypothesis-profile=thorough.
    """
    settings.register_profile("quick", max_examples=50, deadline=None)
    settings.register_profile("thorough", max_examples=100, deadline=None)
    settings.load_profile("quick")
    if sys.dont_write_bytecode:
        # To rewrite all test modules for their asserts takes seconds, in each process: where
        # nothing may be written beside them, it is kept with what was installed for them.
        sys.pycache_prefix, sys.dont_write_bytecode = f"{sys.prefix}/bytecode-of-tests", False
    if config.option.basetemp is None and os.access(_MEMORY, os.W_OK):
        config.option.basetemp = tempfile.mkdtemp(prefix="kawaraban-tests-", dir=_MEMORY)
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
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.fixture(scope="session")
def played_week(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of `week`, played once and copied for each test."""
    site = Site(tmp_path_factory.mktemp("week"))
    (site.folder / "var").mkdir()
    shutil.copyfile(migrated_file, site.folder / "var" / "kawaraban.db")
    site.fine("tick", "--at", "2026-01-06T00:00:00+09:00")
    sheet = site.folder / "readers.csv"
    sheet.write_text(READERS, encoding="utf-8")
    site.fine("subscribers", "import", str(sheet), "--newsletter", "weekly", "--as", "confirmed")
    site.write_post("yu", "2026-01-07", more="tags: [銭湯]\n")
    site.write_post("hashi", "2026-01-08")
    site.fine("tick", "--at", "2026-01-08T12:00:00+09:00")
    return site.folder


@pytest.fixture
def week(played_week: Path, tmp_path: Path) -> Site:
    """A first scan, three readers, and then two posts that are news."""
    shutil.copytree(played_week, tmp_path, dirs_exist_ok=True)
    database = Database(f"sqlite:///{tmp_path}/var/kawaraban.db")
    release_send_hold(database)
    database.close()
    return Site(tmp_path)


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
