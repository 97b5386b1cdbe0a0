"""Pings: which hub is still to be told of which feed, and how each hub has taken them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from service.store.tables import hubs, pings

_AT_A_TIME = 500


@dataclass(frozen=True, slots=True)
class Ping:
    """A hub to be told that the feed at `topic` changed, last in `published_version`."""

    hub: str
    topic: str
    published_version: int
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class HubHealth:
    """How a hub has taken pings: `failures` in a row, and nothing is tried before `not_before`.

    `taken_at` is when it last took one; `failure` holds no address.
    """

    hub: str
    not_before: datetime | None = None
    failures: int = 0
    failing_since_at: datetime | None = None
    failure: str = ""
    taken_at: datetime | None = None


def introduce_hubs(connection: Connection, names: Sequence[str]) -> tuple[str, ...]:
    """Note the hubs that feeds name from now on; those of them that were named before."""
    known = set(connection.scalars(select(hubs.c.hub)))
    for name in names:
        if name not in known:
            _change(connection, HubHealth(name))
    return tuple(name for name in names if name in known)


def ask_pings(connection: Connection, asked: Sequence[Ping]) -> None:
    """Note that hubs are to be told; one that waits already is told once, of the newest."""
    for start in range(0, len(asked), _AT_A_TIME):
        part = asked[start : start + _AT_A_TIME]
        for hub in sorted({ping.hub for ping in part}):
            topics = [ping.topic for ping in part if ping.hub == hub]
            connection.execute(delete(pings).where(pings.c.hub == hub, pings.c.topic.in_(topics)))
        connection.execute(
            insert(pings), [{name: getattr(one, name) for name in Ping.__slots__} for one in part]
        )


def list_due_pings(
    connection: Connection, now: datetime, asked_until: datetime, limit: int
) -> list[Ping]:
    """Pings asked until then whose hubs may be tried at `now`, the oldest first."""
    query = (
        select(pings)
        .outerjoin(hubs, hubs.c.hub == pings.c.hub)
        .where(
            pings.c.asked_at <= asked_until,
            or_(hubs.c.not_before.is_(None), hubs.c.not_before <= now),
        )
        .order_by(pings.c.asked_at, pings.c.hub, pings.c.topic)
        .limit(limit)
    )
    return [Ping(**row) for row in connection.execute(query).mappings()]


def end_ping(connection: Connection, ping: Ping) -> None:
    """Forget a ping, unless its feed changed again since it was read."""
    connection.execute(
        delete(pings).where(
            pings.c.hub == ping.hub,
            pings.c.topic == ping.topic,
            pings.c.published_version == ping.published_version,
        )
    )


def drop_pings(connection: Connection, hubs_kept: Collection[str], asked_from: datetime) -> int:
    """Give up pings older than that, and those of other hubs; how many were too old."""
    strange = pings.c.hub.not_in(list(hubs_kept))
    connection.execute(delete(pings).where(strange))
    connection.execute(delete(hubs).where(hubs.c.hub.not_in(list(hubs_kept))))
    return connection.execute(delete(pings).where(pings.c.asked_at < asked_from)).rowcount


def count_pings(connection: Connection) -> dict[str, int]:
    """How many pings wait, by hub."""
    query = select(pings.c.hub, func.count()).group_by(pings.c.hub).order_by(pings.c.hub)
    return {str(hub): int(count) for hub, count in connection.execute(query)}


def find_hubs(connection: Connection, names: Iterable[str]) -> list[HubHealth]:
    """How these hubs have taken pings, in their order; empty ones for those never tried."""
    known = {row["hub"]: HubHealth(**row) for row in connection.execute(select(hubs)).mappings()}
    return [known.get(name, HubHealth(name)) for name in names]


def record_taken(connection: Connection, ping: Ping, now: datetime) -> None:
    """Note that a hub took a ping: nothing fails there any more."""
    end_ping(connection, ping)
    _change(
        connection,
        HubHealth(ping.hub, taken_at=now),
    )


def record_hub_failure(
    connection: Connection,
    health: HubHealth,
    failure: str,
    now: datetime,
    not_before: datetime | None,
) -> None:
    """Note that a hub did not take a ping; it fails since the first one in a row."""
    _change(
        connection,
        HubHealth(
            health.hub,
            not_before=not_before,
            failures=health.failures + 1,
            failing_since_at=health.failing_since_at or now,
            failure=failure,
            taken_at=health.taken_at,
        ),
    )


def _change(connection: Connection, health: HubHealth) -> None:
    # Only the one clock writes here, so that nobody can come between.
    values = {name: getattr(health, name) for name in HubHealth.__slots__}
    changed = connection.execute(update(hubs).where(hubs.c.hub == health.hub).values(values))
    if not changed.rowcount:
        connection.execute(insert(hubs).values(values))
