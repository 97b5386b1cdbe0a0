"""How far back a feed reaches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from service.model.feed import FeedSettings
from service.model.post import AnyPost


def select_window(
    posts: Sequence[AnyPost], settings: FeedSettings, size_of: Callable[[AnyPost], int]
) -> tuple[AnyPost, ...]:
    """The posts a feed shows, newest first: enough of them, and enough days of them.

    At least `min_items`, and everything within `min_days` of the newest, never more than
    `max_items`. `size_of` counts bytes: what would pass `max_bytes` is left out with all that
    is older, but never below `min_items`.
    """
    newest_first = sort_newest_first(posts)[: settings.max_items]
    if not newest_first:
        return ()
    since = newest_first[0].published_at - timedelta(days=settings.min_days)
    recent = sum(post.published_at >= since for post in newest_first)
    wanted = newest_first[: max(recent, settings.min_items)]
    return wanted[: max(_count_fitting(wanted, settings.max_bytes, size_of), settings.min_items)]


def sort_newest_first(posts: Iterable[AnyPost]) -> tuple[AnyPost, ...]:
    """The posts by date, the newest first; those of the same moment by uid."""
    by_uid = sorted(posts, key=lambda post: post.uid)
    return tuple(sorted(by_uid, key=lambda post: post.published_at, reverse=True))


def _count_fitting(
    posts: Sequence[AnyPost], max_bytes: int, size_of: Callable[[AnyPost], int]
) -> int:
    total = 0
    for count, post in enumerate(posts):
        total += size_of(post)
        if total > max_bytes:
            return count
    return len(posts)
