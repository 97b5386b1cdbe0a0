"""What feeds are made of, and which there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from service.feeds.build import FeedPlan, plan_feed
from service.feeds.listing import group_posts, list_feed_keys
from service.feeds.paths import page_path
from service.model.feed import FeedKey, FeedKind, FeedSettings
from service.model.post import Post, Verdict
from service.model.publication import Publication


@dataclass(frozen=True, slots=True)
class FeedPress:
    """What feeds are made of and where they go; `shows_future` as the site does it."""

    publication: Publication
    settings: FeedSettings
    folder: Path
    shows_future: bool


def select_shown(posts: Iterable[Post], press: FeedPress, now: datetime) -> list[Post]:
    """Those of the posts that feeds show at `now`, in their order."""
    return [
        post
        for post in posts
        if post.in_feeds
        and not post.draft
        and (press.shows_future or post.verdict(now) is Verdict.PUBLISHED)
        and (post.expires_at is None or post.expires_at > now)
    ]


def plan_feeds(posts: Sequence[Post], press: FeedPress) -> dict[FeedKey, FeedPlan]:
    """Every feed the posts make, with what each will hold."""
    keys = list_feed_keys(posts, press.settings.by)
    return {
        key: plan_feed(key, group, press.settings, press.publication)
        for key, group in group_posts(posts, keys).items()
    }


@dataclass(frozen=True, slots=True)
class CategoryLinks:
    """Where a category's page is."""

    service_url: str

    def __call__(self, category: str) -> str:
        """The address of our page for a category; the start page for no category."""
        key = FeedKey(FeedKind.CATEGORY, category) if category else FeedKey(FeedKind.SITE)
        return self.service_url + page_path(key)
