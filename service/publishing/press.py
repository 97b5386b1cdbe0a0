"""What feeds are made of, and which there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from service.feeds.build import Complete, FeedPlan, leave_whole, plan_archive, plan_feed
from service.feeds.compose import NO_LINKS, Links
from service.feeds.custom import select_custom
from service.feeds.listing import group_posts, list_feed_keys
from service.feeds.naming import name_entries
from service.feeds.paths import feed_url, page_path
from service.feeds.pieces import Pieces
from service.model.feed import FeedFormat, FeedKey, FeedKind, FeedSettings
from service.model.post import Post, Verdict
from service.model.publication import Publication


@dataclass(frozen=True, slots=True)
class FeedPress:
    """What feeds are made of and where they go; `shows_future` as the site does it.

    `pieces` are entries it has rendered, for the feeds that have them too.
    """

    publication: Publication
    settings: FeedSettings
    folder: Path
    shows_future: bool
    pieces: Pieces = field(default_factory=Pieces, compare=False, repr=False)


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


def plan_feeds(
    posts: Sequence[Post], press: FeedPress, complete: Complete = leave_whole
) -> dict[FeedKey, FeedPlan]:
    """Every feed the posts make, with what each will hold: ours, the custom ones, the archive.

    Posts may lack what derives from their bodies; `complete` is asked for those that are shown.
    """
    settings, publication = press.settings, press.publication
    groups = group_feeds(name_entries(posts, settings.naming), settings)
    site = FeedKey(FeedKind.SITE)
    archive = (
        plan_archive(groups[site], settings, publication, complete) if settings.has_archive else ()
    )
    newest = (
        Links(feed_url(publication.service_url, archive[-1].key, FeedFormat.ATOM))
        if archive
        else NO_LINKS
    )
    whole = {site, *(one.key for one in settings.custom if not one.conditions)}

    def plan(key: FeedKey, group: Sequence[Post]) -> FeedPlan:
        links = newest if key in whole else NO_LINKS
        return plan_feed(key, group, settings, publication, links, complete)

    plans = {key: plan(key, group) for key, group in groups.items()}
    return {**plans, **{plan.key: plan for plan in archive}}


def group_feeds(posts: Sequence[Post], settings: FeedSettings) -> dict[FeedKey, tuple[Post, ...]]:
    """The posts of every feed but for archives, newest first; of ours only those with posts."""
    groups = group_posts(posts, list_feed_keys(posts, settings.by))
    return {**groups, **{one.key: select_custom(posts, one) for one in settings.custom}}


@dataclass(frozen=True, slots=True)
class CategoryLinks:
    """Where a category's page is."""

    service_url: str

    def __call__(self, category: str) -> str:
        """The address of our page for a category; the start page for no category."""
        key = FeedKey(FeedKind.CATEGORY, category) if category else FeedKey(FeedKind.SITE)
        return self.service_url + page_path(key)
