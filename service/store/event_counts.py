"""How many of an edition's mails were delivered, bounced or complained of, hour by hour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from service.model.event import EventKind
from service.store.tables import event_counts


@dataclass(frozen=True, slots=True)
class EventCount:
    """Events of one kind that happened within the hour from `hour_at` on."""

    hour_at: datetime
    kind: EventKind
    count: int


def add_event_counts(
    connection: Connection, counts: Mapping[tuple[int, datetime, EventKind], int]
) -> None:
    """Add to what was counted, by edition, beginning of the hour and kind."""
    if not counts:
        return
    is_server = connection.dialect.name == "postgresql"
    new = (postgresql.insert if is_server else sqlite.insert)(event_counts)
    keys = [event_counts.c.edition_id, event_counts.c.hour_at, event_counts.c.kind]
    more = {"count": event_counts.c.count + new.excluded.count}
    # In one order everywhere, so that two callbacks never wait for each other.
    connection.execute(
        new.on_conflict_do_update(index_elements=keys, set_=more),
        [
            {"edition_id": edition_id, "hour_at": hour_at, "kind": kind, "count": count}
            for (edition_id, hour_at, kind), count in sorted(counts.items())
        ],
    )


def list_event_counts(connection: Connection, edition_id: int) -> list[EventCount]:
    """What was counted of an edition, in the order of time, then of kinds."""
    query = (
        select(event_counts.c.hour_at, event_counts.c.kind, event_counts.c.count)
        .where(event_counts.c.edition_id == edition_id)
        .order_by(event_counts.c.hour_at, event_counts.c.kind)
    )
    return [
        EventCount(row.hour_at, EventKind(row.kind), row[2]) for row in connection.execute(query)
    ]
