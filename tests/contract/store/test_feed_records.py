"""What lists of feeds go by: what each held when it was published, and what posts are chosen by."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from service.model.feed import FeedKey, FeedKind, PublishedFeed
from service.model.post import Author, Body
from service.store.counts import Growth, count_growth
from service.store.database import Database
from service.store.feed_posts import (
    ShownLabels,
    list_shown_labels,
    list_shown_names,
    list_shown_posts,
    list_twins,
)
from service.store.posts import insert_post
from service.store.published import list_published_feeds, record_published_feeds
from tests.fakes import world
from tests.fakes.world import NOON, describe_post

DAY = timedelta(days=1)


def test_what_feeds_hold_is_replaced_and_forgotten(database: Database) -> None:
    site = PublishedFeed(FeedKey(FeedKind.SITE), 3, NOON)
    empty = PublishedFeed(FeedKey(FeedKind.CUSTOM, "ai.xml"), 0, None)
    with database.writing() as connection:
        record_published_feeds(connection, [site, empty], [])
        record_published_feeds(connection, [replace(site, entries=4)], [])
        assert list_published_feeds(connection) == {
            site.key: replace(site, entries=4),
            empty.key: empty,
        }
        record_published_feeds(connection, [], [empty.key])
        assert list(list_published_feeds(connection)) == [site.key]


def test_only_what_feeds_show_counts(database: Database) -> None:
    shown = replace(
        describe_post(1), categories=("町",), tags=("橋", "川"), authors=(Author("アンナ"),)
    )
    twin = replace(describe_post(2), url=shown.url, categories=("町",), tags=())
    later = replace(describe_post(3), categories=("明日",), published_at=NOON + DAY)
    draft = replace(describe_post(4), categories=("下書き",), draft=True)
    over = replace(describe_post(5), categories=("昨日",), expires_at=NOON - DAY)
    with database.writing() as connection:
        for post in (shown, twin, later, draft, over):
            insert_post(connection, post, Body("", ""))
        names = list_shown_names(connection, NOON, shows_future=False)
        assert names == ({"町"}, {"橋", "川"})
        assert "明日" in list_shown_names(connection, NOON, shows_future=True)[0]
        labels = list_shown_labels(connection, NOON, shows_future=False)
        assert ShownLabels("ja", ("町",), ("橋", "川"), (Author("アンナ"),)) in labels
        assert len(labels) == 2
        posts = {one.uid: one for one in list_shown_posts(connection, NOON, shows_future=False)}
        assert posts.keys() == {shown.uid, twin.uid}
        found = posts[shown.uid]
        assert (found.url, found.published_at) == (shown.url, shown.published_at)
        assert (found.categories, found.tags) == (shown.categories, shown.tags)
        assert found.authors == shown.authors
        twins = list_twins(connection, NOON, shows_future=False)
        assert {one.path for one in twins} == {shown.path, twin.path}


def test_who_came_and_left_lately_is_counted(database: Database) -> None:
    world.add_readers(database, world.number_readers(3))
    with database.reading() as connection:
        assert count_growth(connection, NOON + timedelta(days=999)) == Growth(3, 0, 0)
        assert count_growth(connection, NOON - timedelta(days=999)) == Growth(3, 3, 0)
