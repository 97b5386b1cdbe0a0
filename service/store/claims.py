"""Claims: which batches may leave, who holds one, and exactly what will be sent to whom."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from service.model.delivery import Batch, BatchKind, BatchState, DeliveryState
from service.model.edition import EditionState
from service.model.subscriber import SubscriptionState
from service.store.batches import OPEN_EDITIONS, find_batch
from service.store.buckets import is_taken
from service.store.rows import Row, end_deliveries, list_planned_rows, move_rows
from service.store.tables import (
    accounts,
    attempts,
    batches,
    deliveries,
    editions,
    notices,
    subscribers,
    subscriptions,
    suppressions,
)


def list_due_batches(
    connection: Connection, now: datetime, limit: int, account: str | None = None
) -> list[int]:
    """Batches that may be claimed now: notices first, then what has waited longest.

    With an `account`, only those that go through it.
    """
    query = (
        select(batches.c.batch_id)
        .where(*_is_claimable(now, account))
        .order_by(
            # Somebody waits for a notice; an edition of a million must not stand before it.
            batches.c.edition_id.is_not(None),
            func.coalesce(batches.c.not_before, batches.c.created_at),
            batches.c.batch_id,
        )
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def find_next_batch_at(connection: Connection, now: datetime) -> datetime | None:
    """When the next batch that has to wait may leave; None when none waits for a time."""
    query = select(func.min(batches.c.not_before)).where(
        batches.c.state == BatchState.PLANNED, batches.c.not_before > now
    )
    return connection.execute(query).scalar()


def claim_batch(
    connection: Connection,
    batch_id: int,
    *,
    now: datetime,
    claimed_until: datetime,
    account: str | None = None,
) -> Batch | None:
    """Take a batch for one attempt; None when another worker has it or it may not leave.

    `account` is whom it is to be sent through: a batch planned for another is not claimed.
    """
    claimed = connection.execute(
        update(batches)
        .where(batches.c.batch_id == batch_id, *_is_claimable(now, account))
        .values(
            state=BatchState.CLAIMED,
            attempt=batches.c.attempt + 1,
            claimed_until=claimed_until,
            first_claimed_at=func.coalesce(
                batches.c.first_claimed_at, literal(now, batches.c.first_claimed_at.type)
            ),
        )
    )
    if claimed.rowcount != 1:
        return None
    batch = find_batch(connection, batch_id)
    connection.execute(
        insert(attempts).values(
            batch_id=batch_id, attempt=batch.attempt, claimed_at=now, outcome="", detail=""
        )
    )
    if batch.edition_id is not None:
        _begin_sending(connection, batch.edition_id)
    return batch


def find_envelope(connection: Connection, batch_id: int) -> dict[str, Any] | None:
    """Exactly what was sent to whom at the first attempt; None before there was one."""
    query = select(batches.c.envelope).where(batches.c.batch_id == batch_id)
    found: dict[str, Any] | None = connection.execute(query).scalar_one()
    return found


def find_first_claimed_at(connection: Connection, batch_id: int) -> datetime | None:
    """When a batch was first claimed that may have been taken since; None before that."""
    query = select(batches.c.first_claimed_at).where(batches.c.batch_id == batch_id)
    found: datetime | None = connection.execute(query).scalar_one()
    return found


def find_body_digest(connection: Connection, batch_id: int) -> str:
    """The hash of the bytes that were sent; empty before anything was."""
    query = select(batches.c.body_digest).where(batches.c.batch_id == batch_id)
    return str(connection.execute(query).scalar_one())


def list_willing_rows(connection: Connection, batch: Batch) -> list[Row]:
    """The rows of a batch that are to be sent to readers who may be written to.

    All of its rows, where nobody left since it was planned: most often the one look needed.
    """
    if batch.kind is BatchKind.NOTICE:
        return list_planned_rows(connection, batch, ~_is_suppressed_notice())
    may_be_written_to = (subscribers.c.address.is_not(None), ~_is_on_the_list())
    return list_planned_rows(connection, batch, *may_be_written_to, ~_has_left())


def suppress_rows(connection: Connection, batch: Batch) -> int:
    """End the rows of readers who left, or must not be written to, since they were planned."""
    if batch.kind is BatchKind.NOTICE:
        return _suppress_notices(connection, batch.batch_id)
    left = 0
    for reason, condition in (
        ("suppressed", _is_suppressed()),
        ("unsubscribed", _has_left()),
    ):
        ended = and_(
            deliveries.c.batch_id == batch.batch_id,
            deliveries.c.state == DeliveryState.PLANNED,
            condition,
        )
        if connection.execute(select(deliveries.c.delivery_id).where(ended).limit(1)).first():
            left += end_deliveries(connection, ended, DeliveryState.SUPPRESSED, reason)
    return left


def record_claimed(connection: Connection, batch: Batch, envelope: Mapping[str, Any]) -> None:
    """Store what will be sent, and mark the rows as in a worker's hands."""
    chosen = batches.c.batch_id == batch.batch_id
    connection.execute(update(batches).where(chosen).values(envelope=dict(envelope)))
    move_rows(connection, batch, (DeliveryState.PLANNED,), DeliveryState.CLAIMED)


def record_body_digest(connection: Connection, batch: Batch, digest: str, until: datetime) -> bool:
    """Store the hash of the request's bytes, if this attempt has the batch for longer than `until`.

    False when it does not, or when other bytes were sent before.
    """
    stored = connection.execute(
        update(batches)
        .where(
            batches.c.batch_id == batch.batch_id,
            batches.c.attempt == batch.attempt,
            batches.c.state == BatchState.CLAIMED,
            batches.c.claimed_until > until,
            batches.c.body_digest.in_(("", digest)),
        )
        .values(body_digest=digest)
    )
    return stored.rowcount == 1


def _begin_sending(connection: Connection, edition_id: int) -> None:
    connection.execute(
        update(editions)
        .where(editions.c.edition_id == edition_id, editions.c.state == EditionState.FROZEN)
        .values(state=EditionState.SENDING)
    )


def _is_claimable(now: datetime, account: str | None) -> list[ColumnElement[bool]]:
    edition_is_open = exists().where(
        editions.c.edition_id == batches.c.edition_id, editions.c.state.in_(OPEN_EDITIONS)
    )
    account_waits = exists().where(
        accounts.c.account == batches.c.account,
        or_(accounts.c.paused_at.is_not(None), accounts.c.not_before > now, is_taken(now)),
    )
    return [
        *([] if account is None else [batches.c.account == account]),
        batches.c.state == BatchState.PLANNED,
        or_(batches.c.not_before.is_(None), batches.c.not_before <= now),
        or_(batches.c.edition_id.is_(None), edition_is_open),
        ~account_waits,
    ]


def _suppress_notices(connection: Connection, batch_id: int) -> int:
    return connection.execute(
        update(notices)
        .where(
            notices.c.batch_id == batch_id,
            notices.c.state == DeliveryState.PLANNED,
            _is_suppressed_notice(),
        )
        .values(state=DeliveryState.SUPPRESSED, reason="suppressed")
    ).rowcount


def _is_suppressed_notice() -> ColumnElement[bool]:
    return exists().where(suppressions.c.address == notices.c.address)


def _is_suppressed() -> ColumnElement[bool]:
    return exists().where(
        subscribers.c.subscriber_id == deliveries.c.subscriber_id,
        or_(
            subscribers.c.address.is_(None),
            _is_on_the_list(),
        ),
    )


def _is_on_the_list() -> ColumnElement[bool]:
    return exists().where(suppressions.c.address == subscribers.c.address)


def _has_left() -> ColumnElement[bool]:
    return exists().where(
        subscriptions.c.subscription_id == deliveries.c.subscription_id,
        subscriptions.c.state != SubscriptionState.ACTIVE,
    )
