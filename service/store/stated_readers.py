"""What aggregators say of their readers: how many each has for a feed, by its newest word."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select
from sqlalchemy.exc import IntegrityError

from service.store.tables import stated_readers

Statements = Mapping[tuple[str, str], int]
"""Readers by a feed's path below public/ and the aggregator that states them."""

KEEP_FOR = timedelta(days=30)
"""An aggregator that has not asked for so long has nobody left who reads."""

_AGAIN_AFTER = timedelta(hours=6)
"""The same word is written again only then: most polls say what the one before said."""

_MOST = 1000


@dataclass(frozen=True, slots=True)
class StatedReaders:
    """An aggregator's newest word on a feed."""

    path: str
    aggregator: str
    readers: int
    stated_at: datetime


def list_stated_readers(connection: Connection, now: datetime) -> list[StatedReaders]:
    """What was stated of late, the fullest first; a thousand at the most."""
    query = (
        select(stated_readers)
        .where(stated_readers.c.stated_at > now - KEEP_FOR)
        .order_by(
            stated_readers.c.readers.desc(), stated_readers.c.path, stated_readers.c.aggregator
        )
        .limit(_MOST)
    )
    return [StatedReaders(**row) for row in connection.execute(query).mappings()]


def record_stated_readers(connection: Connection, stated: Statements, now: datetime) -> int:
    """Keep these statements in place of earlier ones, and forget old ones; rows written."""
    table = stated_readers
    connection.execute(delete(table).where(table.c.stated_at <= now - KEEP_FOR))
    known = {(row.path, row.aggregator): row for row in connection.execute(select(table))}
    news = {
        place: readers
        for place, readers in sorted(stated.items())
        if _is_news(known.get(place), readers, now)
    }
    for (path, aggregator), readers in news.items():
        connection.execute(
            delete(table).where(table.c.path == path, table.c.aggregator == aggregator)
        )
        row = StatedReaders(path, aggregator, readers, now)
        # Another process may be told the same at this very moment.
        with suppress(IntegrityError), connection.begin_nested():
            connection.execute(
                insert(table).values({name: getattr(row, name) for name in row.__slots__})
            )
    return len(news)


def _is_news(known: Row[Any] | None, readers: int, now: datetime) -> bool:
    return known is None or known.readers != readers or known.stated_at <= now - _AGAIN_AFTER
