"""Feeds as they were published last, and what keeps them from being read; nothing is planned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from service.editions.unmatched import Unmatched, find_unmatched
from service.feeds.custom import EmptyFeed, find_strange
from service.feeds.paths import feed_path, list_formats
from service.model.feed import FeedFormat, FeedKey, PublishedFeed
from service.model.newsletter import Newsletter
from service.publishing.press import FeedPress
from service.publishing.stateless import LeftOut, find_left_out
from service.store.feed_posts import list_shown_labels, list_shown_names, list_twins
from service.store.published import list_published_feeds


@dataclass(frozen=True, slots=True)
class ListedFeed:
    """A feed with so many entries, the newest of them, and its files: `paths` as in `formats`."""

    key: FeedKey
    entries: int
    newest_at: datetime | None
    formats: tuple[FeedFormat, ...]
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FeedFaults:
    """What is amiss: feeds that nothing matches, names that no post has, posts in no feed."""

    empty: tuple[EmptyFeed, ...]
    unmatched: tuple[Unmatched, ...]
    left_out: tuple[LeftOut, ...]


def list_feeds(connection: Connection, press: FeedPress) -> list[ListedFeed]:
    """Every feed with a file, as the last publication left it."""
    listed = (_list(one, press) for one in list_published_feeds(connection).values())
    # One that is configured no more has no format: it goes with the next publication.
    return [one for one in listed if one.paths]


def find_feed_faults(
    connection: Connection, press: FeedPress, newsletters: Iterable[Newsletter], now: datetime
) -> FeedFaults:
    """What keeps feeds from being read as they should, and newsletters wait for in vain."""
    return FeedFaults(
        empty=tuple(_find_empty(connection, press, now)),
        unmatched=tuple(_find_unmatched(connection, press, newsletters, now)),
        left_out=find_left_out(list_twins(connection, now, shows_future=press.shows_future)),
    )


def _list(one: PublishedFeed, press: FeedPress) -> ListedFeed:
    formats = list_formats(one.key, press.settings)
    paths = tuple(feed_path(one.key, each) for each in formats)
    return ListedFeed(one.key, one.entries, one.newest_at, formats, paths)


def _find_empty(connection: Connection, press: FeedPress, now: datetime) -> Sequence[EmptyFeed]:
    published: Mapping[FeedKey, PublishedFeed] = list_published_feeds(connection)
    empty = [
        one
        for one in press.settings.custom
        if one.key in published and not published[one.key].entries
    ]
    if not empty:
        return []
    labels = list_shown_labels(connection, now, shows_future=press.shows_future)
    return [EmptyFeed(one, tuple(find_strange(labels, one))) for one in empty]


def _find_unmatched(
    connection: Connection, press: FeedPress, newsletters: Iterable[Newsletter], now: datetime
) -> Sequence[Unmatched]:
    asking = [one for one in newsletters if one.categories or one.tags or one.topics]
    if not asking:
        return []
    categories, tags = list_shown_names(connection, now, shows_future=press.shows_future)
    return find_unmatched(asking, categories, tags)
