"""The audience of an edition: readers in groups that get the same posts, and in spans."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    MetaData,
    Select,
    Table,
    case,
    cast,
    exists,
    func,
    insert,
    select,
)

from service.model.delivery import DeliveryState
from service.model.newsletter import Cadence
from service.model.subscriber import SubscriptionState
from service.store.tables import (
    Key,
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
class Stretch:
    """The readers of a span as they were at one moment, and the groups that they are in."""

    readers: Table
    groups: list[ReaderGroup]


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
    return _list_groups(connection, list(readers.c))


def find_lowest_reached(
    connection: Connection, audience: AudienceQuery, span: Span | None = None
) -> int | None:
    """The lowest news number that any reader of the audience was served through."""
    query = select(func.min(subscriptions.c.served_through)).select_from(_readers())
    return connection.execute(query.where(*_is_reader(audience, span))).scalar()


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
    yet be counted as served. Whoever takes several subscriptions takes them in the same order.
    """
    _lock(connection, *_is_member(audience, span))


def lock_subscriptions(connection: Connection, subscriber_ids: Collection[int]) -> list[int]:
    """Take all subscriptions of several readers, to end them one by one; their ids, in order."""
    found: list[int] = []
    # One statement for all of them: parts by readers would not be in the order of a freeze.
    if subscriber_ids:
        found = _lock(connection, subscriptions.c.subscriber_id.in_(sorted(subscriber_ids)))
    return found


@contextmanager
def set_readers_apart(
    connection: Connection, audience: AudienceQuery, span: Span
) -> Iterator[Stretch]:
    """Copy the readers of a span to a table that only this connection sees, for the block.

    Asked again where they come from, the next statement could find other readers, or other
    groups: somebody is suppressed at any time.
    """
    columns = _group_columns(audience)
    readers = Table(
        "readers_apart",
        MetaData(),
        Column("subscription_id", Key, primary_key=True),
        Column("subscriber_id", Key, nullable=False),
        *[Column(column.name, column.type) for column in columns],
        prefixes=["TEMPORARY"],
    )
    readers.create(connection, checkfirst=False)
    ids = (subscriptions.c.subscription_id, subscriptions.c.subscriber_id)
    chosen = select(*ids, *columns).select_from(_readers()).where(*_is_reader(audience, span))
    connection.execute(insert(readers).from_select(readers.c.keys(), chosen))
    yield Stretch(readers, _list_groups(connection, _list_group_columns(readers)))
    readers.drop(connection, checkfirst=False)


def number_groups(stretch: Stretch) -> Select[tuple[int, int, int, int]]:
    """The readers of a stretch, each with the number of its group in the list, from 0.

    Columns: subscription_id, subscriber_id, served_through, group_no.
    """
    readers = stretch.readers
    # In the order in which the groups are listed.
    number = func.dense_rank().over(order_by=_list_group_columns(readers))
    return select(
        readers.c.subscription_id,
        readers.c.subscriber_id,
        readers.c.served_through,
        (number - 1).label("group_no"),
    )


def _lock(connection: Connection, *where: ColumnElement[bool]) -> list[int]:
    query = select(subscriptions.c.subscription_id).where(*where)
    ordered = query.order_by(subscriptions.c.subscription_id)
    return list(connection.execute(ordered.with_for_update(key_share=True)).scalars())


def _readers() -> Any:  # noqa: ANN401
    return subscriptions.join(
        subscribers, subscribers.c.subscriber_id == subscriptions.c.subscriber_id
    )


def _is_reader(audience: AudienceQuery, span: Span | None) -> list[ColumnElement[bool]]:
    suppressed = exists().where(suppressions.c.address == subscribers.c.address)
    return [*_is_member(audience, span), subscribers.c.address.is_not(None), ~suppressed]


def _is_member(audience: AudienceQuery, span: Span | None) -> list[ColumnElement[bool]]:
    """Everybody whom the edition moves on, whether or not they may be written to."""
    conditions = [
        subscriptions.c.newsletter_id == audience.newsletter_id,
        subscriptions.c.state == SubscriptionState.ACTIVE,
        subscriptions.c.cadence.in_(audience.cadences),
    ]
    if span is not None:
        conditions.append(subscriptions.c.subscription_id > span.above)
        conditions.append(subscriptions.c.subscription_id <= span.through)
    return conditions


def _list_groups(connection: Connection, columns: list[ColumnElement[Any]]) -> list[ReaderGroup]:
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


def _list_group_columns(readers: Table) -> list[ColumnElement[Any]]:
    return [
        column for column in readers.c if column.name not in {"subscription_id", "subscriber_id"}
    ]


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
        masks.append(cast(total.scalar_subquery(), BigInteger))
    return masks
