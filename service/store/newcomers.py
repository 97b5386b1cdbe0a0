"""Whom a list of another place names: who of them is here already, and who left there since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from service.model.subscriber import SubscriptionState
from service.store.among import is_among
from service.store.tables import subscribers, subscriptions


@dataclass(frozen=True, slots=True)
class Known:
    """A subscription that is here already; `asked_at` is when the reader last asked for it."""

    subscription_id: int
    state: SubscriptionState
    asked_at: datetime


def list_known(connection: Connection, addresses: Sequence[str]) -> dict[tuple[str, str], Known]:
    """The subscriptions of these addresses, by address and newsletter."""
    columns = (
        subscribers.c.address,
        subscriptions.c.newsletter_id,
        subscriptions.c.subscription_id,
        subscriptions.c.state,
        subscriptions.c.created_at,
        subscriptions.c.confirmed_at,
        subscriptions.c.consent_at,
    )
    query = (
        select(*columns)
        .join(subscriptions, subscriptions.c.subscriber_id == subscribers.c.subscriber_id)
        .where(is_among(connection, subscribers.c.address, addresses))
    )
    return {
        (row.address, row.newsletter_id): Known(
            row.subscription_id,
            SubscriptionState(row.state),
            max(filter(None, (row.created_at, row.confirmed_at, row.consent_at))),
        )
        for row in connection.execute(query)
    }


def end_elsewhere(connection: Connection, ended: Mapping[int, datetime]) -> None:
    """End these subscriptions as of when their readers left the other place."""
    if ended:
        connection.execute(
            update(subscriptions)
            .where(subscriptions.c.subscription_id == bindparam("ended_id"))
            .values(state=SubscriptionState.UNSUBSCRIBED, ended_at=bindparam("left_at")),
            # In the order of a freeze, which takes many of them as well.
            [{"ended_id": id_, "left_at": left_at} for id_, left_at in sorted(ended.items())],
        )


def list_pauses(connection: Connection, addresses: Sequence[str]) -> dict[str, datetime]:
    """Until when those of these readers pause who do, by address."""
    query = select(subscribers.c.address, subscribers.c.paused_until).where(
        is_among(connection, subscribers.c.address, addresses),
        subscribers.c.paused_until.is_not(None),
    )
    return {row.address: row.paused_until for row in connection.execute(query)}
