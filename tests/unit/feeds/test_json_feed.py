from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from service.feeds.compose import compose_feed
from service.feeds.json_feed import render_json
from service.model.feed import FeedKey, FeedKind, FeedSettings
from service.model.post import Body, Post
from service.model.publication import Publication


@pytest.fixture
def document(
    posts: tuple[Post, ...], bodies: dict[int, Body], publication: Publication
) -> dict[str, Any]:
    pairs = [(post, bodies[post.post_id]) for post in posts]
    feed = compose_feed(FeedKey(FeedKind.TAG, "生成AI"), pairs, publication, FeedSettings())
    read: dict[str, Any] = json.loads(render_json(feed))
    return read


def test_the_feed_says_what_it_is_and_where(document: dict[str, Any]) -> None:
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    assert document["feed_url"].endswith("/tag/%E7%94%9F%E6%88%90AI/feed.json")
    assert document["home_page_url"].endswith("/tag/%E7%94%9F%E6%88%90AI/")
    assert document["authors"] == [{"name": "瓦版編集部"}]


def test_every_item_has_what_the_format_asks_for(document: dict[str, Any]) -> None:
    for item in document["items"]:
        assert isinstance(item["id"], str)
        assert ("content_html" in item) is not ("content_text" in item)
        assert item["date_published"] <= item["date_modified"] or "+" in item["date_modified"]


def test_absent_things_are_left_out_and_not_null(document: dict[str, Any]) -> None:
    assert "hubs" not in document
    plain = document["items"][0]
    assert "image" not in plain
    assert "attachments" not in plain


def test_enclosures_are_attachments_and_an_unknown_size_is_not_told(
    document: dict[str, Any],
) -> None:
    sound = "https://kawara.example/audio/cry"
    assert document["items"][2]["attachments"] == [
        {"url": f"{sound}.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 123456},
        {"url": f"{sound}.ogg", "mime_type": "audio/ogg"},
    ]


def test_categories_and_tags_are_tags_without_repetition(
    post: Post, publication: Publication
) -> None:
    doubled = replace(post, categories=("AI", "江戸"), tags=("江戸", "瓦版"))
    feed = compose_feed(FeedKey(FeedKind.SITE), [(doubled, None)], publication, FeedSettings())
    assert json.loads(render_json(feed))["items"][0]["tags"] == ["AI", "江戸", "瓦版"]


def test_a_post_shown_by_its_summary_has_it_as_text(post: Post, publication: Publication) -> None:
    feed = compose_feed(FeedKey(FeedKind.SITE), [(post, None)], publication, FeedSettings())
    assert json.loads(render_json(feed))["items"][0]["content_text"] == "最初の一枚です。"


def test_text_is_written_as_it_reads(post: Post, publication: Publication) -> None:
    feed = compose_feed(FeedKey(FeedKind.SITE), [(post, None)], publication, FeedSettings())
    assert "はじめての瓦版".encode() in render_json(feed)
