"""What tests of several rooms share: a private PostgreSQL, and migrated databases."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings
from sqlalchemy import text

from service.store.database import Database
from service.store.migrate import migrate
from tests.fakes.cluster import find_memory, open_cluster
from tests.fakes.emptying import empty_database


def pytest_configure(config: pytest.Config) -> None:
    """Put temporary folders where an fsync costs nothing, unless told where they go.

    Properties are tried with a quarter of the examples of --hypothesis-profile=thorough, and
    with the same ones each time; `make explore` draws others.
    """
    # What is imported and collected lives to the end: to look for what could go is in vain.
    gc.set_threshold(50_000, 20, 20)
    if find_spec("sniffio") is None:
        # httpcore looks for it ten times a request, and pytest makes each look a long one.
        sys.modules["sniffio"] = None  # type: ignore[assignment]
    # A machine with other work to do is no fault of ours.
    unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    quick = settings(unhurried, max_examples=25, derandomize=True)
    settings.register_profile("quick", quick)
    settings.register_profile("thorough", quick, max_examples=100)
    settings.register_profile("exploring", unhurried, max_examples=500)
    settings.load_profile("quick")
    if sys.dont_write_bytecode:
        # To rewrite all test modules for their asserts takes seconds, in each process: where
        # nothing may be written beside them, it is kept with what was installed for them.
        sys.pycache_prefix, sys.dont_write_bytecode = f"{sys.prefix}/bytecode-of-tests", False
        # So it is for the processes that tests start: each would compile the whole program.
        os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if config.option.basetemp is None and (memory := find_memory()):
        config.option.basetemp = tempfile.mkdtemp(prefix="kawaraban-tests-", dir=memory)
        config.add_cleanup(lambda: shutil.rmtree(config.option.basetemp, ignore_errors=True))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Keep the collector off what lives to the end: all modules and tests, read again each time."""
    gc.freeze()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A cluster of our own, reached over a socket in a temporary folder; one plain role."""
    hurry = ("synchronous_commit=off", "full_page_writes=off")
    with open_cluster(*hurry) as cluster:
        yield cluster.url


@pytest.fixture(scope="session")
def migrated_postgres(postgres_url: str) -> Iterator[Database]:
    database = Database(postgres_url)
    migrate(database)
    yield database
    database.close()


@pytest.fixture
def postgres(migrated_postgres: Database) -> Database:
    """The PostgreSQL database, empty."""
    empty_database(migrated_postgres)
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
    empty_database(migrated_sqlite)
    return migrated_sqlite


@pytest.fixture
def plain_logs() -> Iterator[None]:
    """Take our handler off again: it writes to the standard error of a run that is over."""
    yield
    root = logging.getLogger()
    root.handlers = [one for one in root.handlers if one.get_name() != "kawaraban"]
    root.setLevel(logging.WARNING)
    structlog.reset_defaults()
