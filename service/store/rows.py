"""The rows of a batch, deliveries or notices: listed, moved from state to state, ended."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Table, select, update

from service.model.delivery import Batch, BatchKind, DeliveryState
from service.store.tables import deliveries, editions, notices, subscribers, subscriptions


class Row(NamedTuple):
    """One delivery or notice of a batch, with where it goes.

    A tuple, because a send of a million makes a million of them, and nothing is made quicker.
    """

    row_id: int
    subscriber_id: int
    subscription_id: int
    address: str


def list_planned_rows(
    connection: Connection, batch: Batch, *where: ColumnElement[bool]
) -> list[Row]:
    """The rows of a batch that are still to be sent, with their addresses."""
    if batch.kind is BatchKind.NOTICE:
        query = select(notices.c.notice_id, notices.c.address).where(
            notices.c.batch_id == batch.batch_id, notices.c.state == DeliveryState.PLANNED, *where
        )
        return [Row(row.notice_id, 0, 0, row.address) for row in connection.execute(query)]
    query = (
        select(
            deliveries.c.delivery_id,
            deliveries.c.subscriber_id,
            deliveries.c.subscription_id,
            subscribers.c.address,
        )
        .join(subscribers, subscribers.c.subscriber_id == deliveries.c.subscriber_id)
        .where(
            deliveries.c.batch_id == batch.batch_id,
            deliveries.c.state == DeliveryState.PLANNED,
            *where,
        )
        .order_by(deliveries.c.delivery_id)
    )
    return list(map(Row._make, connection.execute(query).all()))


def list_row_ids(
    connection: Connection, batch: Batch, states: Collection[DeliveryState]
) -> list[int]:
    """The rows of a batch that are in one of these states, in order."""
    rows, row_id = rows_of(batch.kind), row_id_of(batch.kind)
    query = (
        select(row_id)
        .where(rows.c.batch_id == batch.batch_id, rows.c.state.in_(list(states)))
        .order_by(row_id)
    )
    return list(connection.execute(query).scalars())


def move_rows(
    connection: Connection,
    batch: Batch,
    states: Sequence[DeliveryState],
    state: DeliveryState,
) -> None:
    """Move the rows of a batch that are in one of these states to another."""
    rows = rows_of(batch.kind)
    connection.execute(
        update(rows)
        .where(rows.c.batch_id == batch.batch_id, rows.c.state.in_(states))
        .values(state=state)
    )


def end_deliveries(
    connection: Connection, chosen: ColumnElement[bool], state: DeliveryState, reason: str
) -> int:
    """End rows short of acceptance, giving back to their readers what they did not get."""
    _give_back(connection, chosen)
    return connection.execute(
        update(deliveries).where(chosen).values(state=state, reason=reason)
    ).rowcount


def rows_of(kind: BatchKind) -> Table:
    """The table in which the rows of such a batch are."""
    return deliveries if kind is BatchKind.EDITION else notices


def row_id_of(kind: BatchKind) -> ColumnElement[int]:
    """The column that numbers the rows of such a batch."""
    return deliveries.c.delivery_id if kind is BatchKind.EDITION else notices.c.notice_id


def _give_back(connection: Connection, chosen: ColumnElement[bool]) -> None:
    """Move readers back to where the edition found them, unless something later moved them."""
    theirs = subscriptions.c.subscription_id.in_(select(deliveries.c.subscription_id).where(chosen))
    if connection.dialect.name == "postgresql":
        # A freeze takes many readers as well; in one order neither waits for the other.
        query = select(subscriptions.c.subscription_id).where(theirs)
        ordered = query.order_by(subscriptions.c.subscription_id)
        connection.execute(ordered.with_for_update(key_share=True)).all()
    served_from = (
        select(deliveries.c.served_from)
        .join(editions, editions.c.edition_id == deliveries.c.edition_id)
        .where(
            chosen,
            deliveries.c.served_from.is_not(None),
            deliveries.c.subscription_id == subscriptions.c.subscription_id,
            editions.c.mark == subscriptions.c.served_through,
        )
        .correlate(subscriptions)
    )
    connection.execute(
        update(subscriptions)
        .where(theirs, served_from.exists())
        .values(served_through=served_from.scalar_subquery())
    )
