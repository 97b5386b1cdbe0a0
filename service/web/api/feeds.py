"""Feeds: what is published, how large and how fresh it is, and how many read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from service.feeds.build import FeedPlan
from service.feeds.paths import file_url
from service.model.feed import FeedFormat, FeedKind
from service.publishing import FeedPress, list_shown_posts, plan_feeds
from service.store.published import PublishedRow, list_published
from service.store.stated_readers import StatedReaders, list_stated_readers
from service.web.api.api import Api
from service.web.api.fields import Cursor, Limit, Moment, Page, Shown
from service.web.desk.feed_view import find_size


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


class Feeds:
    """The address /feeds."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._press = api.works.feeds
        api.show("/feeds", self.list_feeds)

    def list_feeds(
        self, kind: FeedKind | None = None, cursor: Cursor = "", limit: Limit = 50
    ) -> Page[ShownFeed]:
        """Feeds by path, of one kind or all."""
        now = self._api.clock()
        plans = plan_feeds(list_shown_posts(self._api.database, self._press, now), self._press)
        chosen = sorted(
            (
                (plan.paths[0], plan)
                for plan in plans.values()
                if plan.paths and (kind is None or plan.key.kind is kind)
            ),
            key=lambda one: one[0],
        )
        found = [one for one in chosen if one[0] > cursor][: limit + 1]
        with self._api.database.reading() as connection:
            published = list_published(connection)
            stated = list_stated_readers(connection, now)
        items = [_show(plan, self._press, published, stated) for _, plan in found[:limit]]
        return Page(items=items, next=items[-1].path if len(found) > limit else None)


def _show(
    plan: FeedPlan,
    press: FeedPress,
    published: Mapping[str, PublishedRow],
    stated: Sequence[StatedReaders],
) -> ShownFeed:
    theirs = [one for one in stated if one.path in plan.paths]
    return ShownFeed(
        kind=plan.key.kind,
        name=plan.key.name,
        path=plan.paths[0],
        entries=len(plan.posts),
        newest_at=max((post.published_at for post in plan.posts), default=None),
        readers=sum(one.readers for one in theirs),
        aggregators=[FeedAggregator.model_validate(one) for one in theirs],
        files=[
            ShownFeedFile(
                format=format_,
                url=file_url(press.publication.service_url, path),
                bytes=find_size(press.folder / path),
                changed_at=published[path].changed_at if path in published else None,
            )
            for format_, path in zip(plan.formats, plan.paths, strict=True)
        ],
    )
