from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.feeds.window import select_window
from service.model.feed import FeedSettings
from service.model.post import Post


def spread(post: Post, hours_back: list[int]) -> list[Post]:
    return [
        replace(post, uid=f"p{number:03}", published_at=post.published_at - timedelta(hours=hours))
        for number, hours in enumerate(hours_back)
    ]


def weigh_ten(_: Post) -> int:
    return 10


def uids(posts: tuple[Post, ...]) -> list[str]:
    return [post.uid for post in posts]


def test_the_newest_post_comes_first_whatever_order_they_are_given_in(post: Post) -> None:
    chosen = select_window(spread(post, [5, 0, 9]), FeedSettings(), weigh_ten)
    assert uids(chosen) == ["p001", "p000", "p002"]


def test_posts_of_the_same_moment_are_ordered_by_uid(post: Post) -> None:
    chosen = select_window(spread(post, [0, 0, 0])[::-1], FeedSettings(), weigh_ten)
    assert uids(chosen) == ["p000", "p001", "p002"]


def test_the_same_moment_in_two_zones_is_still_ordered_by_uid(post: Post) -> None:
    elsewhere = replace(post, uid="a", published_at=post.published_at.astimezone(None))
    assert uids(select_window([post, elsewhere], FeedSettings(), weigh_ten))[0] == "a"


def test_a_quiet_site_shows_its_last_posts_however_old(post: Post) -> None:
    monthly = spread(post, [0, 700, 1400, 2100])
    chosen = select_window(monthly, FeedSettings(min_items=3), weigh_ten)
    assert uids(chosen) == ["p000", "p001", "p002"]


def test_a_busy_site_shows_its_last_days_counted_back_from_the_newest(post: Post) -> None:
    hourly = spread(post, list(range(240)))
    chosen = select_window(hourly, FeedSettings(min_items=5, min_days=2), weigh_ten)
    assert len(chosen) == 49


def test_never_more_than_max_items(post: Post) -> None:
    chosen = select_window(spread(post, [0] * 300), FeedSettings(max_items=200), weigh_ten)
    assert len(chosen) == 200


def test_what_would_pass_max_bytes_is_left_out_with_all_that_is_older(post: Post) -> None:
    posts = spread(post, [0, 1, 2, 3])
    sizes = {"p000": 10, "p001": 10, "p002": 90, "p003": 1}
    settings = FeedSettings(min_items=1, max_bytes=100)
    assert uids(select_window(posts, settings, lambda each: sizes[each.uid])) == ["p000", "p001"]


def test_min_items_wins_over_max_bytes(post: Post) -> None:
    posts = spread(post, [0, 1, 2, 3])
    assert len(select_window(posts, FeedSettings(min_items=3, max_bytes=1), weigh_ten)) == 3


def test_no_posts_make_an_empty_window() -> None:
    assert select_window([], FeedSettings(), weigh_ten) == ()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    hours=st.lists(st.integers(0, 2000), max_size=60),
    min_items=st.integers(0, 30),
    max_items=st.integers(1, 40),
    max_bytes=st.integers(0, 600),
)
def test_a_window_is_always_the_newest_so_many(
    hours: list[int], min_items: int, max_items: int, max_bytes: int, post: Post
) -> None:
    posts = spread(post, hours)
    limits = FeedSettings(min_items=min_items, max_items=max_items, max_bytes=max_bytes)
    chosen = select_window(posts, limits, weigh_ten)
    everything = sorted(posts, key=lambda each: (-each.published_at.timestamp(), each.uid))
    assert list(chosen) == everything[: len(chosen)]
    assert len(chosen) <= max_items
    assert len(chosen) >= min(min_items, max_items, len(posts))
    assert len(chosen) <= min_items or len(chosen) * 10 <= max_bytes
