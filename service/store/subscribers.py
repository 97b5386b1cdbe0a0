"""Readers and their subscriptions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from service.model.newsletter import Cadence
from service.model.subscriber import Consent, Subscriber, Subscription, SubscriptionState
from service.store.among import is_among
from service.store.parts import split_into_parts
from service.store.tables import subscribers, subscriptions

TOPIC_SEPARATOR = "\n"
"""Between the topics of one subscription in their column; no tag holds a line end."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A subscriber with one of their subscriptions."""

    subscriber: Subscriber
    subscription: Subscription
    consent: Consent


def find_subscriber(connection: Connection, address: str) -> Subscriber | None:
    """The reader with this normalised address."""
    query = select(subscribers).where(subscribers.c.address == address)
    row = connection.execute(query).mappings().first()
    return _to_subscriber(row) if row else None


def find_subscriber_by_id(connection: Connection, subscriber_id: int) -> Subscriber | None:
    """The reader with this number, erased or not."""
    query = select(subscribers).where(subscribers.c.subscriber_id == subscriber_id)
    row = connection.execute(query).mappings().first()
    return _to_subscriber(row) if row else None


def find_subscription(connection: Connection, subscription_id: int) -> Reader | None:
    """One subscription with its reader."""
    query = _readers().where(subscriptions.c.subscription_id == subscription_id)
    row = connection.execute(query).mappings().first()
    return _to_reader(row) if row else None


def list_pending(connection: Connection, subscription_ids: Sequence[int]) -> list[Reader]:
    """Those of these subscriptions that wait for a confirmation."""
    found: list[Reader] = []
    for ids in split_into_parts(subscription_ids):
        query = _readers().where(
            subscriptions.c.subscription_id.in_(ids),
            subscriptions.c.state == SubscriptionState.PENDING,
        )
        found += [_to_reader(row) for row in connection.execute(query).mappings()]
    return found


def list_readers_at(connection: Connection, address: str) -> list[Reader]:
    """Every subscription of one address."""
    query = (
        _readers().where(subscribers.c.address == address).order_by(subscriptions.c.subscription_id)
    )
    return [_to_reader(row) for row in connection.execute(query).mappings()]


def stream_readers(connection: Connection, newsletter_id: str | None = None) -> Iterator[Reader]:
    """Every subscription with an address, in order, without holding them all."""
    query = (
        _readers()
        .where(subscribers.c.address.is_not(None))
        .order_by(subscriptions.c.subscription_id)
    )
    if newsletter_id is not None:
        query = query.where(subscriptions.c.newsletter_id == newsletter_id)
    # An option of this statement alone: on the connection it would outlive it.
    rows = connection.execute(query, execution_options={"yield_per": 1000})
    for row in rows.mappings():
        yield _to_reader(row)


def find_subscriber_ids(connection: Connection, addresses: Sequence[str]) -> dict[str, int]:
    """The readers with these normalised addresses, by address."""
    query = select(subscribers.c.address, subscribers.c.subscriber_id).where(
        is_among(connection, subscribers.c.address, addresses)
    )
    return {row.address: row.subscriber_id for row in connection.execute(query)}


def _readers() -> Any:  # noqa: ANN401
    return select(subscribers, subscriptions, subscriptions.c.created_at.label("since_at")).join(
        subscriptions, subscriptions.c.subscriber_id == subscribers.c.subscriber_id
    )


def _to_subscriber(row: RowMapping) -> Subscriber:
    return Subscriber(row["subscriber_id"], row["address"], row["name"], row["created_at"])


def _to_reader(row: RowMapping) -> Reader:
    return Reader(
        subscriber=_to_subscriber(row),
        subscription=Subscription(
            subscription_id=row["subscription_id"],
            subscriber_id=row["subscriber_id"],
            newsletter_id=row["newsletter_id"],
            state=SubscriptionState(row["state"]),
            cadence=Cadence(row["cadence"]),
            topics=tuple(row["topics"].split(TOPIC_SEPARATOR)) if row["topics"] else (),
            language=row["language"],
            send_hour=row["send_hour"],
            timezone=row["timezone"],
            served_through=row["served_through"],
            created_at=row["since_at"],
            confirmed_at=row["confirmed_at"],
            ended_at=row["ended_at"],
        ),
        consent=Consent(row["consent_source"], row["consent_text"], row["consent_at"]),
    )
