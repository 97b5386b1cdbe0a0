"""The clock that leases, turns and recorded times are kept by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import func, select

from service.store.database import Database


def find_clock(database: Database) -> Callable[[], datetime]:
    """The machine's clock for a file beside the program; a server's own, which all agree on."""
    if database.is_sqlite:
        return lambda: datetime.now(UTC)
    return lambda: read_server_clock(database)


def read_server_clock(database: Database) -> datetime:
    """What time it is at the database now, whatever transactions are open."""
    with database.reading() as connection:
        now: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return now.astimezone(UTC)
