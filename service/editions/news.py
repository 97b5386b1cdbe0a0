"""What is news for a newsletter, and why not."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from service.model.newsletter import Newsletter
from service.model.post import Hold, Post, Verdict


class NewsVerdict(StrEnum):
    """Whether a post is news for a newsletter now, or the first reason why not."""

    NEWS = "news"
    KNOWN = "known"
    NOT_PUBLISHED = "not published"
    EXPIRED = "expired"
    FILTERED = "filtered"
    NOT_MAILABLE = "not mailable"
    HELD = "held"
    LATE = "late"
    SETTLING = "settling"


def judge_news(
    post: Post, newsletter: Newsletter, now: datetime, since_at: datetime | None = None
) -> NewsVerdict:
    """Say whether `post` is news for `newsletter` at `now`, or the first reason why not.

    What was there to read before the newsletter began (`since_at`) is known to it.
    Reasons that last come before those that pass, so that SETTLING means "nothing but time".
    A release overrides LATE and the holds of the gate and of a mass import; an editor's own
    hold is undone only by taking it away.
    """
    reasons = (
        (post.is_known or _was_there(post, since_at), NewsVerdict.KNOWN),
        (post.verdict(now) is not Verdict.PUBLISHED, NewsVerdict.NOT_PUBLISHED),
        (_has_expired(post, now), NewsVerdict.EXPIRED),
        (not matches_filter(post, newsletter), NewsVerdict.FILTERED),
        (not post.mailable, NewsVerdict.NOT_MAILABLE),
        (_is_held(post), NewsVerdict.HELD),
        (_is_late(post, newsletter), NewsVerdict.LATE),
        (now - post.changed_at < newsletter.settle_for, NewsVerdict.SETTLING),
    )
    return next((verdict for applies, verdict in reasons if applies), NewsVerdict.NEWS)


def matches_filter(post: Post, newsletter: Newsletter) -> bool:
    """Whether any category or any tag of the post is one the newsletter asks for.

    A newsletter that names neither takes every post; one that names both takes a post that
    has either. Case and Unicode form make no difference. Language is no part of the filter.
    """
    return takes_labels(newsletter, post.categories, post.tags)


def takes_labels(newsletter: Newsletter, categories: Iterable[str], tags: Iterable[str]) -> bool:
    """The same for a post of which only these are known."""
    if not newsletter.categories and not newsletter.tags:
        return True
    return bool(
        _fold_names(newsletter.categories) & _fold_names(categories)
        or _fold_names(newsletter.tags) & _fold_names(tags)
    )


def takes_topics(topics: tuple[str, ...], post: Post) -> bool:
    """Whether any category or tag of the post is one of these topics; without any, always.

    Case and Unicode form make no difference here either.
    """
    return not topics or not _fold_all(topics).isdisjoint(_fold_all(post.categories + post.tags))


def fold_name(name: str) -> str:
    """What names that differ only in case or Unicode form have in common."""
    return unicodedata.normalize("NFC", name).casefold()


@lru_cache(maxsize=4096)
def _fold_all(names: tuple[str, ...]) -> frozenset[str]:
    """A freeze asks the same of every group of readers."""
    return frozenset(map(fold_name, names))


def _fold_names(names: Iterable[str]) -> set[str]:
    return {fold_name(name) for name in names}


def _was_there(post: Post, since_at: datetime | None) -> bool:
    return since_at is not None and max(post.published_at, post.first_seen_at) < since_at


def _has_expired(post: Post, now: datetime) -> bool:
    return post.expires_at is not None and post.expires_at <= now


def _is_held(post: Post) -> bool:
    if post.hold is Hold.EDITOR:
        return True
    return post.hold is not None and post.released_at is None


def _is_late(post: Post, newsletter: Newsletter) -> bool:
    if post.released_at is not None:
        return False
    could_have_been_seen = max(post.published_at, post.seen_after_at or post.published_at)
    return post.first_seen_at > could_have_been_seen + newsletter.late_after
