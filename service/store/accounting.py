"""Every row of an edition counted, and the editions that are done."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, exists, func, select, update

from service.model.delivery import Accounting, DeliveryState
from service.model.edition import EditionState
from service.store.batches import OPEN_EDITIONS
from service.store.tables import deliveries, editions


def count_deliveries(connection: Connection, edition_id: int) -> Accounting:
    """The accounting of one edition, from its rows."""
    query = (
        select(deliveries.c.state, func.count())
        .where(deliveries.c.edition_id == edition_id)
        .group_by(deliveries.c.state)
    )
    counts = {DeliveryState(state): count for state, count in connection.execute(query)}
    return Accounting(
        frozen=sum(counts.values()),
        accepted=counts.get(DeliveryState.ACCEPTED, 0),
        refused=counts.get(DeliveryState.REFUSED, 0),
        suppressed=counts.get(DeliveryState.SUPPRESSED, 0),
        cancelled=counts.get(DeliveryState.CANCELLED, 0),
        unknown=counts.get(DeliveryState.UNKNOWN, 0),
        waiting=counts.get(DeliveryState.PLANNED, 0) + counts.get(DeliveryState.CLAIMED, 0),
    )


def finish_editions(connection: Connection, now: datetime) -> list[int]:
    """Finish every frozen or sending edition with nothing waiting and nothing unknown."""
    unsettled = exists().where(
        deliveries.c.edition_id == editions.c.edition_id,
        deliveries.c.state.in_(
            (DeliveryState.PLANNED, DeliveryState.CLAIMED, DeliveryState.UNKNOWN)
        ),
    )
    query = select(editions.c.edition_id).where(editions.c.state.in_(OPEN_EDITIONS), ~unsettled)
    finished = list(connection.execute(query).scalars())
    if finished:
        connection.execute(
            update(editions)
            .where(editions.c.edition_id.in_(finished))
            .values(state=EditionState.FINISHED, finished_at=now)
        )
    return finished
