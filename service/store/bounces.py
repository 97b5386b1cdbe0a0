"""The days on which a reader's mail came back for now."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from service.store.parts import split_into_parts
from service.store.tables import soft_bounces


def record_soft_bounce(connection: Connection, subscriber_id: int, day: date) -> set[date]:
    """Write down a day, once however often mail came back on it; all days of the reader."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = {"subscriber_id": subscriber_id, "day": day}
    connection.execute(insert(soft_bounces).values(row).on_conflict_do_nothing())
    query = select(soft_bounces.c.day).where(soft_bounces.c.subscriber_id == subscriber_id)
    return set(connection.execute(query).scalars())


def forget_soft_bounces(connection: Connection, subscriber_ids: Collection[int]) -> None:
    """Begin anew with readers whom mail has reached, or who are given up."""
    for ids in split_into_parts(sorted(subscriber_ids)):
        chosen = soft_bounces.c.subscriber_id.in_(ids)
        connection.execute(delete(soft_bounces).where(chosen))
