"""The road from files to feeds that needs no database."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.errors import UsageError
from service.model.feed import FeedKind, FeedSettings
from service.model.post import Article
from service.publishing import MANIFEST_NAME, FeedPress, publish_feeds, publish_stateless
from service.store.database import Database
from service.store.installation import open_installation

from .test_publishing import PUBLICATION

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def write_article(name: str, published_at: datetime, *categories: str) -> Article:
    return Article(
        path=f"{name}.md",
        title=name,
        url=f"https://kawara.example/{name}/",
        published_at=published_at,
        summary=name,
        html="<p>本文</p>",
        text="本文",
        language="ja",
        categories=categories,
    )


FERRY = write_article("ferry", NOW - timedelta(days=2), "川")
BRIDGE = write_article("bridge", NOW - timedelta(days=1), "橋")
TOMORROW = write_article("tomorrow", NOW + timedelta(days=1), "橋")


@pytest.fixture
def press(tmp_path: Path) -> FeedPress:
    settings = FeedSettings(by=(FeedKind.CATEGORY,))
    return FeedPress(PUBLICATION, settings, tmp_path / "public", shows_future=False)


def read_items(press: FeedPress, path: str = "feed.json") -> list[dict[str, str]]:
    document = json.loads((press.folder / path).read_text(encoding="utf-8"))
    items: list[dict[str, str]] = document["items"]
    return items


def read_bytes(press: FeedPress) -> dict[str, bytes]:
    files = (path for path in press.folder.rglob("*") if path.is_file())
    return {str(path.relative_to(press.folder)): path.read_bytes() for path in files}


def test_an_entry_is_known_by_its_own_id_or_else_by_its_address(press: FeedPress) -> None:
    named = replace(FERRY, explicit_id="urn:kawara:1")
    foreign = replace(BRIDGE, url="https://kawara.example/橋 %E7%93%A6/")
    publish_stateless([named, foreign], press, NOW)
    assert [item["id"] for item in read_items(press)] == [
        "https://kawara.example/%E6%A9%8B%20%E7%93%A6/",
        "urn:kawara:1",
    ]


def test_an_entry_was_updated_when_the_file_says_so(press: FeedPress) -> None:
    modified = replace(FERRY, modified_at=NOW - timedelta(hours=1))
    publish_stateless([modified, BRIDGE], press, NOW)
    assert [item["date_modified"] for item in read_items(press)] == [
        "2026-03-09T12:00:00+00:00",
        "2026-03-10T11:00:00+00:00",
    ]


def test_a_feed_leads_to_the_site_where_no_page_lies_beside_it(press: FeedPress) -> None:
    publish_stateless([FERRY], press, NOW)
    feed = json.loads((press.folder / "category" / "川" / "feed.json").read_text(encoding="utf-8"))
    assert feed["home_page_url"] == "https://kawara.example/"


def test_time_changes_nothing_but_what_falls_due(press: FeedPress) -> None:
    articles = [FERRY, BRIDGE, TOMORROW]
    first = publish_stateless(articles, press, NOW)
    before = read_bytes(press)
    again = publish_stateless(articles, press, NOW + timedelta(hours=23))
    assert (first.written, again.written) == (9 + 1, 0)
    assert read_bytes(press) == before
    publish_stateless(articles, press, NOW + timedelta(days=1))
    assert [item["title"] for item in read_items(press)] == ["tomorrow", "bridge", "ferry"]


def test_of_two_posts_at_one_address_the_newer_is_served_and_the_other_reported(
    press: FeedPress,
) -> None:
    twin = replace(FERRY, path="twin.md", published_at=BRIDGE.published_at)
    report = publish_stateless([FERRY, twin], press, NOW)
    assert [(one.post.path, one.served.path) for one in report.left_out] == [
        ("ferry.md", "twin.md")
    ]
    assert len(read_items(press)) == 1


def test_feeds_that_are_gone_are_taken_away_and_what_is_not_ours_stays(press: FeedPress) -> None:
    publish_stateless([FERRY, BRIDGE], press, NOW)
    foreign = press.folder / "category" / "川" / "index.html"
    foreign.write_text("a page", encoding="utf-8")
    report = publish_stateless([BRIDGE], press, NOW)
    assert report.removed == tuple(
        f"category/川/{name}" for name in ("atom.xml", "feed.json", "feed.xml")
    )
    assert [path.name for path in foreign.parent.iterdir()] == ["index.html"]


def test_a_gone_feed_that_somebody_changed_is_kept_and_told(press: FeedPress) -> None:
    publish_stateless([FERRY, BRIDGE], press, NOW)
    changed = press.folder / "category" / "川" / "feed.xml"
    changed.write_text("mine", encoding="utf-8")
    report = publish_stateless([BRIDGE], press, NOW)
    assert report.kept == ("category/川/feed.xml",)
    assert changed.read_text(encoding="utf-8") == "mine"


def test_feeds_of_somebody_else_are_not_overwritten_unasked(press: FeedPress) -> None:
    press.folder.mkdir()
    (press.folder / "feed.xml").write_text("theirs", encoding="utf-8")
    with pytest.raises(UsageError, match="--replace"):
        publish_stateless([FERRY], press, NOW)
    assert read_bytes(press) == {"feed.xml": b"theirs"}
    publish_stateless([FERRY], press, NOW, replaces=True)
    assert publish_stateless([FERRY], press, NOW).written == 0


def test_a_list_that_is_not_ours_is_not_believed(press: FeedPress) -> None:
    press.folder.mkdir()
    (press.folder / MANIFEST_NAME).write_text('{"files": {"../x": ""}}', encoding="utf-8")
    with pytest.raises(UsageError, match="no list of ours"):
        publish_stateless([FERRY], press, NOW)


def test_a_build_that_ended_half_way_is_gone_on_with(press: FeedPress) -> None:
    publish_stateless([FERRY, BRIDGE], press, NOW)
    (press.folder / "feed.xml").unlink()
    (press.folder / "category" / "川" / "feed.xml.gz").unlink()
    assert publish_stateless([FERRY, BRIDGE], press, NOW).written == 2


def test_a_database_that_takes_over_drops_the_list(press: FeedPress, sqlite: Database) -> None:
    publish_stateless([FERRY], press, NOW)
    open_installation(sqlite)
    publish_feeds(sqlite, press, NOW)
    assert not (press.folder / MANIFEST_NAME).exists()
