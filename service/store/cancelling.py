"""The end of an edition before its time: rows that no worker has taken go no further."""

from __future__ import annotations

from sqlalchemy import Connection, and_, select, update

from service.model.delivery import Batch, BatchState, DeliveryState
from service.model.edition import EditionState
from service.store.batches import find_batch
from service.store.rows import end_deliveries, move_rows
from service.store.tables import batches, deliveries, editions


def lock_planned_batches(connection: Connection, edition_id: int) -> list[int]:
    """Keep workers from claiming the edition's batches until the transaction ends; their ids."""
    query = (
        select(batches.c.batch_id)
        .where(batches.c.edition_id == edition_id, batches.c.state == BatchState.PLANNED)
        .order_by(batches.c.batch_id)
        .with_for_update()
    )
    return list(connection.execute(query).scalars())


def cancel_rows(connection: Connection, edition_id: int) -> int:
    """End every row of an edition that no worker has taken yet; how many there were.

    A batch that waits to be asked again under its key may have been taken: it is unknown.
    """
    lock_planned_batches(connection, edition_id)
    _withdraw_replays(connection, edition_id)
    planned = and_(
        deliveries.c.edition_id == edition_id, deliveries.c.state == DeliveryState.PLANNED
    )
    cancelled = end_deliveries(connection, planned, DeliveryState.CANCELLED, "cancelled")
    connection.execute(
        update(batches)
        .where(batches.c.edition_id == edition_id, batches.c.state == BatchState.PLANNED)
        .values(state=BatchState.SETTLED, detail="cancelled")
    )
    return cancelled


def has_left(connection: Connection, edition_id: int) -> bool:
    """Whether a worker ever took a batch of the edition: its provider may have had it."""
    query = select(batches.c.batch_id).where(
        batches.c.edition_id == edition_id, batches.c.attempt > 0
    )
    return connection.execute(query.limit(1)).first() is not None


def cancel_if_closed(connection: Connection, batch: Batch) -> None:
    """End what comes back to an edition that was cancelled while it was under way.

    Whoever cancels it just now is waited for, or finds what came back.
    """
    if batch.edition_id is None:
        return
    chosen = editions.c.edition_id == batch.edition_id
    query = select(editions.c.state).where(chosen).with_for_update(key_share=True)
    if connection.execute(query).scalar_one() == EditionState.CANCELLED:
        cancel_rows(connection, batch.edition_id)


def _withdraw_replays(connection: Connection, edition_id: int) -> None:
    waiting = select(batches.c.batch_id).where(
        batches.c.edition_id == edition_id,
        batches.c.state == BatchState.PLANNED,
        batches.c.first_claimed_at.is_not(None),
    )
    for batch_id in connection.execute(waiting).scalars().all():
        batch = find_batch(connection, batch_id)
        connection.execute(
            update(batches).where(batches.c.batch_id == batch_id).values(state=BatchState.UNKNOWN)
        )
        move_rows(connection, batch, (DeliveryState.PLANNED,), DeliveryState.UNKNOWN)
