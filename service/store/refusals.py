"""Since when batches are refused for now, again and again: that must not go on for ever."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select, update

from service.model.delivery import Accounting, BatchState, DeliveryState
from service.store.tables import batches, deliveries


@dataclass(frozen=True, slots=True)
class Refusals:
    """Of one edition: readers refused for good by reason, and those who wait, refused for now."""

    ended: Mapping[str, int]
    for_now: int
    since: datetime | None


def find_refused_since(connection: Connection, batch_id: int) -> datetime | None:
    """When the rows of a batch were first refused for now; None when they never were."""
    query = select(batches.c.refused_since_at).where(batches.c.batch_id == batch_id)
    found: datetime | None = connection.execute(query).scalar_one()
    return found


def count_refusals(connection: Connection, edition_id: int, counted: Accounting) -> Refusals:
    """Why readers of an edition are refused, and how many wait because they are so for now.

    `counted` is its accounting: where nobody is refused, or waits, no row is looked at again.
    """
    for_now, since = _count_for_now(connection, edition_id) if counted.waiting else (0, None)
    ended = _count_ended(connection, edition_id) if counted.refused else {}
    return Refusals(ended, for_now, since)


def note_refused(connection: Connection, batch_id: int, since: datetime) -> None:
    """Write down since when a batch is refused for now, unless that is known."""
    _set(connection, since, batches.c.batch_id == batch_id, batches.c.refused_since_at.is_(None))


def forget_refusals(
    connection: Connection, *, account: str | None = None, edition_id: int | None = None
) -> None:
    """Let the time begin anew for what waited with its account, or its edition."""
    _set(
        connection,
        None,
        batches.c.edition_id == edition_id if account is None else batches.c.account == account,
        batches.c.state == BatchState.PLANNED,
        batches.c.refused_since_at.is_not(None),
    )


def _count_for_now(connection: Connection, edition_id: int) -> tuple[int, datetime | None]:
    query = (
        select(func.count(), func.min(batches.c.refused_since_at))
        .join_from(deliveries, batches, batches.c.batch_id == deliveries.c.batch_id)
        .where(
            deliveries.c.edition_id == edition_id,
            deliveries.c.state.in_((DeliveryState.PLANNED, DeliveryState.CLAIMED)),
            batches.c.refused_since_at.is_not(None),
        )
    )
    count, since = connection.execute(query).one()
    return count, since


def _count_ended(connection: Connection, edition_id: int) -> dict[str, int]:
    query = (
        select(deliveries.c.reason, func.count())
        .where(
            deliveries.c.edition_id == edition_id,
            deliveries.c.state == DeliveryState.REFUSED,
        )
        .group_by(deliveries.c.reason)
        .order_by(func.count().desc(), deliveries.c.reason)
    )
    return {reason: int(count) for reason, count in connection.execute(query)}


def _set(connection: Connection, since: datetime | None, *chosen: ColumnElement[bool]) -> None:
    connection.execute(update(batches).where(*chosen).values(refused_since_at=since))
