"""Batches nobody can vouch for: how they come about, and how they are asked again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, exists, func, or_, select, update

from service.model.delivery import BatchState, DeliveryState
from service.model.edition import EditionState
from service.store.batches import find_batch
from service.store.cancelling import cancel_if_closed
from service.store.outcomes import record_unsure
from service.store.rows import move_rows
from service.store.tables import batches, editions


@dataclass(frozen=True, slots=True)
class Unknown:
    """An attempt at a batch that nobody can vouch for; after `claimed_until` none is under way."""

    batch_id: int
    attempt: int
    first_claimed_at: datetime
    claimed_until: datetime


def expire_claims(connection: Connection, now: datetime) -> list[int]:
    """Make claims that ran out unknown: their worker may have died before or after the wire."""
    query = select(batches.c.batch_id).where(
        batches.c.state == BatchState.CLAIMED, batches.c.claimed_until <= now
    )
    # In the order in which callbacks take their batches, so that neither waits for the other.
    expired = list(connection.execute(query.order_by(batches.c.batch_id)).scalars())
    for batch_id in expired:
        batch = find_batch(connection, batch_id)
        record_unsure(connection, batch, "the claim ran out before an answer was recorded", now)
    return expired


def list_unknown_batches(connection: Connection, account: str) -> list[tuple[int, datetime]]:
    """Unknown batches of an account whose edition goes on, with when each was first claimed."""
    query = (
        select(batches.c.batch_id, batches.c.first_claimed_at)
        .where(
            batches.c.state == BatchState.UNKNOWN,
            batches.c.account == account,
            or_(batches.c.edition_id.is_(None), _has_open_edition()),
        )
        .order_by(batches.c.batch_id)
    )
    return [(row.batch_id, row.first_claimed_at) for row in connection.execute(query)]


def list_to_look_up(
    connection: Connection, account: str, now: datetime, limit: int
) -> list[Unknown]:
    """Unknown batches of an account whose claims are over and whose turn it is to be looked up."""
    until = func.coalesce(batches.c.claimed_until, batches.c.first_claimed_at)
    query = (
        select(
            batches.c.batch_id,
            batches.c.attempt,
            batches.c.first_claimed_at,
            until.label("claimed_until"),
        )
        .where(
            batches.c.state == BatchState.UNKNOWN,
            batches.c.account == account,
            until <= now,
            _may_be_asked(now),
        )
        .order_by(func.coalesce(batches.c.not_before, batches.c.first_claimed_at))
        .limit(limit)
    )
    return [Unknown(**row) for row in connection.execute(query).mappings()]


def claim_look_up(connection: Connection, one: Unknown, now: datetime, again_at: datetime) -> bool:
    """Take the looking up of a batch until `again_at`; False when somebody else has it."""
    taken = connection.execute(
        update(batches)
        .where(
            batches.c.batch_id == one.batch_id,
            batches.c.attempt == one.attempt,
            batches.c.state == BatchState.UNKNOWN,
            _may_be_asked(now),
        )
        .values(not_before=again_at)
    )
    return taken.rowcount == 1


def plan_replay(connection: Connection, batch_id: int) -> None:
    """Put an unknown batch back to be sent again exactly as it was, under the same key.

    Not when its edition is cancelled just now: what may have been taken stays unknown.
    """
    batch = find_batch(connection, batch_id)
    put_back = connection.execute(
        update(batches)
        .where(batches.c.batch_id == batch_id, batches.c.state == BatchState.UNKNOWN)
        .values(state=BatchState.PLANNED)
    )
    if put_back.rowcount == 1:
        move_rows(connection, batch, (DeliveryState.UNKNOWN,), DeliveryState.PLANNED)
        cancel_if_closed(connection, batch)


def _may_be_asked(now: datetime) -> ColumnElement[bool]:
    return or_(batches.c.not_before.is_(None), batches.c.not_before <= now)


def _has_open_edition() -> ColumnElement[bool]:
    return exists().where(
        editions.c.edition_id == batches.c.edition_id,
        editions.c.state != EditionState.CANCELLED,
    )
