"""How subscriptions begin, come back and end, and the pace they come at."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from service.model.newsletter import Cadence
from service.model.subscriber import SubscriptionState
from service.model.webhook import LeftFor
from service.store.happenings import tell_of_confirmed, tell_of_left
from service.store.news import find_mark
from service.store.tables import subscriptions


def set_subscription_state(
    connection: Connection, subscription_id: int, state: SubscriptionState, now: datetime
) -> None:
    """Move one subscription; somebody who comes back begins at the present mark."""
    chosen = subscriptions.c.subscription_id == subscription_id
    values: dict[str, Any] = {"state": state}
    if state is SubscriptionState.UNSUBSCRIBED:
        tell_of_left(connection, chosen, LeftFor.UNSUBSCRIBED, now)
        values["ended_at"] = now
    if state is SubscriptionState.ACTIVE:
        query = select(subscriptions.c.newsletter_id).where(chosen)
        mark = find_mark(connection, connection.execute(query).scalar_one())
        values |= {
            "confirmed_at": now,
            "ended_at": None,
            "served_through": mark,
            "joined_at_mark": mark,
        }
    connection.execute(update(subscriptions).where(chosen).values(values))


def activate_subscription(connection: Connection, subscription_id: int, now: datetime) -> bool:
    """Make a pending subscription active; False when it is not pending, or not any more."""
    taken = connection.execute(
        update(subscriptions)
        .where(
            subscriptions.c.subscription_id == subscription_id,
            subscriptions.c.state == SubscriptionState.PENDING,
        )
        .values(state=SubscriptionState.ACTIVE)
    )
    if taken.rowcount:
        set_subscription_state(connection, subscription_id, SubscriptionState.ACTIVE, now)
        tell_of_confirmed(connection, [subscription_id], now)
    return taken.rowcount == 1


def change_cadence(connection: Connection, subscription_id: int, cadence: Cadence) -> None:
    """Let a subscription come at another pace; what it was served so far stays as it is."""
    chosen = subscriptions.c.subscription_id == subscription_id
    connection.execute(update(subscriptions).where(chosen).values(cadence=cadence))


def end_subscriptions(
    connection: Connection,
    subscriber_id: int,
    now: datetime,
    reason: LeftFor = LeftFor.UNSUBSCRIBED,
) -> int:
    """Unsubscribe one reader from everything; how many subscriptions that ended."""
    tell_of_left(connection, subscriptions.c.subscriber_id == subscriber_id, reason, now)
    return connection.execute(
        update(subscriptions)
        .where(
            subscriptions.c.subscriber_id == subscriber_id,
            subscriptions.c.state != SubscriptionState.UNSUBSCRIBED,
        )
        .values(state=SubscriptionState.UNSUBSCRIBED, ended_at=now)
    ).rowcount
