"""The news that a newsletter has in stock, by one moment or another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from service.delivery.news import is_still_mailable, list_becoming_news
from service.editions.news import NewsVerdict, judge_news
from service.model.edition import Candidate
from service.model.newsletter import Cadence, Newsletter
from service.model.post import Post
from service.store.audience import find_lowest_served
from service.store.news import find_mark, list_candidates, list_fresh_posts


def take_stock(connection: Connection, newsletter: Newsletter, above: int) -> Stock:
    """The news above a number, and the posts that have no number yet."""
    name = newsletter.newsletter_id
    mark = find_mark(connection, name)
    numbered = list_candidates(connection, name, above=above, through=mark)
    return Stock(connection, newsletter, mark, numbered, list_fresh_posts(connection, name))


@dataclass(frozen=True, slots=True)
class Stock:
    """News above a number, and posts that may become some: what leaves by one moment or another."""

    connection: Connection
    newsletter: Newsletter
    mark: int
    numbered: Sequence[Candidate]
    fresh: Sequence[Post]

    def list_by(self, moment: datetime) -> list[Candidate]:
        """What is news by then."""
        numbered = [one for one in self.numbered if is_still_mailable(one.post, moment)]
        coming = list_becoming_news(self.connection, self.fresh, self.newsletter, moment)
        more = (Candidate(post, self.mark + n) for n, post in enumerate(coming, start=1))
        return [*numbered, *more]

    def find_next_time(self, now: datetime) -> datetime | None:
        """Now when there is news, else when the next post is some; None when none will be."""
        if self.list_by(now):
            return now
        times = [find_news_time(post, self.newsletter, now) for post in self.fresh]
        return min((moment for moment in times if moment is not None), default=None)


def find_news_time(post: Post, newsletter: Newsletter, now: datetime) -> datetime | None:
    """When a post becomes news by time alone; None when it is already, or will not."""
    verdict = judge_news(post, newsletter, now)
    if verdict not in {NewsVerdict.SETTLING, NewsVerdict.NOT_PUBLISHED}:
        return None
    moment = max(post.published_at, post.changed_at + newsletter.settle_for)
    return moment if judge_news(post, newsletter, moment) is NewsVerdict.NEWS else None


def find_served(connection: Connection, newsletter: Newsletter, cadences: Sequence[Cadence]) -> int:
    """The lowest news number that any reader of these cadences was served through."""
    name = newsletter.newsletter_id
    lowest = [find_lowest_served(connection, name, cadence) for cadence in cadences]
    marks = [mark for mark in lowest if mark is not None]
    return min(marks, default=find_mark(connection, name))
