"""What is offered to a reader, and what comes next: pure functions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from service.membership.foreseeing import NextMail, foresee_mail
from service.membership.offering import Topic, list_topics
from service.model.newsletter import Cadence, Newsletter
from service.model.subscriber import Subscription, SubscriptionState
from service.store.labels import Labels

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2025, 11, 21, 12, tzinfo=UTC)
NEWSLETTER = Newsletter("n", "便り", "ja", cadences=tuple(Cadence), topics=("AI", "猫"))
SUBSCRIPTION = Subscription(
    subscription_id=1,
    subscriber_id=1,
    newsletter_id="n",
    state=SubscriptionState.ACTIVE,
    cadence=Cadence.WEEKLY,
    topics=(),
    language="ja",
    send_hour=None,
    timezone=None,
    served_through=0,
    created_at=NOW,
    confirmed_at=NOW,
    ended_at=None,
)
LABELS = [
    Labels(("研究",), ("ai", "x"), NOW - timedelta(days=1)),
    Labels(("研究", "企業"), ("AI",), NOW - timedelta(days=29)),
    Labels(("企業",), (), NOW - timedelta(days=31)),
    Labels(("古い",), ("AI",), NOW - timedelta(days=400)),
]


def at(day: int, hour: int, month: int = 11) -> datetime:
    return datetime(2025, month, day, hour, tzinfo=TOKYO)


def test_topics_are_counted_over_a_month_whatever_their_case() -> None:
    assert list_topics(NEWSLETTER, LABELS, (), NOW) == [
        Topic("研究", is_tag=False, count=2),
        Topic("企業", is_tag=False, count=1),
        Topic("古い", is_tag=False, count=0),
        Topic("AI", is_tag=True, count=2),
        Topic("猫", is_tag=True, count=0),
    ]


def test_topics_are_of_the_posts_that_the_newsletter_takes_and_what_was_chosen_stays() -> None:
    narrow = replace(NEWSLETTER, categories=("企業",))
    names = [one.name for one in list_topics(narrow, LABELS, ("消えた話題", "ai"), NOW)]
    assert names == ["企業", "研究", "AI", "消えた話題", "猫"]


@pytest.mark.parametrize(
    ("changes", "paused_until", "expected"),
    [
        ({}, None, NextMail(at(24, 8))),
        ({"cadence": Cadence.DAILY}, None, NextMail(at(22, 8))),
        ({"cadence": Cadence.MONTHLY}, None, NextMail(at(1, 8, 12))),
        ({"cadence": Cadence.EACH}, None, NextMail(None)),
        ({"send_hour": 18}, None, NextMail(at(24, 18))),
        ({"send_hour": 6}, None, NextMail(at(25, 6))),
        ({"send_hour": 0, "timezone": "UTC"}, None, NextMail(at(24, 9))),
        ({}, at(24, 8), NextMail(at(24, 8), at(24, 8))),
        ({}, at(24, 9), NextMail(at(1, 8, 12), at(24, 9))),
        ({"cadence": Cadence.EACH}, at(24, 9), NextMail(None, at(24, 9))),
        ({}, at(1, 0), NextMail(at(24, 8))),
    ],
)
def test_the_next_mail_is_foreseen_as_the_schedule_makes_it(
    changes: dict[str, object], paused_until: datetime | None, expected: NextMail
) -> None:
    one = replace(SUBSCRIPTION, **changes)  # type: ignore[arg-type]
    assert foresee_mail(NEWSLETTER, one, TOKYO, paused_until, NOW) == expected
