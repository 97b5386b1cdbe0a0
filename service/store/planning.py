"""The freeze: readers in groups that get the same posts, and their rows, all by set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from service.model.delivery import BatchKind, BatchState, DeliveryState
from service.model.edition import Edition, EditionState
from service.model.newsletter import Cadence
from service.model.subscriber import SubscriptionState
from service.store.ledger import find_next_ordinal
from service.store.tables import (
    batches,
    deliveries,
    editions,
    subscribers,
    subscriptions,
    suppressions,
    variants,
)

_BITS = 60
_GROUPS_PER_STATEMENT = 200
_NOT_HAD = (DeliveryState.REFUSED, DeliveryState.SUPPRESSED, DeliveryState.CANCELLED)


@dataclass(frozen=True, slots=True)
class ReaderGroup:
    """Readers whose choices and history are alike, so that they get the same posts.

    `had` lists which of the variants asked about they already got, as positions in that list.
    """

    served_through: int
    topics: str
    language: str
    send_hour: int | None
    timezone: str | None
    is_paused: bool
    masks: tuple[int, ...]
    count: int

    def had(self, variant_ids: Sequence[int]) -> tuple[int, ...]:
        """The variants these readers already got, of those that were asked about."""
        return tuple(
            variant_id
            for position, variant_id in enumerate(variant_ids)
            if self.masks[position // _BITS] >> (position % _BITS) & 1
        )


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the audience: subscription ids above one number, up to another."""

    above: int
    through: int


@dataclass(frozen=True, slots=True)
class AudienceQuery:
    """Whom an edition is for: cadences, and which earlier variants matter to them."""

    newsletter_id: str
    cadences: tuple[Cadence, ...]
    variant_ids: tuple[int, ...]
    now: datetime


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


def list_reader_groups(
    connection: Connection, audience: AudienceQuery, span: Span | None = None
) -> list[ReaderGroup]:
    """The audience in groups; the whole of it when no span is given."""
    each = select(*_group_columns(audience)).select_from(_readers())
    readers = each.where(*_is_reader(audience, span)).subquery()
    columns = list(readers.c)
    query = select(*columns, func.count().label("count")).group_by(*columns).order_by(*columns)
    masks = [column.name for column in columns if column.name.startswith("mask_")]
    return [
        ReaderGroup(
            served_through=row["served_through"],
            topics=row["topics"],
            language=row["language"],
            send_hour=row["send_hour"],
            timezone=row["timezone"],
            is_paused=bool(row["is_paused"]),
            masks=tuple(int(row[name]) for name in masks),
            count=row["count"],
        )
        for row in connection.execute(query).mappings()
    ]


def find_lowest_served(connection: Connection, newsletter_id: str, cadence: Cadence) -> int | None:
    """The lowest news number any active reader of this cadence was served through."""
    query = select(func.min(subscriptions.c.served_through)).where(
        subscriptions.c.newsletter_id == newsletter_id,
        subscriptions.c.cadence == cadence,
        subscriptions.c.state == SubscriptionState.ACTIVE,
    )
    return connection.execute(query).scalar()


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


def lock_span(connection: Connection, audience: AudienceQuery, span: Span) -> None:
    """Keep the choices of a stretch as they are until the transaction ends.

    Without it a reader who changes topics between two statements would be in no group and
    yet be counted as served.
    """
    query = select(subscriptions.c.subscription_id).select_from(_readers())
    connection.execute(query.where(*_is_reader(audience, span)).with_for_update()).all()


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
        chosen = or_(*[_is_in(group, audience) for group in part])
        _insert_rows(connection, edition, plan, first, _number(audience, span, chosen))
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


def _group_columns(audience: AudienceQuery) -> list[ColumnElement[Any]]:
    paused = func.coalesce(subscribers.c.paused_until > audience.now, False)
    return [
        subscriptions.c.served_through,
        subscriptions.c.topics,
        subscriptions.c.language,
        subscriptions.c.send_hour,
        subscriptions.c.timezone,
        paused.label("is_paused"),
        *[mask.label(f"mask_{n}") for n, mask in enumerate(_masks(audience.variant_ids))],
    ]


def _masks(variant_ids: Sequence[int]) -> list[ColumnElement[int]]:
    """Bit sets of the variants each reader got: one number can tell of sixty of them."""
    masks: list[ColumnElement[int]] = []
    for start in range(0, len(variant_ids), _BITS):
        part = variant_ids[start : start + _BITS]
        bits = case({id_: 1 << n for n, id_ in enumerate(part)}, value=deliveries.c.variant_id)
        total = (
            select(func.coalesce(func.sum(bits), 0))
            .where(
                deliveries.c.subscriber_id == subscriptions.c.subscriber_id,
                # Said so that the unique index answers: rows of one reader have none else.
                deliveries.c.edition_id.in_(
                    select(variants.c.edition_id).where(variants.c.variant_id.in_(part))
                ),
                deliveries.c.variant_id.in_(part),
                deliveries.c.state.not_in(_NOT_HAD),
            )
            .correlate(subscriptions)
        )
        masks.append(total.scalar_subquery())
    return masks


def _readers() -> Any:  # noqa: ANN401
    return subscriptions.join(
        subscribers, subscribers.c.subscriber_id == subscriptions.c.subscriber_id
    )


def _is_reader(audience: AudienceQuery, span: Span | None) -> list[ColumnElement[bool]]:
    suppressed = exists().where(suppressions.c.address == subscribers.c.address)
    conditions = [
        subscriptions.c.newsletter_id == audience.newsletter_id,
        subscriptions.c.state == SubscriptionState.ACTIVE,
        subscriptions.c.cadence.in_(audience.cadences),
        subscribers.c.address.is_not(None),
        ~suppressed,
    ]
    if span is not None:
        conditions.append(subscriptions.c.subscription_id > span.above)
        conditions.append(subscriptions.c.subscription_id <= span.through)
    return conditions


def _is_in(group: ReaderGroup, audience: AudienceQuery) -> ColumnElement[bool]:
    values = (
        group.served_through,
        group.topics,
        group.language,
        group.send_hour,
        group.timezone,
        group.is_paused,
        *group.masks,
    )
    columns = [_bare(column) for column in _group_columns(audience)]
    return and_(
        *[column.is_not_distinct_from(v) for column, v in zip(columns, values, strict=True)]
    )


def _bare(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return getattr(column, "element", column)


def _number(
    audience: AudienceQuery, span: Span, chosen: ColumnElement[bool]
) -> Select[tuple[int, int, int, int]]:
    row_number = func.row_number().over(order_by=subscriptions.c.subscription_id)
    return (
        select(
            subscriptions.c.subscription_id,
            subscriptions.c.subscriber_id,
            subscriptions.c.served_through,
            (row_number - 1).label("position"),
        )
        .select_from(_readers())
        .where(*_is_reader(audience, span), chosen)
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
