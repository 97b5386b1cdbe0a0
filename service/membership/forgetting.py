"""Sign-ups that nobody ever confirmed: forgotten, because nobody asked for them to be kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from service.store.audience import lock_subscriptions
from service.store.database import Database
from service.store.erasures import ask_to_erase
from service.store.signups import drop_old_signups
from service.store.subscription_states import end_subscriptions
from service.store.unconfirmed import has_signups_before, list_unconfirmed

KEEP_FOR = timedelta(days=30)
"""How long a mail may wait for its button to be pressed."""

_PORTION = 500
"""Readers of one pass: what else is to be done waits for no more than that."""


def forget_unconfirmed(database: Database, now: datetime) -> int:
    """Have readers erased who signed up by a form a month ago and never confirmed; how many.

    Unlike those who ask for it they leave no keyed hash. Sign-ups that could not even be answered
    for so long are dropped with them.
    """
    before = now - KEEP_FOR
    with database.reading() as connection:
        found = list_unconfirmed(connection, before, _PORTION)
        are_old = has_signups_before(connection, before)
    if not (found or are_old):
        return 0
    with database.writing() as connection:
        drop_old_signups(connection, before)
        # Whoever presses the button just now has theirs first, and is none of them then.
        lock_subscriptions(connection, found)
        still = list_unconfirmed(connection, before, _PORTION)
        forgotten = sorted(set(still) & set(found))
        for subscriber_id in forgotten:
            end_subscriptions(connection, subscriber_id, now)
            ask_to_erase(connection, subscriber_id, now)
    return len(forgotten)
