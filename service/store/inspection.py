"""What must hold in the ledger at every commit, looked for where it does not; read only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, and_, exists, func, or_, select, text

from service.model.delivery import TAKEN, UNSETTLED, Batch, BatchKind, BatchState, DeliveryState
from service.model.edition import EditionState
from service.store.batches import OPEN_EDITIONS, find_batch
from service.store.claims import find_envelope
from service.store.rows import list_row_ids, row_id_of, rows_of
from service.store.tables import (
    accounts,
    attempts,
    batches,
    deliveries,
    editions,
    news,
    newsletters,
    notices,
    subscriptions,
)

_PATIENCE = timedelta(minutes=15)
"""So long nothing may happen before it is said that nobody does anything."""

_UNDER_WAY = (BatchState.CLAIMED, BatchState.UNKNOWN)
_ENVELOPES = 200
"""Batches whose envelopes are opened; there are rarely more under way or unknown at a time."""


class Fault(StrEnum):
    """What may be wrong with the ledger."""

    DAMAGED = "damaged"
    CLAIM_FORGOTTEN = "claim forgotten"
    ROW_LEFT_BEHIND = "row left behind"
    NOTICE_LEFT_BEHIND = "notice left behind"
    ROW_ELSEWHERE = "row elsewhere"
    BATCH_HOLLOW = "batch hollow"
    ENVELOPE_LOST = "envelope lost"
    ENVELOPE_STALE = "envelope stale"
    ENVELOPE_DIFFERS = "envelope differs"
    ATTEMPT_OPEN = "attempt open"
    CANCELLED_WAITS = "cancelled waits"
    SERVED_BEYOND = "served beyond"
    NEWS_BEYOND = "news beyond"
    FREEZE_STUCK = "freeze stuck"
    NOBODY_SENDS = "nobody sends"


@dataclass(frozen=True, slots=True)
class Found:
    """How often something is wrong, and one number to begin with."""

    count: int
    example: int


def inspect_ledger(connection: Connection, now: datetime) -> dict[Fault, Found]:
    """Everything that is wrong; empty when all is well."""
    found = dict(_inspect_file(connection))
    for fault, query in _list_queries(now).items():
        ids = query.subquery()
        row = connection.execute(select(func.count(), func.min(ids.c[0])).select_from(ids)).one()
        if row[0]:
            found[fault] = Found(row[0], row[1])
    differing = list(_list_differing(connection))
    if differing:
        found[Fault.ENVELOPE_DIFFERS] = Found(len(differing), min(differing))
    return found


def _inspect_file(connection: Connection) -> Iterator[tuple[Fault, Found]]:
    if connection.dialect.name != "sqlite":
        return
    said = list(connection.execute(text("PRAGMA quick_check(9)")).scalars())
    if said != ["ok"]:
        yield Fault.DAMAGED, Found(len(said), 0)


def _list_queries(now: datetime) -> Mapping[Fault, Select[Any]]:
    """For each fault the numbers of what it is true of: a batch, a row, an edition, a reader."""
    return {
        Fault.CLAIM_FORGOTTEN: select(batches.c.batch_id).where(
            batches.c.state == BatchState.CLAIMED, batches.c.claimed_until < now - _PATIENCE
        ),
        Fault.ROW_LEFT_BEHIND: _select_left_behind(BatchKind.EDITION),
        Fault.NOTICE_LEFT_BEHIND: _select_left_behind(BatchKind.NOTICE),
        Fault.ROW_ELSEWHERE: _select_elsewhere(),
        Fault.BATCH_HOLLOW: _select_hollow(),
        Fault.ENVELOPE_LOST: select(batches.c.batch_id).where(
            or_(batches.c.state.in_(_UNDER_WAY), _is_replay()), batches.c.envelope.is_(None)
        ),
        Fault.ENVELOPE_STALE: select(batches.c.batch_id).where(
            batches.c.state == BatchState.PLANNED,
            batches.c.first_claimed_at.is_(None),
            or_(batches.c.envelope.is_not(None), batches.c.body_digest != ""),
        ),
        Fault.ATTEMPT_OPEN: _select_open_attempts(),
        Fault.CANCELLED_WAITS: select(deliveries.c.delivery_id)
        .join(editions, editions.c.edition_id == deliveries.c.edition_id)
        .where(
            editions.c.state == EditionState.CANCELLED,
            deliveries.c.state == DeliveryState.PLANNED,
        ),
        Fault.SERVED_BEYOND: select(subscriptions.c.subscription_id)
        .join(newsletters, newsletters.c.newsletter_id == subscriptions.c.newsletter_id)
        .where(subscriptions.c.served_through > newsletters.c.news_mark),
        Fault.NEWS_BEYOND: select(news.c.post_id)
        .join(newsletters, newsletters.c.newsletter_id == news.c.newsletter_id)
        .where(news.c.news_no > newsletters.c.news_mark),
        Fault.FREEZE_STUCK: select(editions.c.edition_id).where(
            editions.c.state == EditionState.FREEZING, editions.c.freeze_at < now - _PATIENCE
        ),
        Fault.NOBODY_SENDS: _select_overdue(now),
    }


def _is_replay() -> Any:  # noqa: ANN401
    return and_(batches.c.state == BatchState.PLANNED, batches.c.first_claimed_at.is_not(None))


def _select_left_behind(kind: BatchKind) -> Select[Any]:
    """Rows whose batch went on without them."""
    rows = rows_of(kind)
    return (
        select(row_id_of(kind))
        .join(batches, batches.c.batch_id == rows.c.batch_id)
        .where(rows.c.state.in_(UNSETTLED), batches.c.state != rows.c.state)
    )


def _select_elsewhere() -> Select[Any]:
    """Deliveries in no batch, or in one of another edition or variant."""
    return (
        select(deliveries.c.delivery_id)
        .outerjoin(batches, batches.c.batch_id == deliveries.c.batch_id)
        .where(
            or_(
                batches.c.batch_id.is_(None),
                batches.c.edition_id.is_distinct_from(deliveries.c.edition_id),
                batches.c.variant_id.is_distinct_from(deliveries.c.variant_id),
            )
        )
    )


def _select_open_attempts() -> Select[Any]:
    """Batches with an attempt that nobody is at and that nobody ended."""
    return (
        select(attempts.c.batch_id)
        .join(batches, batches.c.batch_id == attempts.c.batch_id)
        .where(
            attempts.c.outcome == "",
            or_(batches.c.state != BatchState.CLAIMED, batches.c.attempt != attempts.c.attempt),
        )
    )


def _select_hollow() -> Select[Any]:
    """Batches under way or unknown of which no row is; events may come before the answer."""

    def has_none(*states: DeliveryState) -> Any:  # noqa: ANN401
        return and_(
            *(
                ~exists().where(rows.c.batch_id == batches.c.batch_id, rows.c.state.in_(states))
                for rows in (deliveries, notices)
            )
        )

    is_told = and_(batches.c.state == BatchState.CLAIMED, ~has_none(*TAKEN))
    return select(batches.c.batch_id).where(
        batches.c.state.in_(_UNDER_WAY), has_none(*UNSETTLED), ~is_told
    )


def _select_overdue(now: datetime) -> Select[Any]:
    """Batches that might have left long ago, and that nobody took."""
    edition_is_open = exists().where(
        editions.c.edition_id == batches.c.edition_id, editions.c.state.in_(OPEN_EDITIONS)
    )
    account_waits = exists().where(
        accounts.c.account == batches.c.account,
        or_(
            accounts.c.paused_at.is_not(None),
            # An account whose turns come evenly is at work.
            accounts.c.not_before > now - _PATIENCE,
            accounts.c.free_at > now - _PATIENCE,
        ),
    )
    return select(batches.c.batch_id).where(
        batches.c.state == BatchState.PLANNED,
        func.coalesce(batches.c.not_before, batches.c.created_at) < now - _PATIENCE,
        or_(batches.c.edition_id.is_(None), edition_is_open),
        ~account_waits,
    )


def _list_differing(connection: Connection) -> Iterator[int]:
    """Batches whose envelope leaves out a row that is under way or unknown with it."""
    asked = (
        select(batches.c.batch_id)
        .where(or_(batches.c.state.in_(_UNDER_WAY), _is_replay()), batches.c.envelope.is_not(None))
        .order_by(batches.c.batch_id)
        .limit(_ENVELOPES)
    )
    for batch_id in connection.execute(asked).scalars().all():
        batch = find_batch(connection, batch_id)
        envelope = find_envelope(connection, batch_id) or {}
        said = {row[0] for row in envelope.get("rows", ())}
        rows = set(list_row_ids(connection, batch, UNSETTLED))
        # While mail leaves, a batch may have ended between the questions.
        if not rows <= said and _is_as_it_was(connection, batch):
            yield batch_id


def _is_as_it_was(connection: Connection, batch: Batch) -> bool:
    now = find_batch(connection, batch.batch_id)
    return (now.state, now.attempt) == (batch.state, batch.attempt)
