"""Every row of an edition counted, and the editions that are done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, exists, func, select, update

from service.model.delivery import TAKEN, UNSETTLED, Accounting, DeliveryState
from service.model.edition import EditionState
from service.model.webhook import WebhookEvent
from service.store.batches import OPEN_EDITIONS
from service.store.editions import find_edition
from service.store.happenings import tell_of_sent
from service.store.tables import deliveries, editions
from service.store.webhooks import list_wanting


@dataclass(frozen=True, slots=True)
class Tally:
    """The rows of an edition counted in one go: the accounting, and what providers told of it.

    `told` has a number for every state that a mail may come to after it was accepted.
    """

    accounting: Accounting
    told: dict[str, int]


def count_deliveries(connection: Connection, edition_id: int) -> Accounting:
    """The accounting of one edition, from its rows; `frozen` is what was written at the freeze."""
    return tally_deliveries(connection, edition_id).accounting


def tally_deliveries(connection: Connection, edition_id: int) -> Tally:
    """The same, and of how many readers the provider told what."""
    query = (
        select(deliveries.c.state, func.count())
        .where(deliveries.c.edition_id == edition_id)
        .group_by(deliveries.c.state)
    )
    counts = {DeliveryState(state): count for state, count in connection.execute(query)}
    readers = connection.execute(
        select(editions.c.readers).where(editions.c.edition_id == edition_id)
    ).scalar()
    told = {state.value: counts.get(state, 0) for state in TAKEN[1:]}
    return Tally(_account(counts, readers), told)


def count_all_deliveries(connection: Connection) -> dict[int, Accounting]:
    """The accounting of every edition, in one go over all rows."""
    query = select(deliveries.c.edition_id, deliveries.c.state, func.count()).group_by(
        deliveries.c.edition_id, deliveries.c.state
    )
    counts: dict[int, dict[DeliveryState, int]] = {}
    for edition_id, state, count in connection.execute(query):
        counts.setdefault(edition_id, {})[DeliveryState(state)] = count
    known = select(editions.c.edition_id, editions.c.readers)
    return {
        row.edition_id: _account(counts.get(row.edition_id, {}), row.readers)
        for row in connection.execute(known)
    }


def finish_editions(connection: Connection, now: datetime) -> list[int]:
    """Finish every frozen or sending edition with nothing waiting and nothing unknown."""
    unsettled = exists().where(
        deliveries.c.edition_id == editions.c.edition_id,
        deliveries.c.state.in_(UNSETTLED),
    )
    query = select(editions.c.edition_id).where(editions.c.state.in_(OPEN_EDITIONS), ~unsettled)
    settled = editions.c.edition_id.in_(connection.execute(query).scalars().all())
    # Somebody may be planning some of it anew: that is waited for, and looked at once more.
    locked = select(editions.c.edition_id).where(settled).order_by(editions.c.edition_id)
    if not connection.execute(locked.with_for_update(key_share=True)).all():
        return []
    finished = list(connection.execute(query.where(settled)).scalars())
    connection.execute(
        update(editions)
        .where(editions.c.edition_id.in_(finished))
        .values(state=EditionState.FINISHED, finished_at=now)
    )
    _tell(connection, finished, now)
    return finished


def _tell(connection: Connection, finished: Sequence[int], now: datetime) -> None:
    # To count a million rows takes a while: not for nobody.
    if finished and list_wanting(connection, WebhookEvent.EDITION_SENT):
        for edition_id in finished:
            accounting = count_deliveries(connection, edition_id)
            tell_of_sent(connection, find_edition(connection, edition_id), accounting, now)


def _account(counts: Mapping[DeliveryState, int], readers: int | None) -> Accounting:
    return Accounting(
        frozen=sum(counts.values()) if readers is None else readers,
        accepted=sum(counts.get(state, 0) for state in TAKEN),
        refused=counts.get(DeliveryState.REFUSED, 0),
        suppressed=counts.get(DeliveryState.SUPPRESSED, 0),
        cancelled=counts.get(DeliveryState.CANCELLED, 0),
        unknown=counts.get(DeliveryState.UNKNOWN, 0),
        waiting=counts.get(DeliveryState.PLANNED, 0) + counts.get(DeliveryState.CLAIMED, 0),
    )
