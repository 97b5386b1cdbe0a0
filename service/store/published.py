"""Which files are published, when each last changed, and what the feeds hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Table, and_, bindparam, delete, insert, select

from service.model.feed import FeedKey, FeedKind, PublishedFeed
from service.store.tables import published_feeds, published_files, removed_files


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


def list_published_feeds(connection: Connection) -> dict[FeedKey, PublishedFeed]:
    """Every feed as it was published last."""
    query = select(published_feeds).order_by(published_feeds.c.kind, published_feeds.c.name)
    found = [
        PublishedFeed(FeedKey(FeedKind(row.kind), row.name), row.entries, row.newest_at)
        for row in connection.execute(query)
    ]
    return {one.key: one for one in found}


def record_published_feeds(
    connection: Connection, feeds: Sequence[PublishedFeed], gone: Iterable[FeedKey]
) -> None:
    """Write what these feeds hold in place of what was known of them, and forget those `gone`."""
    chosen = and_(
        published_feeds.c.kind == bindparam("of_kind"),
        published_feeds.c.name == bindparam("of_name"),
    )
    former = [
        {"of_kind": key.kind, "of_name": key.name} for key in (*(one.key for one in feeds), *gone)
    ]
    if former:
        connection.execute(delete(published_feeds).where(chosen), former)
    if feeds:
        rows = [
            {
                "kind": one.key.kind,
                "name": one.key.name,
                "entries": one.entries,
                "newest_at": one.newest_at,
            }
            for one in feeds
        ]
        connection.execute(insert(published_feeds), rows)


def _forget(connection: Connection, table: Table, paths: Sequence[str]) -> None:
    for start in range(0, len(paths), 500):
        part = paths[start : start + 500]
        connection.execute(delete(table).where(table.c.path.in_(part)))
