"""Caps: how often a stranger's form may make us write to an address."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

MAX_CONFIRMATIONS_WITHOUT_CLICK = 3


def may_send_confirmation(sent_days: Sequence[date], clicked: bool, today: date) -> bool:
    """Whether one more confirmation may go: one a day, and three until one was clicked.

    `sent_days` has one day for each confirmation ever sent to the address.
    """
    # A day ahead of today means the clock was set back: that is no reason to write again.
    if any(day >= today for day in sent_days):
        return False
    return clicked or len(sent_days) < MAX_CONFIRMATIONS_WITHOUT_CLICK
