"""A lock that every process on one PostgreSQL sees, and that dies with its connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from service.store.database import Database

CLOCK_LOCK = 0x6B61_7761
"""The number our clock's lock goes by, among all advisory locks of the database."""

_IS_HELD = text(
    "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND granted "
    "AND pid = pg_backend_pid() AND classid = 0 AND objid = :number "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class AdvisoryLock:
    """A lock that was taken; it is ours for as long as its connection lives."""

    def __init__(self, connection: Connection, number: int) -> None:
        self._connection = connection
        self._number = number

    def is_held(self) -> bool:
        """Whether it still is ours; a server that restarted has given it to somebody else."""
        try:
            held = bool(self._connection.scalar(_IS_HELD, {"number": self._number}))
            # The lock belongs to the session, so no transaction has to stay open for it.
            self._connection.commit()
        except OperationalError:
            self._connection.rollback()
            return False
        return held


@contextmanager
def try_lock(database: Database, number: int) -> Iterator[AdvisoryLock | None]:
    """Hold an advisory lock while the block runs; None when another process has it."""
    with database.engine.connect() as connection:
        taken = connection.scalar(text("SELECT pg_try_advisory_lock(:number)"), {"number": number})
        connection.commit()
        if not taken:
            yield None
            return
        try:
            yield AdvisoryLock(connection, number)
        finally:
            # A connection that was lost has taken the lock with it.
            with suppress(OperationalError):
                connection.scalar(text("SELECT pg_advisory_unlock(:number)"), {"number": number})
                connection.commit()
