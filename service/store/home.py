"""Where a database lives: what a copy, or a restored one, cannot have the same of."""

from __future__ import annotations

import socket
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from service.store.birth import find_birth
from service.store.database import Database

_FILE, _SERVER = "file", "server"
_COLONS_OF_A_SERVER = 3

_SIGNS_OF_A_CONTAINER = (
    ".dockerenv",
    "run/.containerenv",
    "var/run/secrets/kubernetes.io",
)

_TIMELINE = "SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)"
"""It changes when a server is restored to a moment, or a standby takes over: both may have lost
the last commits, while the two numbers before it stay."""


def describe_home(database: Database) -> str:
    """A file by host, inode and birth; a PostgreSQL by its system, the database's oid and timeline.

    Devices are numbered anew at every start, and containers named anew, so neither counts.
    """
    if database.is_sqlite:
        path = Path(str(database.url.database))
        return f"{_FILE}:{find_host(Path('/'))}:{path.stat().st_ino}:{find_birth(path)}"
    with database.reading() as connection:
        system = connection.scalar(text("SELECT system_identifier FROM pg_control_system()"))
        oid = connection.scalar(
            text("SELECT oid FROM pg_database WHERE datname = current_database()")
        )
        return f"{_SERVER}:{system}:{oid}:{_find_timeline(connection)}"


def find_host(root: Path) -> str:
    """The host's name; empty in a container, which gets another with every start."""
    is_contained = any((root / sign).exists() for sign in _SIGNS_OF_A_CONTAINER)
    return "" if is_contained else socket.gethostname()


def is_same_home(known: str, found: str) -> bool:
    """Whether both name one place; a part that one of them does not know is passed over."""
    kind, *parts = found.split(":")
    return all(a == b or not a or not b for a, b in zip(_split(known, kind), parts, strict=False))


def is_timeline_kept(connection: Connection, known: str) -> bool:
    """Whether the PostgreSQL still is on the timeline of its home, where that is known."""
    timeline = known.rpartition(":")[2] if known.count(":") == _COLONS_OF_A_SERVER else ""
    return not timeline or _find_timeline(connection) == timeline


def _split(known: str, kind: str) -> list[str]:
    """The parts of a home; older versions wrote `host:device:inode` and `system:oid`."""
    first, *others = known.split(":")
    if first == kind:
        return others
    return [first, known.rpartition(":")[2]] if kind == _FILE else [first, *others]


def _find_timeline(connection: Connection) -> str:
    """Empty where the server does not tell, as some hosted ones do not."""
    try:
        with connection.begin_nested():
            return str(connection.scalar(text(_TIMELINE)))
    except DBAPIError:
        return ""
