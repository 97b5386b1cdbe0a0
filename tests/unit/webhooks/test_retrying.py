from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from service.model.webhook import Webhook, WebhookEvent, WebhookKey, WebhookMessage
from service.webhooks.retrying import find_again_at, find_rest_until, is_hopeless

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MESSAGE = WebhookMessage(1, 1, "msg_1", WebhookEvent.TEST, "{}", NOON)
WEBHOOK = Webhook(1, "https://a.example/", (), False, WebhookKey("k", "s"), NOON, "")


@pytest.mark.parametrize(
    ("attempt", "asked_for", "waits_for"),
    [
        (1, None, timedelta(seconds=5)),
        (2, None, timedelta(minutes=5)),
        (9, None, DAY),
        (10, None, None),
        (11, None, None),
        (1, timedelta(minutes=2), timedelta(minutes=2)),
        (2, timedelta(minutes=2), timedelta(minutes=5)),
        (1, timedelta(days=400), DAY),
        (10, timedelta(minutes=2), None),
    ],
)
def test_a_message_waits_longer_each_time_and_as_long_as_it_is_asked_to(
    attempt: int, asked_for: timedelta | None, waits_for: timedelta | None
) -> None:
    again_at = find_again_at(replace(MESSAGE, attempt=attempt), NOON, asked_for)
    assert again_at == (waits_for and NOON + waits_for)


def test_whoever_was_away_is_looked_for_every_half_hour_at_least() -> None:
    assert find_rest_until(NOON + timedelta(seconds=5), NOON) == NOON + timedelta(seconds=5)
    assert find_rest_until(NOON + DAY, NOON) == NOON + HOUR / 2
    assert find_rest_until(None, NOON) == NOON + HOUR / 2


@pytest.mark.parametrize(
    ("failing_for", "message_is_old_for", "is_over"),
    [(None, 9 * DAY, False), (5 * DAY, 12 * HOUR, True), (5 * DAY, 11 * HOUR, False)],
)
def test_a_webhook_is_given_up_after_days_and_never_for_one_bad_minute(
    failing_for: timedelta | None, message_is_old_for: timedelta, is_over: bool
) -> None:
    webhook = replace(WEBHOOK, failing_since_at=None if failing_for is None else NOON - failing_for)
    message = replace(MESSAGE, created_at=NOON - message_is_old_for)
    assert is_hopeless(webhook, message, NOON) is is_over
