"""Caps: how often a stranger's form may make us write, to one address and in all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum

MAX_CONFIRMATIONS_WITHOUT_CLICK = 3

MOST_OF_ONE_NETWORK = 20
MOST_TO_ONE_DOMAIN = 100
"""Mails that forms sent from one network make us write in an hour, and that go to one domain."""

_REMINDERS = 3
_REMINDED_WITHIN = timedelta(days=30)


class Asking(StrEnum):
    """When an address may be asked to confirm."""

    NOW = "now"
    TOMORROW = "tomorrow"
    NEVER = "never"


def judge_asking(sent_days: Sequence[date], clicked_on: date | None, today: date) -> Asking:
    """When one more confirmation may go: one a day, and three after the last that was clicked.

    `sent_days` has one day for each confirmation ever sent to the address, `clicked_on` is when
    one of them was last answered.
    """
    unanswered = [day for day in sent_days if clicked_on is None or day > clicked_on]
    if len(unanswered) >= MAX_CONFIRMATIONS_WITHOUT_CLICK:
        return Asking.NEVER
    # A day ahead of today means the clock was set back: that is no reason to write again.
    return Asking.TOMORROW if any(day >= today for day in sent_days) else Asking.NOW


def may_remind(sent_days: Sequence[date], today: date) -> bool:
    """Whether somebody who signs up again may be told that they are subscribed: rarely."""
    late = [day for day in sent_days if day > today - _REMINDED_WITHIN]
    return len(late) < _REMINDERS and not any(day >= today for day in late)
