"""Batches planned for another provider account: found, and handed over before anybody has them."""

from __future__ import annotations

from sqlalchemy import Connection, exists, or_, select, update

from service.model.delivery import BatchState
from service.store.tables import batches


def list_untouched_batches(connection: Connection, account: str, limit: int) -> list[int]:
    """Batches planned for other accounts than this that no provider was asked to take yet."""
    query = (
        select(batches.c.batch_id)
        .where(
            batches.c.state == BatchState.PLANNED,
            batches.c.first_claimed_at.is_(None),
            batches.c.account != account,
        )
        .order_by(batches.c.batch_id)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def has_unsettled_batches(connection: Connection, account: str) -> bool:
    """Whether another account than this may have taken something that nobody knows of yet."""
    asked = or_(
        batches.c.state.in_((BatchState.CLAIMED, BatchState.UNKNOWN)),
        (batches.c.state == BatchState.PLANNED) & batches.c.first_claimed_at.is_not(None),
    )
    query = select(exists().where(asked, batches.c.account != account))
    return bool(connection.execute(query).scalar())


def hand_over_batch(connection: Connection, batch_id: int, account: str) -> bool:
    """Plan an untouched batch for this account; False when somebody claimed it meanwhile."""
    handed = connection.execute(
        update(batches)
        .where(
            batches.c.batch_id == batch_id,
            batches.c.state == BatchState.PLANNED,
            batches.c.first_claimed_at.is_(None),
        )
        .values(account=account)
    )
    return handed.rowcount == 1
