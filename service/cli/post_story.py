"""Everything known of one post at one moment, gathered from all over the house."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from service.cli.post_lookup import Found
from service.editions.news import NewsVerdict, judge_news
from service.engine.works import Works
from service.model.newsletter import Newsletter
from service.model.post import Post
from service.publishing import FeedPlace, explain_absence, find_places, list_shown_posts
from service.store.news import find_became_at, find_news_numbers, find_newsletter_start
from service.store.post_history import Appearance, list_appearances
from service.store.posts import FormerPath, list_former_paths


@dataclass(frozen=True, slots=True)
class NewsletterStory:
    """What a newsletter makes of the post; `news_no` None: it has no number (yet)."""

    newsletter_id: str
    verdict: NewsVerdict
    news_no: int | None
    became_at: datetime | None
    editions: tuple[Appearance, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """A post with where it was, which newsletters have it, and which feeds.

    `absence` says why no feed shows it, if so.
    """

    post: Post
    now: datetime
    gone_at: datetime | None
    former_paths: tuple[FormerPath, ...]
    newsletters: tuple[NewsletterStory, ...]
    places: tuple[FeedPlace, ...]
    absence: str


def tell_story(connection: Connection, works: Works, found: Found, now: datetime) -> Story | None:
    """The story of the post that was found; None for a file that never was one."""
    post = found.post
    if post is None:
        return None
    shown = list_shown_posts(works.database, works.feeds, now)
    appearances = list_appearances(connection, post.post_id)
    absence = explain_absence(post, shown, works.feeds, now)
    return Story(
        post=post,
        now=now,
        gone_at=found.gone_at,
        former_paths=tuple(list_former_paths(connection, post.post_id)),
        newsletters=tuple(
            _judge(connection, post, newsletter, appearances, now)
            for newsletter in works.press.newsletters.values()
        ),
        places=tuple(find_places(post, shown, works.feeds)),
        absence="its file is gone" if found.gone_at else absence,
    )


def _judge(
    connection: Connection,
    post: Post,
    newsletter: Newsletter,
    appearances: Sequence[Appearance],
    now: datetime,
) -> NewsletterStory:
    name = newsletter.newsletter_id
    numbers: Mapping[int, int] = find_news_numbers(connection, name, [post.post_id])
    news_no = numbers.get(post.post_id)
    since_at = find_newsletter_start(connection, name)
    return NewsletterStory(
        newsletter_id=name,
        verdict=NewsVerdict.NEWS if news_no else judge_news(post, newsletter, now, since_at),
        news_no=news_no,
        became_at=find_became_at(connection, name, news_no) if news_no else None,
        editions=tuple(one for one in appearances if one.newsletter_id == name),
    )
