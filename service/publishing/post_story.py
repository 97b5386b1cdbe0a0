"""Everything known of one post at one moment, gathered from all over the house."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from service.editions.news import NewsVerdict, judge_news
from service.model.newsletter import Newsletter
from service.model.post import Post
from service.publishing.places import Absence, FeedPlace, find_absence, find_places
from service.publishing.press import FeedPress
from service.publishing.stateless import find_left_out
from service.store.feed_posts import list_shown_posts, list_twins
from service.store.news import find_became_at, find_news_numbers, find_newsletter_start
from service.store.post_history import Appearance, find_gone_at, list_appearances
from service.store.post_paths import FormerPath, list_former_paths


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
    absence: Absence | None


def tell_story(
    connection: Connection,
    press: FeedPress,
    newsletters: Iterable[Newsletter],
    post: Post,
    now: datetime,
) -> Story:
    """The story of a post, whether its file is there or gone."""
    gone_at = find_gone_at(connection, post.post_id)
    shown = list_shown_posts(connection, now, shows_future=press.shows_future)
    left_out = find_left_out(list_twins(connection, now, shows_future=press.shows_future))
    appearances = list_appearances(connection, post.post_id)
    return Story(
        post=post,
        now=now,
        gone_at=gone_at,
        former_paths=tuple(list_former_paths(connection, post.post_id)),
        newsletters=tuple(
            _judge(connection, post, newsletter, appearances, now) for newsletter in newsletters
        ),
        places=tuple(find_places(post, shown, press.settings)),
        absence=find_absence(post, left_out, press, now, is_gone=gone_at is not None),
    )


def _judge(
    connection: Connection,
    post: Post,
    newsletter: Newsletter,
    appearances: Sequence[Appearance],
    now: datetime,
) -> NewsletterStory:
    name = newsletter.newsletter_id
    news_no = find_news_numbers(connection, name, [post.post_id]).get(post.post_id)
    since_at = find_newsletter_start(connection, name)
    return NewsletterStory(
        newsletter_id=name,
        verdict=NewsVerdict.NEWS if news_no else judge_news(post, newsletter, now, since_at),
        news_no=news_no,
        became_at=find_became_at(connection, name, news_no) if news_no else None,
        editions=tuple(one for one in appearances if one.newsletter_id == name),
    )
