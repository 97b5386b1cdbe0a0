"""What a provider's limits mean for a batch: how large it may be, and how long it waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from service.model.delivery import Refusal, Scope
from service.model.edition import Rendered
from service.providers.base import Capabilities, Rate, RateUnit

_SPARE_BYTES = 20_000
"""Kept free in a call for headers and everything else besides the content."""

GIVE_UP_AFTER = timedelta(days=3)
"""So long a row may be refused for now before it is refused for good."""

GIVEN_UP = "given up:"
"""How the reason begins of a row that was refused for now too long; the last refusal follows."""

_LONGEST_WAIT = timedelta(hours=4)

_BACK_OFF = timedelta(seconds=5)
_LONGEST_BACK_OFF = timedelta(minutes=10)


def find_batch_size(capabilities: Capabilities, rendered: Rendered) -> int:
    """How many readers of one variant go into a batch; at least one."""
    size = capabilities.batch_limit
    if not capabilities.merges:
        content = len(rendered.html.encode()) + len(rendered.text.encode())
        size = min(size, capabilities.byte_limit // (content + _SPARE_BYTES))
    rate = capabilities.rate
    if rate is not None and rate.unit is not RateUnit.CALLS:
        # More than the provider takes in one stretch of time cannot go in one call.
        size = min(size, rate.count)
    return max(1, size)


def weigh_refusal(refusal: Refusal, since: datetime | None, now: datetime) -> Refusal:
    """What becomes of rows refused for now, again, `since` the first time: a wait, or the end.

    They are asked for less and less often, and given up after three days, as mail servers do.
    What concerns the account, and not them, is no reason to give them up.
    """
    if refusal.retry_after is None or refusal.scope is Scope.ACCOUNT:
        return refusal
    lasted_for = now - (since or now)
    if lasted_for >= GIVE_UP_AFTER:
        code = f"{GIVEN_UP} {refusal.code}"
        return replace(refusal, code=code, retry_after=None)
    wait_for = max(refusal.retry_after, min(lasted_for / 4, _LONGEST_WAIT))
    return replace(refusal, retry_after=wait_for)


def find_turn_length(rate: Rate, readers: int) -> timedelta:
    """How long a batch of so many readers uses up what the provider takes."""
    units = 1 if rate.unit is RateUnit.CALLS else readers
    return rate.per * units / rate.count


def find_wait(attempt: int) -> timedelta:
    """How long a batch waits after an attempt that failed: twice as long each time, to a limit."""
    doublings = min(attempt - 1, 10)
    return min(_BACK_OFF * (1 << doublings), _LONGEST_BACK_OFF)
