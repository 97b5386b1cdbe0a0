from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from service.delivery.limits import weigh_refusal
from service.model.delivery import Refusal, Scope

NOW = datetime(2026, 1, 12, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("lasted_for", "wait_for"),
    [
        (None, 5 * MINUTE),
        (10 * MINUTE, 5 * MINUTE),
        (HOUR, 15 * MINUTE),
        (DAY, 4 * HOUR),
        (3 * DAY - MINUTE, 4 * HOUR),
        (3 * DAY, None),
        (30 * DAY, None),
    ],
)
def test_who_is_refused_for_now_is_asked_less_and_less_often_and_given_up_after_three_days(
    lasted_for: timedelta | None, wait_for: timedelta | None
) -> None:
    refusal = Refusal(Scope.RECIPIENT, "greylisted", "come back later", 5 * MINUTE)
    since = None if lasted_for is None else NOW - lasted_for
    weighed = weigh_refusal(refusal, since, NOW)
    assert weighed.retry_after == wait_for
    assert weighed.code == ("greylisted" if wait_for else "given up: greylisted")


@pytest.mark.parametrize(
    "refusal",
    [
        Refusal(Scope.ACCOUNT, "quota", "not today", HOUR),
        Refusal(Scope.RECIPIENT, "no such user", "never"),
    ],
)
def test_what_is_not_the_readers_or_is_for_good_is_left_as_it_is(refusal: Refusal) -> None:
    assert weigh_refusal(refusal, NOW - 9 * DAY, NOW) is refusal
