"""What readers choose for themselves: kept without touching what they were served so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, or_, select, update

from service.model.delivery import DeliveryState
from service.model.edition import EditionState
from service.model.newsletter import Cadence
from service.model.subscriber import Subscription, SubscriptionState
from service.model.webhook import LeftFor
from service.store.batches import OPEN_EDITIONS
from service.store.consents import renew_subscription
from service.store.happenings import tell_of_left
from service.store.new_subscriptions import NewSubscription
from service.store.news import find_mark
from service.store.subscribers import TOPIC_SEPARATOR, list_readers_at
from service.store.subscription_states import activate_subscription
from service.store.tables import batches, deliveries, editions, subscribers, subscriptions

AWAY_FOR = timedelta(days=31)
"""Whoever comes back within that is given what came since the last edition they missed."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a reader wants one newsletter; None means the publication's own hour and zone."""

    cadence: Cadence
    topics: tuple[str, ...]
    language: str
    send_hour: int | None
    timezone: str | None


def find_pause(connection: Connection, subscriber_id: int) -> datetime | None:
    """Until when a reader pauses, or paused last; None for one who never did."""
    query = select(subscribers.c.paused_until).where(subscribers.c.subscriber_id == subscriber_id)
    return connection.execute(query).scalar()


def pause_reader(connection: Connection, subscriber_id: int, until: datetime | None) -> None:
    """Let nothing be planned for a reader until then; None ends a pause."""
    chosen = subscribers.c.subscriber_id == subscriber_id
    connection.execute(update(subscribers).where(chosen).values(paused_until=until))


def change_manner(connection: Connection, subscription_id: int, manner: Manner) -> None:
    """Let a subscription come in another manner; what it was served so far stays as it is."""
    connection.execute(
        update(subscriptions)
        .where(subscriptions.c.subscription_id == subscription_id)
        .values(
            cadence=manner.cadence,
            topics=TOPIC_SEPARATOR.join(sorted(set(manner.topics))),
            language=manner.language,
            send_hour=manner.send_hour,
            timezone=manner.timezone,
        )
    )


def end_subscription(connection: Connection, subscription_id: int, now: datetime) -> None:
    """End an active subscription; any other stays as it is."""
    chosen = subscriptions.c.subscription_id == subscription_id
    tell_of_left(connection, chosen, LeftFor.UNSUBSCRIBED, now)
    connection.execute(
        update(subscriptions)
        .where(chosen, subscriptions.c.state == SubscriptionState.ACTIVE)
        .values(state=SubscriptionState.UNSUBSCRIBED, ended_at=now)
    )


def bring_back(
    connection: Connection, one: Subscription, wanted: NewSubscription, now: datetime
) -> None:
    """Make a subscription active again that has ended, as if it had only been paused.

    What came in editions meanwhile is skipped, and nothing else: who left by mistake loses
    nothing by it. After a month away it begins at the present mark. `wanted` is what the reader
    chooses now, with the consent of now; the one of before is kept.
    """
    skipped = _find_skipped(connection, one, now)
    renew_subscription(connection, one.subscription_id, wanted)
    if activate_subscription(connection, one.subscription_id, now):
        reached = max(one.served_through, skipped)
        connection.execute(
            update(subscriptions)
            .where(subscriptions.c.subscription_id == one.subscription_id)
            .values(timezone=wanted.timezone, served_through=reached, joined_at_mark=reached)
        )


def list_leaving(
    connection: Connection, subscriber_id: int, subscription_ids: Sequence[int]
) -> dict[int, datetime | None]:
    """For subscriptions with a mail that is planned and not sent: from when on it may leave."""
    query = (
        select(deliveries.c.subscription_id, func.min(batches.c.not_before).label("leaves_at"))
        .join(batches, batches.c.batch_id == deliveries.c.batch_id)
        .where(
            # Said so that the unique index answers.
            deliveries.c.edition_id.in_(
                select(editions.c.edition_id).where(editions.c.state.in_(OPEN_EDITIONS))
            ),
            deliveries.c.subscriber_id == subscriber_id,
            deliveries.c.subscription_id.in_(subscription_ids),
            deliveries.c.state == DeliveryState.PLANNED,
        )
        .group_by(deliveries.c.subscription_id)
    )
    return {row.subscription_id: row.leaves_at for row in connection.execute(query)}


def list_subscriptions_of(connection: Connection, address: str) -> dict[str, Subscription]:
    """Every subscription of one address, by newsletter."""
    found = list_readers_at(connection, address)
    return {one.subscription.newsletter_id: one.subscription for one in found}


def find_language_of(connection: Connection, subscriber_id: int) -> str | None:
    """The language of what a reader has, or had; None for one who never had anything."""
    is_over = subscriptions.c.state != SubscriptionState.ACTIVE
    query = (
        select(subscriptions.c.language)
        .where(subscriptions.c.subscriber_id == subscriber_id)
        .order_by(is_over, subscriptions.c.subscription_id)
        .limit(1)
    )
    return connection.execute(query).scalar()


def _find_skipped(connection: Connection, one: Subscription, now: datetime) -> int:
    """The highest mark that somebody who left would have been moved to meanwhile."""
    if one.ended_at is None or now - one.ended_at > AWAY_FOR:
        return find_mark(connection, one.newsletter_id)
    query = select(func.max(editions.c.mark)).where(
        editions.c.newsletter_id == one.newsletter_id,
        editions.c.cadence == one.cadence,
        or_(editions.c.frozen_at >= one.ended_at, editions.c.state == EditionState.FREEZING),
    )
    return int(connection.execute(query).scalar() or 0)
