"""The freeze: stretch by stretch, rows and batches for groups of readers, all by set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, and_, func, insert, literal, select, update

from service.model.delivery import BatchKind, BatchState, DeliveryState
from service.model.edition import Edition, EditionState
from service.model.subscriber import SubscriptionState
from service.store.audience import AudienceQuery, ReaderGroup, Span, number_readers
from service.store.batches import find_next_ordinal
from service.store.tables import batches, deliveries, editions, subscriptions

_GROUPS_PER_STATEMENT = 200


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """Groups that get one variant at one time, cut into batches of `batch_size`."""

    groups: tuple[ReaderGroup, ...]
    variant_id: int
    not_before: datetime | None
    account: str
    key_prefix: str
    batch_size: int
    planned_at: datetime


def find_next_span(
    connection: Connection, edition: Edition, audience: AudienceQuery, size: int
) -> Span | None:
    """The next stretch of at most `size` readers; None when everybody was planned."""
    above = connection.execute(
        select(editions.c.frozen_through).where(editions.c.edition_id == edition.edition_id)
    ).scalar_one()
    ids = (
        select(subscriptions.c.subscription_id)
        .where(
            subscriptions.c.newsletter_id == audience.newsletter_id,
            subscriptions.c.state == SubscriptionState.ACTIVE,
            subscriptions.c.cadence.in_(audience.cadences),
            subscriptions.c.subscription_id > above,
        )
        .order_by(subscriptions.c.subscription_id)
        .limit(size)
        .subquery()
    )
    through = connection.execute(select(func.max(ids.c.subscription_id))).scalar()
    return None if through is None else Span(above, through)


def claim_span(connection: Connection, edition: Edition, span: Span) -> bool:
    """Take a stretch for planning; False when another process is already past it."""
    taken = connection.execute(
        update(editions)
        .where(
            editions.c.edition_id == edition.edition_id,
            editions.c.state == EditionState.FREEZING,
            editions.c.frozen_through == span.above,
        )
        .values(frozen_through=span.through)
    )
    return taken.rowcount == 1


def insert_deliveries(
    connection: Connection,
    edition: Edition,
    audience: AudienceQuery,
    span: Span,
    plan: GroupPlan,
) -> list[int]:
    """Write the rows and batches of groups that share a variant and a time; the batch ids."""
    batch_ids: list[int] = []
    for start in range(0, len(plan.groups), _GROUPS_PER_STATEMENT):
        part = plan.groups[start : start + _GROUPS_PER_STATEMENT]
        size = sum(group.count for group in part)
        first, ids = _insert_batches(connection, edition, plan, size)
        _insert_rows(connection, edition, plan, first, number_readers(audience, span, part))
        batch_ids += ids
    return batch_ids


def record_served(
    connection: Connection, edition: Edition, audience: AudienceQuery, span: Span
) -> None:
    """Move everybody in the stretch to the edition's mark, also those who get nothing."""
    connection.execute(
        update(subscriptions)
        .where(
            subscriptions.c.newsletter_id == audience.newsletter_id,
            subscriptions.c.state == SubscriptionState.ACTIVE,
            subscriptions.c.cadence.in_(audience.cadences),
            subscriptions.c.subscription_id > span.above,
            subscriptions.c.subscription_id <= span.through,
            subscriptions.c.served_through < edition.mark,
        )
        .values(served_through=edition.mark)
    )


def _insert_batches(
    connection: Connection, edition: Edition, plan: GroupPlan, size: int
) -> tuple[int, list[int]]:
    first = find_next_ordinal(connection, edition.edition_id)
    rows = [
        {
            "kind": BatchKind.EDITION,
            "edition_id": edition.edition_id,
            "variant_id": plan.variant_id,
            "ordinal": ordinal,
            "key": f"{plan.key_prefix}-e{edition.edition_id}-{ordinal}",
            "account": plan.account,
            "state": BatchState.PLANNED,
            "attempt": 0,
            "not_before": plan.not_before,
            "created_at": plan.planned_at,
            "body_digest": "",
            "detail": "",
        }
        for ordinal in range(first, first + -(-size // plan.batch_size))
    ]
    returned = connection.execute(insert(batches).returning(batches.c.batch_id), rows)
    return first, list(returned.scalars())


def _insert_rows(
    connection: Connection,
    edition: Edition,
    plan: GroupPlan,
    first: int,
    numbered: Select[tuple[int, int, int, int]],
) -> None:
    readers = numbered.subquery()
    is_scheduled = edition.cadence is not None
    rows = select(
        literal(edition.edition_id),
        readers.c.subscriber_id,
        readers.c.subscription_id,
        literal(plan.variant_id),
        batches.c.batch_id,
        literal(DeliveryState.PLANNED.value),
        readers.c.served_through if is_scheduled else literal(None),
        literal(""),
        literal(""),
    ).join(
        batches,
        and_(
            batches.c.edition_id == edition.edition_id,
            batches.c.ordinal == readers.c.position // plan.batch_size + first,
        ),
    )
    names = [
        "edition_id",
        "subscriber_id",
        "subscription_id",
        "variant_id",
        "batch_id",
        "state",
        "served_from",
        "reason",
        "provider_message_id",
    ]
    connection.execute(insert(deliveries).from_select(names, rows))
