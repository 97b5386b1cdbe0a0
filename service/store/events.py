"""Which events of providers were seen, so that each is applied once."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete
from sqlalchemy.dialects import postgresql, sqlite

from service.store.parts import split_into_parts
from service.store.tables import events_seen

_KEPT_FOR = timedelta(days=30)
"""Longer than any provider repeats a callback, or lets one that was signed count."""


def record_events(
    connection: Connection, source: str, event_ids: Collection[str], now: datetime
) -> set[str]:
    """Write down events by their ids, and return those that were not seen before.

    What another transaction is writing down is waited for. Ids are forgotten after a month.
    """
    connection.execute(delete(events_seen).where(events_seen.c.seen_at < now - _KEPT_FOR))
    # In one order everywhere, so that two callbacks never wait for each other.
    digests = dict(sorted((_digest(event_id), event_id) for event_id in event_ids))
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    new: set[str] = set()
    for keys in split_into_parts(list(digests)):
        rows = [{"source": source, "digest": digest, "seen_at": now} for digest in keys]
        statement = insert(events_seen).values(rows).on_conflict_do_nothing()
        found = connection.execute(statement.returning(events_seen.c.digest))
        new |= {digests[digest] for digest in found.scalars()}
    return new


def _digest(event_id: str) -> str:
    # They are as long as a provider likes, and may hold what no index takes.
    return hashlib.sha256(event_id.encode("utf-8", "replace")).hexdigest()[:32]
