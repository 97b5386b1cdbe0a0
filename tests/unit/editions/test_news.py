from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.editions.news import NewsVerdict, judge_news, matches_filter
from service.model.newsletter import Newsletter
from service.model.post import Hold, Post

NOW = datetime(2025, 10, 20, 0, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def test_a_published_quiet_post_is_news(post: Post, newsletter: Newsletter) -> None:
    assert judge_news(post, newsletter, NOW) is NewsVerdict.NEWS


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"is_known": True}, NewsVerdict.KNOWN),
        ({"is_known": True, "released_at": NOW}, NewsVerdict.KNOWN),
        ({"draft": True}, NewsVerdict.NOT_PUBLISHED),
        ({"published_at": NOW + DAY}, NewsVerdict.NOT_PUBLISHED),
        ({"expires_at": NOW}, NewsVerdict.EXPIRED),
        ({"mailable": False}, NewsVerdict.NOT_MAILABLE),
        ({"hold": Hold.GATE}, NewsVerdict.HELD),
        ({"hold": Hold.MASS}, NewsVerdict.HELD),
        ({"hold": Hold.EDITOR}, NewsVerdict.HELD),
        ({"changed_at": NOW - timedelta(minutes=9, seconds=59)}, NewsVerdict.SETTLING),
        ({"changed_at": NOW - timedelta(minutes=10)}, NewsVerdict.NEWS),
    ],
)
def test_why_a_post_is_no_news(
    post: Post, newsletter: Newsletter, changes: dict[str, Any], verdict: NewsVerdict
) -> None:
    assert judge_news(replace(post, **changes), newsletter, NOW) is verdict


def test_a_scheduled_post_becomes_news_by_time_alone(post: Post, newsletter: Newsletter) -> None:
    scheduled = replace(post, published_at=NOW, first_seen_at=NOW - 30 * DAY)
    assert judge_news(scheduled, newsletter, NOW - DAY) is NewsVerdict.NOT_PUBLISHED
    assert judge_news(scheduled, newsletter, NOW) is NewsVerdict.NEWS


def test_a_post_is_late_a_week_after_its_date(post: Post, newsletter: Newsletter) -> None:
    seen = NOW - timedelta(hours=1)
    in_time = replace(post, published_at=seen - 7 * DAY, first_seen_at=seen)
    late = replace(in_time, published_at=in_time.published_at - timedelta(seconds=1))
    assert judge_news(in_time, newsletter, NOW) is NewsVerdict.NEWS
    assert judge_news(late, newsletter, NOW) is NewsVerdict.LATE


def test_a_post_missed_while_nothing_was_scanned_is_not_late(
    post: Post, newsletter: Newsletter
) -> None:
    seen = NOW - timedelta(hours=1)
    missed = replace(
        post, published_at=seen - 20 * DAY, first_seen_at=seen, seen_after_at=seen - 6 * DAY
    )
    assert judge_news(missed, newsletter, NOW) is NewsVerdict.NEWS
    longer = replace(missed, seen_after_at=seen - 8 * DAY)
    assert judge_news(longer, newsletter, NOW) is NewsVerdict.LATE


def test_a_release_overrides_lateness_and_the_holds_nobody_chose(
    post: Post, newsletter: Newsletter
) -> None:
    late = replace(post, published_at=NOW - 90 * DAY, released_at=NOW)
    assert judge_news(late, newsletter, NOW) is NewsVerdict.NEWS
    assert judge_news(replace(late, hold=Hold.GATE), newsletter, NOW) is NewsVerdict.NEWS
    assert judge_news(replace(late, hold=Hold.EDITOR), newsletter, NOW) is NewsVerdict.HELD


def test_a_released_post_still_settles_first(post: Post, newsletter: Newsletter) -> None:
    edited = replace(post, released_at=NOW, changed_at=NOW - timedelta(minutes=1))
    assert judge_news(edited, newsletter, NOW) is NewsVerdict.SETTLING


@pytest.mark.parametrize(
    ("categories", "tags", "expected"),
    [
        ((), (), True),
        (("まちの話",), (), True),
        (("暮らし",), (), False),
        ((), ("AI",), True),
        (("暮らし",), ("ai",), True),
        (("暮らし",), ("川",), False),
    ],
)
def test_any_category_or_any_tag_lets_a_post_in(
    post: Post,
    newsletter: Newsletter,
    categories: tuple[str, ...],
    tags: tuple[str, ...],
    expected: bool,
) -> None:
    tagged = replace(post, tags=("Ai", "橋"))
    filtered = replace(newsletter, categories=categories, tags=tags)
    assert matches_filter(tagged, filtered) is expected
    verdict = judge_news(tagged, filtered, NOW)
    assert verdict is (NewsVerdict.NEWS if expected else NewsVerdict.FILTERED)


def test_the_same_name_in_another_unicode_form_is_the_same(
    post: Post, newsletter: Newsletter
) -> None:
    composed, decomposed = "\u30d3\u30b8\u30cd\u30b9", "\u30d2\u3099\u30b7\u3099\u30cd\u30b9"
    tagged = replace(post, tags=(decomposed,))
    assert matches_filter(tagged, replace(newsletter, tags=(composed,)))


def test_what_was_there_before_the_newsletter_began_is_known_to_it(
    post: Post, newsletter: Newsletter
) -> None:
    began_at = max(post.first_seen_at, post.published_at) + timedelta(seconds=1)
    assert judge_news(post, newsletter, NOW, began_at) is NewsVerdict.KNOWN
    assert judge_news(post, newsletter, NOW, began_at - timedelta(seconds=1)) is NewsVerdict.NEWS


def test_what_was_scheduled_before_the_newsletter_began_is_news_when_it_appears(
    post: Post, newsletter: Newsletter
) -> None:
    scheduled = replace(post, published_at=NOW - timedelta(minutes=1))
    began_at = NOW - timedelta(minutes=2)
    assert judge_news(scheduled, newsletter, NOW, began_at) is NewsVerdict.NEWS
