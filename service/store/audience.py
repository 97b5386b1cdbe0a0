"""The audience of an edition: readers in groups that get the same posts, and in spans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, func, or_, select

from service.model.delivery import DeliveryState
from service.model.newsletter import Cadence
from service.model.subscriber import SubscriptionState
from service.store.tables import (
    deliveries,
    subscribers,
    subscriptions,
    suppressions,
    variants,
)

_BITS = 60
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


def find_lowest_served(
    connection: Connection, newsletter_id: str, cadence: Cadence | None = None
) -> int | None:
    """The lowest news number any active reader, or any of this cadence, was served through."""
    query = select(func.min(subscriptions.c.served_through)).where(
        subscriptions.c.newsletter_id == newsletter_id,
        subscriptions.c.state == SubscriptionState.ACTIVE,
    )
    if cadence is not None:
        query = query.where(subscriptions.c.cadence == cadence)
    return connection.execute(query).scalar()


def lock_span(connection: Connection, audience: AudienceQuery, span: Span) -> None:
    """Keep the choices of a stretch as they are until the transaction ends.

    Without it a reader who changes topics between two statements would be in no group and
    yet be counted as served.
    """
    query = select(subscriptions.c.subscription_id).select_from(_readers())
    connection.execute(query.where(*_is_reader(audience, span)).with_for_update()).all()


def number_readers(
    audience: AudienceQuery, span: Span, groups: Sequence[ReaderGroup]
) -> Select[tuple[int, int, int, int]]:
    """The readers of some groups in a stretch, numbered from 0.

    Columns: subscription_id, subscriber_id, served_through, position.
    """
    chosen = or_(*[_is_in(group, audience) for group in groups])
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
