"""Which files are published, and when each last changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from service.store.tables import published_files


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


def record_published(connection: Connection, rows: Sequence[PublishedRow]) -> None:
    """Write these rows in place of what was known of their paths."""
    forget_published(connection, [row.path for row in rows])
    if rows:
        connection.execute(
            insert(published_files),
            [{name: getattr(row, name) for name in PublishedRow.__slots__} for row in rows],
        )


def forget_published(connection: Connection, paths: Sequence[str]) -> None:
    """Forget files that are not published any more."""
    for start in range(0, len(paths), 500):
        part = paths[start : start + 500]
        connection.execute(delete(published_files).where(published_files.c.path.in_(part)))
