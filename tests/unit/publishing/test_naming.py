from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import structlog

from service.model.feed import CustomFeed, FeedFormat, FeedSettings, Naming
from service.publishing import FeedPress, compose_posts, publish_feeds, publish_stateless
from service.store.database import Database
from tests.unit.publishing.test_publishing import NOW, PUBLICATION, database, press  # noqa: F401
from tests.unit.publishing.test_stateless import BRIDGE, FERRY


def read_ids(press: FeedPress) -> list[str]:  # noqa: F811
    feed = json.loads((press.folder / "feed.json").read_text(encoding="utf-8"))
    return [item["id"] for item in feed["items"]]


@pytest.mark.parametrize(
    ("naming", "wanted"),
    [
        (Naming.TAG, BRIDGE.url),
        (Naming.PERMALINK, "https://kawara.example/bridge"),
        (Naming.URL, BRIDGE.url),
    ],
)
def test_without_a_database_ids_derive_from_the_present_file(
    tmp_path: Path, naming: Naming, wanted: str
) -> None:
    press = FeedPress(PUBLICATION, FeedSettings(naming=naming), tmp_path, shows_future=False)  # noqa: F811
    named = replace(BRIDGE, site_id="https://kawara.example/bridge")
    own = replace(FERRY, explicit_id="urn:kawara:1", site_id="https://kawara.example/ferry")
    publish_stateless([named, own], press, NOW)
    assert read_ids(press) == [wanted, "urn:kawara:1"]


def test_of_posts_that_a_site_calls_the_same_the_oldest_is_called_so() -> None:
    twins = [
        replace(FERRY, path=f"{at}.md", url=f"https://kawara.example/{at}/", site_id="https://x/a",
                published_at=NOW - timedelta(days=at))
        for at in (1, 2)
    ]  # fmt: skip
    newer, older = compose_posts(twins, NOW)
    assert (newer.site_id, older.site_id) == (newer.url_id, "https://x/a")


def test_a_custom_feed_that_nothing_matches_is_published_empty_and_told(
    database: Database,  # noqa: F811
    press: FeedPress,  # noqa: F811
) -> None:
    custom = (
        CustomFeed("feeds/river.xml", FeedFormat.ATOM, categories=("川",)),
        CustomFeed("feeds/sea.xml", FeedFormat.RSS, categories=("海",)),
    )
    settings = replace(press.settings, custom=custom)
    with structlog.testing.capture_logs() as logs:
        publish_feeds(database, replace(press, settings=settings), NOW)
    assert "<entry" in (press.folder / "feeds/river.xml").read_text(encoding="utf-8")
    assert "<item" not in (press.folder / "feeds/sea.xml").read_text(encoding="utf-8")
    assert [one["path"] for one in logs if one["log_level"] == "warning"] == ["feeds/sea.xml"]
    again = replace(settings, custom=())
    report = publish_feeds(database, replace(press, settings=again), NOW)
    assert report.removed == 2


def test_ours_gives_way_to_a_custom_feed_and_comes_back_after_it(
    database: Database,  # noqa: F811
    press: FeedPress,  # noqa: F811
) -> None:
    custom = (CustomFeed("feed.xml", FeedFormat.ATOM),)
    publish_feeds(database, press, NOW)
    taken = replace(press, settings=replace(press.settings, custom=custom))
    publish_feeds(database, taken, NOW)
    written = (press.folder / "feed.xml").read_text(encoding="utf-8")
    assert 'rel="self" type="application/atom+xml"' in written
    assert 'rel="prev-archive"' in written
    publish_feeds(database, press, NOW)
    assert "<rss" in (press.folder / "feed.xml").read_text(encoding="utf-8")
