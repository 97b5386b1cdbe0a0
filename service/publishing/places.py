"""In which feeds a post is, and why it is not in others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from service.feeds.build import select_entries
from service.feeds.custom import select_custom
from service.feeds.listing import group_around
from service.feeds.paths import feed_path, list_formats
from service.model.feed import FeedFormat, FeedKey, FeedSettings
from service.model.post import Placed, Post, Verdict
from service.publishing.press import FeedPress
from service.publishing.stateless import LeftOut


class AbsenceReason(StrEnum):
    """Why no feed shows a post; {path} is of the one that has its address."""

    GONE = "its file is gone"
    DRAFT = "it is a draft"
    LEFT_OUT = "the file says so, or there is nothing in it to show"
    TO_COME = "its date has not come"
    EXPIRED = "it has expired"
    SAME_ADDRESS = "{path} is newer and has the same address"


@dataclass(frozen=True, slots=True)
class Absence:
    """Why no feed shows a post; `served_path` is that of a newer one with its address."""

    reason: AbsenceReason
    served_path: str = ""

    def __str__(self) -> str:
        return self.reason.value.replace("{path}", self.served_path)


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


def find_places(post: Post, shown: Sequence[Placed], settings: FeedSettings) -> list[FeedPlace]:
    """The feeds that `post` belongs to among the `shown` posts; none when feeds leave it out."""
    groups = group_around(post.post_id, shown, settings.by)
    if not groups:
        return []
    groups |= {one.key: select_custom(shown, one) for one in settings.custom}
    return list(_list_places(post.post_id, groups, settings))


def _list_places(
    post_id: int, groups: Mapping[FeedKey, Sequence[Placed]], settings: FeedSettings
) -> Iterator[FeedPlace]:
    for key, group in groups.items():
        at = next((at for at, one in enumerate(group, 1) if one.post_id == post_id), None)
        if at is not None:
            path = feed_path(key, next(iter(list_formats(key, settings)), FeedFormat.RSS))
            yield FeedPlace(key, path, at, len(select_entries(group, settings)))


def find_absence(
    post: Post, left_out: Iterable[LeftOut], press: FeedPress, now: datetime, *, is_gone: bool
) -> Absence | None:
    """Why no feed shows the post at `now`; None when nothing keeps it out.

    `left_out` are the posts whose address a newer one has.
    """
    reasons = (
        (is_gone, AbsenceReason.GONE),
        (post.draft, AbsenceReason.DRAFT),
        (not post.in_feeds, AbsenceReason.LEFT_OUT),
        (_is_to_come(post, press, now), AbsenceReason.TO_COME),
        (post.expires_at is not None and post.expires_at <= now, AbsenceReason.EXPIRED),
    )
    if reason := next((reason for applies, reason in reasons if applies), None):
        return Absence(reason)
    served = (one.served for one in left_out if one.post.post_id == post.post_id)
    newer = next(served, None)
    return Absence(AbsenceReason.SAME_ADDRESS, newer.path) if newer else None


def _is_to_come(post: Post, press: FeedPress, now: datetime) -> bool:
    return not press.shows_future and post.verdict(now) is Verdict.SCHEDULED
