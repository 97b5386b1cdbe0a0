"""The database: one SQLite file, or a PostgreSQL, behind the same two kinds of transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event, make_url
from sqlalchemy.engine import Engine

_WAITING = "PRAGMA busy_timeout=10000"
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    # NORMAL may lose the last commits at power loss: a claim lost that way is a double send.
    "PRAGMA synchronous=FULL",
    _WAITING,
    "PRAGMA foreign_keys=ON",
    # In KiB, for each connection: there is one for every thread that works.
    "PRAGMA cache_size=-16384",
    "PRAGMA temp_store=MEMORY",
    # What is deleted leaves the file: else the pages of an erased reader would stay in it.
    "PRAGMA secure_delete=ON",
)

_AFTERWARDS = "kawaraban_afterwards"
"""Where a connection keeps what is to be done once it has committed."""


class Database:
    """Opens transactions; every statement of the store runs inside one of them."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        if self.is_sqlite and self.url.database:
            # Readers' addresses lie there: in a folder that we make, nobody else looks.
            Path(self.url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # An error that quotes its statement's parameters would put addresses into the log.
        # What a statement was given may be an address: it must not reach a log by an error.
        # A server may have restarted since a connection was used last: found out only when an
        # answer is to be recorded, that would leave the batch unknown.
        self.engine = create_engine(
            self.url, hide_parameters=True, pool_pre_ping=not self.is_sqlite
        )
        # SQLite has one writer at a time and makes others sleep; threads of one process can
        # hand the turn over without.
        self._turn: AbstractContextManager[object] = (
            threading.RLock() if self.is_sqlite else nullcontext()
        )
        if self.is_sqlite:
            _teach_sqlite(self.engine)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the file beside the program rather than a server."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the data and changes nothing."""
        with self.engine.connect() as connection:
            # A file's transactions are like that; a server shows each statement what is newest.
            reader = (
                connection
                if self.is_sqlite
                else connection.execution_options(isolation_level="REPEATABLE READ")
            )
            with reader.begin():
                yield reader

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is on disk when the block ends, or never happened."""
        with self._turn, self.engine.connect() as connection:
            writer = connection.execution_options(kawaraban_writes=True)
            afterwards: list[Callable[[], None]] = []
            writer.info[_AFTERWARDS] = afterwards
            with writer.begin():
                yield writer
            for act in afterwards:
                act()

    def empty_log(self) -> None:
        """Have the file's write-ahead log hold nothing of the past, unless somebody reads from it.

        It is written over sooner or later anyhow, so nobody waits long for that.
        """
        if self.is_sqlite:
            with self._turn, self.engine.connect() as connection:
                driver = connection.connection.cursor()
                driver.execute("PRAGMA busy_timeout=200")
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                driver.execute(_WAITING)
                driver.close()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def after_commit(connection: Connection, act: Callable[[], None]) -> None:
    """Have `act` done once the transaction is on disk; a roll-back forgets it.

    SQLAlchemy tells of a commit only right before it. `connection` is one of `writing`'s.
    """
    connection.info[_AFTERWARDS].append(act)


def _teach_sqlite(engine: Engine) -> None:
    """Take transactions into our own hands: the driver would begin them too late."""

    @event.listens_for(engine, "connect")
    def set_up(dbapi_connection: Any, _record: object) -> None:  # noqa: ANN401
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer that starts as a reader can find itself unable to become one.
        writes = connection.get_execution_options().get("kawaraban_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
