"""A lock that every process on one PostgreSQL sees, and that dies with its connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from service.store.database import Database

CLOCK_LOCK = 0x6B61_7761
"""The number our clock's lock goes by, among all advisory locks of the database."""


@contextmanager
def try_lock(database: Database, number: int) -> Iterator[bool]:
    """Hold an advisory lock while the block runs; False when another process has it."""
    with database.engine.connect() as connection:
        taken = bool(
            connection.scalar(text("SELECT pg_try_advisory_lock(:number)"), {"number": number})
        )
        # The lock belongs to the session, so no transaction has to stay open for it.
        connection.commit()
        try:
            yield taken
        finally:
            if taken:
                connection.scalar(text("SELECT pg_advisory_unlock(:number)"), {"number": number})
                connection.commit()
