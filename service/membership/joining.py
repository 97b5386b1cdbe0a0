"""A reader's way in: what a link asks about, and the button that confirms."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from service.audience.tokens import Purpose
from service.membership.links import find_reader
from service.membership.register import Register
from service.membership.welcoming import plan_welcome
from service.model.subscriber import SubscriptionState
from service.store.consents import record_words
from service.store.database import Database
from service.store.subscribers import Reader, list_readers_at
from service.store.subscription_states import activate_subscription


def list_asked(database: Database, reader: Reader) -> list[Reader]:
    """Everything that waits for this reader's confirmation: one press may confirm it all."""
    with database.reading() as connection:
        found = list_readers_at(connection, reader.subscriber.address or "")
    return [one for one in found if one.subscription.state is SubscriptionState.PENDING]


def confirm_subscription(
    database: Database,
    register: Register,
    token: str,
    now: datetime,
    chosen: Collection[int] | None = None,
    words: str = "",
) -> Reader:
    """Make pending subscriptions active; pressing twice changes nothing the second time.

    `chosen` are the subscriptions the reader was shown and kept; None is the link's own. `words`
    stood beside the button: they are recorded where those of the form are not known.
    """
    reader = find_reader(database, register, Purpose.CONFIRM, token)
    wanted = {reader.subscription.subscription_id} if chosen is None else set(chosen)
    asked = list_asked(database, reader)
    for one in asked:
        if one.subscription.subscription_id in wanted:
            _activate(database, register, one, now, words)
    return find_reader(database, register, Purpose.CONFIRM, token)


def _activate(
    database: Database, register: Register, reader: Reader, now: datetime, words: str
) -> None:
    subscription_id = reader.subscription.subscription_id
    with database.writing() as connection:
        if not activate_subscription(connection, subscription_id, now):
            return
        record_words(connection, subscription_id, words)
        if (batch_id := plan_welcome(connection, register, reader, now)) is not None:
            register.wake(connection, [batch_id])
