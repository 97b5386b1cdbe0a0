"""What this installation knows of itself: its name, its home, its first and last scan."""

from __future__ import annotations

import secrets
import socket
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, insert, select, text, update

from service.errors import SendHoldError
from service.store.database import Database
from service.store.tables import installation


@dataclass(frozen=True, slots=True)
class Installation:
    """The one row. `name` is in every batch key, so that two installations never share one."""

    name: str
    home: str
    is_send_held: bool
    first_scan_at: datetime | None
    last_scan_at: datetime | None
    published_version: int


def open_installation(database: Database) -> Installation:
    """Return the row, made on the first start; a database that moved starts in send-hold."""
    home = _describe_home(database)
    with database.writing() as connection:
        if connection.execute(select(installation.c.name)).first() is None:
            connection.execute(insert(installation).values(_new_row(home)))
        found = find_installation(connection)
        if found.home != home and not found.is_send_held:
            connection.execute(update(installation).values(is_send_held=True))
        return find_installation(connection)


def find_installation(connection: Connection) -> Installation:
    """The row as it stands."""
    row = connection.execute(select(installation)).mappings().one()
    return Installation(**{key: row[key] for key in Installation.__slots__})


def release_send_hold(database: Database) -> None:
    """Let mail leave from where the database lives now."""
    home = _describe_home(database)
    with database.writing() as connection:
        connection.execute(update(installation).values(is_send_held=False, home=home))


def require_no_send_hold(connection: Connection) -> None:
    """Raise SendHoldError while the database may be a copy of one that already sent."""
    if find_installation(connection).is_send_held:
        raise SendHoldError(
            "this database was restored or copied, and what it says of sent mail may be old; "
            "nothing leaves until you run: kawaraban doctor --release-hold"
        )


def record_scan(connection: Connection, now: datetime) -> None:
    """Note a good scan; the first one divides what was there from what is news."""
    connection.execute(
        update(installation).where(installation.c.first_scan_at.is_(None)).values(first_scan_at=now)
    )
    connection.execute(update(installation).values(last_scan_at=now))


def raise_published_version(connection: Connection) -> None:
    """Tell every process that published files changed."""
    version = installation.c.published_version
    connection.execute(update(installation).values({version: version + 1}))


def _new_row(home: str) -> dict[str, object]:
    return {
        "installation_id": 1,
        "name": secrets.token_hex(4),
        "home": home,
        "is_send_held": False,
        "published_version": 0,
    }


def _describe_home(database: Database) -> str:
    """Where the database lives: a copied or restored one lives elsewhere."""
    if database.is_sqlite:
        status = Path(str(database.url.database)).stat()
        return f"{socket.gethostname()}:{status.st_dev}:{status.st_ino}"
    with database.reading() as connection:
        system = connection.scalar(text("SELECT system_identifier FROM pg_control_system()"))
        oid = connection.scalar(
            text("SELECT oid FROM pg_database WHERE datname = current_database()")
        )
        return f"{system}:{oid}"
