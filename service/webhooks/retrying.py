"""When something that a webhook did not take is tried again, and when the webhook is given up."""

from __future__ import annotations

from datetime import datetime, timedelta

from service.model.webhook import Webhook, WebhookMessage

BACK_OFF = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Between one try at a message and the next, as the specification suggests; after the last of
them it is given up."""

GIVEN_UP_AFTER = timedelta(days=5)
"""A webhook that took nothing for so long is stopped ..."""

TRIED_FOR = timedelta(hours=12)
"""... by a message that was tried for so long: one bad minute after a quiet week is none."""

_LONGEST_BACK_OFF = timedelta(hours=24)
_LONGEST_REST = timedelta(minutes=30)


def find_again_at(
    message: WebhookMessage, now: datetime, asked_for: timedelta | None
) -> datetime | None:
    """When a message is tried again of which this try was in vain; None when it is given up.

    A service may ask for more time than that, up to a day.
    """
    if message.attempt > len(BACK_OFF):
        return None
    wanted = min(asked_for or timedelta(0), _LONGEST_BACK_OFF)
    return now + max(BACK_OFF[message.attempt - 1], wanted)


def find_rest_until(again_at: datetime | None, now: datetime) -> datetime:
    """Until when nothing is tried at a webhook that did not answer."""
    return min(again_at or now + _LONGEST_REST, now + _LONGEST_REST)


def is_hopeless(webhook: Webhook, message: WebhookMessage, now: datetime) -> bool:
    """Whether a webhook that did not take a message is to be stopped."""
    since = webhook.failing_since_at
    is_long = since is not None and now - since >= GIVEN_UP_AFTER
    return is_long and now - message.created_at >= TRIED_FOR
