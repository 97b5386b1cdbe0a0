"""News of a newsletter on its way to mail: what becomes some, what may leave, what was missed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from service.editions.news import NewsVerdict, judge_news
from service.model.edition import Candidate, Edition
from service.model.newsletter import Newsletter
from service.model.post import Post, Verdict
from service.store.arranging import list_edition_post_ids
from service.store.news import (
    find_mark,
    find_newsletter_start,
    list_candidates,
    list_news_post_ids,
)


def list_becoming_news(
    connection: Connection, posts: Sequence[Post], newsletter: Newsletter, now: datetime
) -> list[Post]:
    """Posts that are news now and have no number yet, oldest first."""
    numbered = list_news_post_ids(connection, newsletter.newsletter_id)
    since_at = find_newsletter_start(connection, newsletter.newsletter_id)
    fresh = [
        post
        for post in posts
        if post.post_id not in numbered
        and judge_news(post, newsletter, now, since_at) is NewsVerdict.NEWS
    ]
    return sorted(fresh, key=lambda post: (post.published_at, post.uid))


def list_mailable_news(
    connection: Connection,
    newsletter: Newsletter,
    above: int,
    now: datetime,
    *,
    through: int | None = None,
) -> list[Candidate]:
    """News that may still be mailed: what was held, unpublished or deleted since is left out."""
    if through is None:
        through = find_mark(connection, newsletter.newsletter_id)
    found = list_candidates(connection, newsletter.newsletter_id, above=above, through=through)
    return [candidate for candidate in found if is_still_mailable(candidate.post, now)]


def list_missed_news(
    connection: Connection,
    edition: Edition,
    candidates: Sequence[Candidate],
    *,
    above: int,
    now: datetime,
) -> list[Candidate]:
    """News above a number and before all that a scheduled edition carries.

    A delivery that failed after the draft was made moves its reader back to before the draft's
    first post: what lies between would be lost to them.
    """
    if edition.cadence is None:
        return []
    # Where everything in the draft was held since, its readers are moved to its mark all the same.
    numbers = (one.news_no or 0 for one in candidates if not one.is_added)
    first = min(numbers, default=edition.mark + 1)
    known = list_edition_post_ids(connection, edition.edition_id)
    known |= {candidate.post.post_id for candidate in candidates}
    earlier = list_candidates(connection, edition.newsletter_id, above=above, through=first - 1)
    return [
        candidate
        for candidate in earlier
        if candidate.post.post_id not in known and is_still_mailable(candidate.post, now)
    ]


def is_still_mailable(post: Post, now: datetime) -> bool:
    """Whether nothing has happened to a piece of news that keeps it out of mail."""
    has_expired = post.expires_at is not None and post.expires_at <= now
    is_published = post.verdict(now) is Verdict.PUBLISHED
    return post.mailable and post.hold is None and is_published and not has_expired
