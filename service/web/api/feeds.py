"""Feeds: what is published, how fresh it is, who reads it, and what keeps it from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import Query
from pydantic import Field

from service.feeds.paths import file_url
from service.model.feed import FeedFormat, FeedKind
from service.publishing import FeedPress, ListedFeed, find_feed_faults, list_feeds
from service.store.pings import count_pings, find_hubs
from service.store.published import PublishedRow, list_published
from service.store.stated_readers import StatedReaders, list_stated_readers
from service.web.api.api import Api
from service.web.api.fields import Cursor, Limit, Moment, Page, Shown
from service.web.desk.feed_view import find_size

_MOST_LEFT_OUT = 100


class ShownFeedFile(Shown):
    """One file of a feed; `bytes` is null where it is not on the disk."""

    format: FeedFormat
    url: str
    bytes: int | None
    changed_at: Moment | None


class FeedAggregator(Shown):
    """How many an aggregator says it reads for."""

    aggregator: str
    readers: int
    stated_at: Moment


class ShownFeed(Shown):
    """A feed with so many entries; `readers` is what aggregators state, all together."""

    kind: FeedKind
    name: str
    path: str
    entries: int
    newest_at: Moment | None
    readers: int
    aggregators: list[FeedAggregator]
    files: list[ShownFeedFile]


class StrangeName(Shown):
    """A name in a feed's conditions that no post has; `near` is one that may be meant, or ""."""

    kind: FeedKind
    name: str
    near: str


class EmptyCustomFeed(Shown):
    """A feed that no post belongs to; without `strange` names no post meets all conditions."""

    path: str
    strange: list[StrangeName]


class UnmatchedName(Shown):
    """A name under `key` of a newsletter's configuration that no post has."""

    newsletter: str = Field(validation_alias="newsletter_id")
    key: str
    name: str


class LeftOutPost(Shown):
    """A post that no feed shows: `served`, a newer one, has its address or its id."""

    post: int
    path: str
    served: int
    served_path: str


class FeedRemarks(Shown):
    """What keeps feeds from being read as they should; all empty: nothing does.

    Without `is_https` some readers refuse them; `is_published`: feeds were written at least once.
    """

    is_https: bool
    is_published: bool
    empty: list[EmptyCustomFeed]
    unmatched: list[UnmatchedName]
    left_out: list[LeftOutPost]


class ShownHub(Shown):
    """A hub, how it takes pings, and how many wait for it; `failures` are those in a row."""

    hub: str
    waiting: int
    taken_at: Moment | None
    failures: int
    failing_since_at: Moment | None
    failure: str
    not_before: Moment | None


class Feeds:
    """The addresses /feeds and /hubs."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._press = api.works.feeds
        api.show("/feeds", self.list_feeds)
        api.show("/feeds/remarks", self.show_remarks)
        api.show("/hubs", self.list_hubs)

    def list_feeds(
        self,
        kind: Annotated[FeedKind | None, Query(description="Only feeds of this kind.")] = None,
        cursor: Cursor = "",
        limit: Limit = 50,
    ) -> Page[ShownFeed]:
        """Feeds by path, of one kind or all."""
        now = self._api.clock()
        with self._api.database.reading() as connection:
            listed = list_feeds(connection, self._press)
            published = list_published(connection)
            stated = list_stated_readers(connection, now)
        chosen = sorted(
            (one for one in listed if kind is None or one.key.kind is kind),
            key=lambda one: one.paths[0],
        )
        found = [one for one in chosen if one.paths[0] > cursor][: limit + 1]
        items = [_show(one, self._press, published, stated) for one in found[:limit]]
        return Page(items=items, next=items[-1].path if len(found) > limit else None)

    def show_remarks(self) -> FeedRemarks:
        """Feeds that stay empty, names that no post has, and posts that no feed shows."""
        press, newsletters = self._press, self._api.works.press.newsletters.values()
        with self._api.database.reading() as connection:
            faults = find_feed_faults(connection, press, newsletters, self._api.clock())
            is_published = bool(list_published(connection))
        return FeedRemarks(
            is_https=press.publication.service_url.startswith("https:"),
            is_published=is_published,
            empty=[
                EmptyCustomFeed(
                    path=one.feed.path,
                    strange=[StrangeName.model_validate(each) for each in one.strange],
                )
                for one in faults.empty
            ],
            unmatched=[UnmatchedName.model_validate(one) for one in faults.unmatched],
            left_out=[
                LeftOutPost(
                    post=one.post.post_id,
                    path=one.post.path,
                    served=one.served.post_id,
                    served_path=one.served.path,
                )
                for one in faults.left_out[:_MOST_LEFT_OUT]
            ],
        )

    def list_hubs(self) -> list[ShownHub]:
        """Every hub that is told when a feed changes."""
        with self._api.database.reading() as connection:
            waiting = count_pings(connection)
            found = find_hubs(connection, self._press.settings.hubs)
        return [
            ShownHub(
                hub=one.hub,
                waiting=waiting.get(one.hub, 0),
                taken_at=one.taken_at,
                failures=one.failures,
                failing_since_at=one.failing_since_at,
                failure=one.failure,
                not_before=one.not_before,
            )
            for one in found
        ]


def _show(
    feed: ListedFeed,
    press: FeedPress,
    published: Mapping[str, PublishedRow],
    stated: Sequence[StatedReaders],
) -> ShownFeed:
    theirs = [one for one in stated if one.path in feed.paths]
    return ShownFeed(
        kind=feed.key.kind,
        name=feed.key.name,
        path=feed.paths[0],
        entries=feed.entries,
        newest_at=feed.newest_at,
        readers=sum(one.readers for one in theirs),
        aggregators=[FeedAggregator.model_validate(one) for one in theirs],
        files=[
            ShownFeedFile(
                format=format_,
                url=file_url(press.publication.service_url, path),
                bytes=find_size(press.folder / path),
                changed_at=published[path].changed_at if path in published else None,
            )
            for format_, path in zip(feed.formats, feed.paths, strict=True)
        ],
    )
