"""Which files are published, and when each last changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Table, delete, insert, select

from service.store.tables import published_files, removed_files


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """One published file: the hash of its bytes and of everything they derive from."""

    path: str
    content_type: str
    digest: str
    source_digest: str
    changed_at: datetime


def list_published(connection: Connection) -> dict[str, PublishedRow]:
    """Every published file, by path below public/."""
    rows = connection.execute(select(published_files).order_by(published_files.c.path)).mappings()
    return {row["path"]: PublishedRow(**row) for row in rows}


def list_removed(connection: Connection) -> frozenset[str]:
    """The paths of files that were published once and are no more."""
    return frozenset(connection.scalars(select(removed_files.c.path)))


def record_published(connection: Connection, rows: Sequence[PublishedRow]) -> None:
    """Write these rows in place of what was known of their paths."""
    paths = [row.path for row in rows]
    _forget(connection, published_files, paths)
    _forget(connection, removed_files, paths)
    if rows:
        connection.execute(
            insert(published_files),
            [{name: getattr(row, name) for name in PublishedRow.__slots__} for row in rows],
        )


def record_removed(connection: Connection, paths: Sequence[str], now: datetime) -> None:
    """Note that files are not published any more, and that they were."""
    _forget(connection, published_files, paths)
    _forget(connection, removed_files, paths)
    if paths:
        connection.execute(
            insert(removed_files), [{"path": path, "removed_at": now} for path in paths]
        )


def _forget(connection: Connection, table: Table, paths: Sequence[str]) -> None:
    for start in range(0, len(paths), 500):
        part = paths[start : start + 500]
        connection.execute(delete(table).where(table.c.path.in_(part)))
