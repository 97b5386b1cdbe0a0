"""Whom a published file is told to, in the transaction that records it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from service.publishing import FeedPress, list_removed_paths, publish_feeds
from service.store.database import Database
from service.store.installation import find_installation
from service.store.pings import Ping, count_pings, list_due_pings
from service.store.posts import list_posts, record_gone, update_post
from tests.unit.publishing.test_publishing import LATER, NOW, database, press  # noqa: F401 (fixtures)

HUBS = ("https://a.example/", "https://b.example/hub")
URL = "https://news.kawara.example"


@pytest.fixture
def hubbed(press: FeedPress) -> FeedPress:  # noqa: F811
    return replace(press, settings=replace(press.settings, hubs=HUBS, has_archive=False))


def list_pings(database: Database) -> list[Ping]:  # noqa: F811
    with database.reading() as connection:
        return list_due_pings(connection, LATER, LATER, 1000)


def list_topics(database: Database, hub: str = HUBS[0]) -> set[str]:  # noqa: F811
    return {one.topic.removeprefix(URL) for one in list_pings(database) if one.hub == hub}


def edit(database: Database, name: str, **changes: object) -> None:  # noqa: F811
    with database.writing() as connection:
        post = next(one for one in list_posts(connection) if one.path == f"{name}.md")
        update_post(connection, replace(post, **changes), None)  # type: ignore[arg-type]


def test_a_feed_that_was_never_there_is_told_to_nobody(
    database: Database,  # noqa: F811
    hubbed: FeedPress,
) -> None:
    publish_feeds(database, hubbed, NOW)
    assert list_pings(database) == []
    edit(database, "bridge", categories=("橋", "町"))
    publish_feeds(database, hubbed, NOW)
    assert "/feed.xml" in list_topics(database)
    assert not any("%E7%94%BA" in topic for topic in list_topics(database))


def test_every_hub_is_told_of_the_feeds_whose_bytes_changed(
    database: Database,  # noqa: F811
    hubbed: FeedPress,
) -> None:
    publish_feeds(database, hubbed, NOW)
    edit(database, "bridge", title="新しい橋", updated_at=NOW)
    publish_feeds(database, hubbed, NOW, asked_at=LATER)
    names = ("feed.xml", "atom.xml", "feed.json")
    assert list_topics(database) == {f"/{name}" for name in names} | {
        f"/category/%E6%A9%8B/{name}" for name in names
    }
    assert list_topics(database, HUBS[1]) == list_topics(database)
    with database.reading() as connection:
        version = find_installation(connection).published_version
        assert count_pings(connection) == {HUBS[0]: 6, HUBS[1]: 6}
    assert {(one.published_version, one.asked_at) for one in list_pings(database)} == {
        (version, LATER)
    }


def test_a_hub_is_not_told_of_the_change_that_names_it_first(
    database: Database,  # noqa: F811
    press: FeedPress,  # noqa: F811
    hubbed: FeedPress,
) -> None:
    publish_feeds(database, press, NOW)
    report = publish_feeds(database, hubbed, NOW)
    assert report.written > 0
    assert list_pings(database) == []
    one_more = replace(hubbed.settings, hubs=(*HUBS, "https://c.example/"))
    publish_feeds(database, replace(hubbed, settings=one_more), NOW)
    assert {one.hub for one in list_pings(database)} == set(HUBS)


def test_changes_before_anybody_was_told_are_told_once(
    database: Database,  # noqa: F811
    hubbed: FeedPress,
) -> None:
    publish_feeds(database, hubbed, NOW)
    for title in ("一", "二", "三"):
        edit(database, "bridge", title=title, updated_at=NOW)
        publish_feeds(database, hubbed, NOW)
    assert len(list_pings(database)) == 12


def test_files_made_again_as_they_were_are_told_to_nobody(
    database: Database,  # noqa: F811
    hubbed: FeedPress,
) -> None:
    publish_feeds(database, hubbed, NOW)
    (hubbed.folder / "feed.xml").unlink()
    publish_feeds(database, hubbed, NOW)
    publish_feeds(database, hubbed, NOW, astray=["atom.xml"])
    assert list_pings(database) == []


def test_without_hubs_nobody_is_told(database: Database, press: FeedPress) -> None:  # noqa: F811
    publish_feeds(database, press, NOW)
    edit(database, "bridge", title="新しい橋", updated_at=NOW)
    publish_feeds(database, press, NOW)
    assert list_pings(database) == []


def test_a_feed_that_went_is_remembered_and_its_return_is_told(
    database: Database,  # noqa: F811
    hubbed: FeedPress,
) -> None:
    publish_feeds(database, hubbed, NOW)
    with database.writing() as connection:
        record_gone(connection, ["ferry.md"], NOW)
    publish_feeds(database, hubbed, NOW)
    river = {f"category/川/{name}" for name in ("feed.xml", "atom.xml", "feed.json")}
    assert list_removed_paths(database) == river
    assert not any("%E5%B7%9D" in topic for topic in list_topics(database))
    edit(database, "bridge", categories=("川",))
    publish_feeds(database, hubbed, NOW + timedelta(minutes=1))
    assert not list_removed_paths(database) & river
    assert "/category/%E5%B7%9D/feed.xml" in list_topics(database)
