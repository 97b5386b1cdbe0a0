"""The road from posts to files, on a real database and a real folder."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.feeds.files import remove_file
from service.model.feed import FeedKind, FeedSettings
from service.model.post import Body, Post
from service.model.publication import Publication
from service.publishing import FeedPress, list_manifest, publish_feeds
from service.store.database import Database
from service.store.installation import find_installation, open_installation
from service.store.posts import insert_post, list_posts, record_gone, update_post

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
PUBLICATION = Publication(
    title="瓦版",
    url="https://kawara.example",
    service_url="https://news.kawara.example",
    description="",
    language="ja",
    timezone="Asia/Tokyo",
    author="編集部",
)


def write_post(name: str, published_at: datetime, *categories: str) -> Post:
    return Post(
        post_id=0,
        uid=f"tag:kawara.example,2026:post/{name}",
        path=f"{name}.md",
        title=name,
        url=f"https://kawara.example/{name}/",
        summary=name,
        language="ja",
        published_at=published_at,
        updated_at=published_at,
        first_seen_at=published_at,
        changed_at=published_at,
        seen_after_at=None,
        is_known=True,
        categories=categories,
        html_size=11,
        body_digest=name,
    )


@pytest.fixture
def database(sqlite: Database) -> Database:
    open_installation(sqlite)
    with sqlite.writing() as connection:
        for post in (
            write_post("ferry", NOW - timedelta(days=2), "川"),
            write_post("bridge", NOW - timedelta(days=1), "橋"),
            write_post("tomorrow", NOW + timedelta(days=1), "橋"),
        ):
            insert_post(connection, post, Body("<p>本文</p>", "本文"))
    return sqlite


@pytest.fixture
def press(tmp_path: Path) -> FeedPress:
    settings = FeedSettings(by=(FeedKind.CATEGORY,))
    return FeedPress(PUBLICATION, settings, tmp_path / "public", shows_future=False)


def read(press: FeedPress, path: str) -> str:
    return (press.folder / path).read_text(encoding="utf-8")


def test_the_site_and_every_category_get_their_feeds_in_three_formats(
    database: Database, press: FeedPress
) -> None:
    report = publish_feeds(database, press, NOW)
    assert (report.feeds, report.rendered, report.written) == (3, 3, 9 + 1)
    assert "ferry" in read(press, "archive/2026-03.xml")
    assert "ferry" in read(press, "feed.xml")
    assert "ferry" not in read(press, "category/橋/atom.xml")


def test_nothing_is_made_again_while_its_sources_are_the_same(
    database: Database, press: FeedPress
) -> None:
    publish_feeds(database, press, NOW)
    before = list_manifest(database)
    report = publish_feeds(database, press, LATER)
    assert (report.rendered, report.written) == (0, 0)
    assert list_manifest(database) == before


def test_a_scheduled_post_appears_when_its_time_comes_and_not_before(
    database: Database, press: FeedPress
) -> None:
    publish_feeds(database, press, NOW)
    assert "tomorrow" not in read(press, "feed.xml")
    publish_feeds(database, press, NOW + timedelta(days=1))
    assert "tomorrow" in read(press, "feed.xml")


def test_a_site_that_shows_the_future_is_followed(database: Database, press: FeedPress) -> None:
    publish_feeds(database, replace(press, shows_future=True), NOW)
    assert "tomorrow" in read(press, "feed.xml")


def test_only_the_feeds_of_a_changed_post_are_made_again(
    database: Database, press: FeedPress
) -> None:
    publish_feeds(database, press, NOW)
    with database.writing() as connection:
        ferry = next(post for post in list_posts(connection) if post.title == "ferry")
        changed = replace(ferry, title="The ferry", updated_at=LATER)
        update_post(connection, changed, Body("<p>本文</p>", "本文"))
    report = publish_feeds(database, press, LATER)
    assert report.rendered == 2
    moved = {row.path for row in list_manifest(database) if row.changed_at == LATER}
    assert moved == {
        f"{folder}{name}"
        for folder in ("", "category/川/")
        for name in ("feed.xml", "atom.xml", "feed.json")
    } | {"archive/2026-03.xml"}


def test_a_category_without_posts_loses_its_feeds(database: Database, press: FeedPress) -> None:
    publish_feeds(database, press, NOW)
    with database.writing() as connection:
        record_gone(connection, ["ferry.md"], NOW)
    report = publish_feeds(database, press, LATER)
    assert report.removed == 3
    assert not (press.folder / "category/川/feed.xml").exists()
    assert "ferry" not in read(press, "feed.xml")


def test_a_file_lost_from_the_disk_comes_back_as_it_was_and_as_old(
    database: Database, press: FeedPress
) -> None:
    publish_feeds(database, press, NOW)
    before, manifest = read(press, "feed.xml"), list_manifest(database)
    remove_file(press.folder, "feed.xml")
    assert publish_feeds(database, press, LATER).written == 1
    assert read(press, "feed.xml") == before
    assert list_manifest(database) == manifest


def test_readers_of_the_manifest_are_told_that_something_changed(
    database: Database, press: FeedPress
) -> None:
    publish_feeds(database, press, NOW)
    publish_feeds(database, press, LATER)
    with database.reading() as connection:
        assert find_installation(connection).published_version == 1
