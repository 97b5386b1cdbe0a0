"""Lists of feeds: what the last publication left, and what is amiss now."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from service.model.feed import CustomFeed, FeedFormat
from service.model.newsletter import Newsletter
from service.model.post import Body
from service.publishing import FeedPress, find_feed_faults, list_feeds, plan_feeds, publish_feeds
from service.publishing.recorded import list_shown_posts
from service.store.database import Database
from service.store.posts import insert_post, record_gone
from service.store.published import list_published_feeds, record_published_feeds
from tests.unit.publishing.test_publishing import (  # noqa: F401
    LATER,
    NOW,
    database,
    press,
    write_post,
)

SEA = CustomFeed("feeds/sea.xml", FeedFormat.RSS, categories=("海",))


@pytest.fixture
def house(press: FeedPress) -> FeedPress:  # noqa: F811
    return replace(press, settings=replace(press.settings, custom=(SEA,)))


def test_feeds_are_listed_as_a_plan_would_have_them(database: Database, house: FeedPress) -> None:  # noqa: F811
    publish_feeds(database, house, NOW)
    plans = plan_feeds(list_shown_posts(database, house, NOW), house)
    with database.reading() as connection:
        listed = {one.key: one for one in list_feeds(connection, house)}
    assert listed.keys() == plans.keys()
    for key, plan in plans.items():
        one = listed[key]
        newest_at = max((post.published_at for post in plan.posts), default=None)
        assert (one.entries, one.newest_at) == (len(plan.posts), newest_at)
        assert (one.formats, one.paths) == (plan.formats, plan.paths)


def test_a_feed_that_is_gone_is_listed_no_more(database: Database, house: FeedPress) -> None:  # noqa: F811
    publish_feeds(database, house, NOW)
    with database.writing() as connection:
        record_gone(connection, ["ferry.md"], NOW)
    publish_feeds(database, house, LATER)
    plain = replace(house, settings=replace(house.settings, custom=()))
    with database.reading() as connection:
        names = {one.key.name for one in list_feeds(connection, house)}
        assert names.isdisjoint({"川"})
        assert SEA.key not in {one.key for one in list_feeds(connection, plain)}


def test_what_an_older_version_published_is_recorded_with_the_next_pass(
    database: Database,  # noqa: F811
    house: FeedPress,
) -> None:
    publish_feeds(database, house, NOW)
    with database.writing() as connection:
        before = list_published_feeds(connection)
        record_published_feeds(connection, [], before)
    assert publish_feeds(database, house, LATER).written == 0
    with database.reading() as connection:
        assert list_published_feeds(connection) == before


def test_what_is_amiss_with_feeds_is_found_among_the_posts_they_show(
    database: Database,  # noqa: F811
    house: FeedPress,
) -> None:
    twin = replace(write_post("twin", NOW - timedelta(days=3)), url="https://kawara.example/ferry/")
    with database.writing() as connection:
        insert_post(connection, twin, Body("", ""))
    publish_feeds(database, house, NOW)
    asking = Newsletter("weekly", "W", "ja", categories=("橋", "湖"))
    with database.reading() as connection:
        faults = find_feed_faults(connection, house, [asking], NOW)
    (empty,) = faults.empty
    assert (empty.feed, [one.name for one in empty.strange]) == (SEA, ["海"])
    assert [one.name for one in faults.unmatched] == ["湖"]
    assert [(one.post.path, one.served.path) for one in faults.left_out] == [
        ("twin.md", "ferry.md")
    ]
