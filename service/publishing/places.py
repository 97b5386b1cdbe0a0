"""In which feeds a post is, and why it is not in others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from service.feeds.build import plan_feed
from service.feeds.paths import feed_path
from service.model.feed import FeedFormat, FeedKey
from service.model.post import Post, Verdict
from service.publishing.press import FeedPress, group_feeds
from service.publishing.stateless import find_left_out


@dataclass(frozen=True, slots=True)
class FeedPlace:
    """A feed that a post belongs to; `position` counts from its newest, `window` is its length.

    A position beyond the window means that the feed does not reach back to the post. `path` is
    that of its first file.
    """

    key: FeedKey
    path: str
    position: int
    window: int

    @property
    def is_shown(self) -> bool:
        """Whether the feed reaches back to it."""
        return self.position <= self.window


def find_places(post: Post, shown: Sequence[Post], press: FeedPress) -> list[FeedPlace]:
    """The feeds that `post` belongs to among the `shown` posts; none when feeds leave it out."""
    groups = group_feeds(shown, press.settings)
    places = []
    for key, group in groups.items():
        at = next((at for at, one in enumerate(group, 1) if one.post_id == post.post_id), None)
        if at is not None:
            plan = plan_feed(key, group, press.settings, press.publication)
            path = plan.paths[0] if plan.paths else feed_path(key, FeedFormat.RSS)
            places.append(FeedPlace(key, path, at, len(plan.posts)))
    return places


def explain_absence(post: Post, shown: Sequence[Post], press: FeedPress, now: datetime) -> str:
    """Why no feed shows the post at `now`; "" when nothing keeps it out."""
    reasons = (
        (post.draft, "it is a draft"),
        (not post.in_feeds, "the file says so, or there is nothing in it to show"),
        (_is_to_come(post, press, now), "its date has not come"),
        (post.expires_at is not None and post.expires_at <= now, "it has expired"),
    )
    if reason := next((reason for applies, reason in reasons if applies), ""):
        return reason
    left_out = (one for one in find_left_out(shown) if one.post.post_id == post.post_id)
    if one := next(left_out, None):
        return f"{one.served.path} is newer and has the same address"
    return ""


def _is_to_come(post: Post, press: FeedPress, now: datetime) -> bool:
    return not press.shows_future and post.verdict(now) is Verdict.SCHEDULED
