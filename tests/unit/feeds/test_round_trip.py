from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import feedparser

from service.feeds.build import plan_feed, render_feed
from service.model.feed import FeedKey, FeedKind, FeedSettings
from service.model.post import Author, Body, Post
from service.model.publication import Publication


def read_moment(entry: Any, name: str) -> datetime:  # noqa: ANN401 (feedparser is untyped)
    year, month, day, hour, minute, second = entry[f"{name}_parsed"][:6]
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def check_round_trip(posts: tuple[Post, ...], rss: bytes, atom: bytes, document: bytes) -> None:
    for content in (rss, atom):
        parsed = feedparser.parse(content, sanitize_html=False, resolve_relative_uris=False)
        assert parsed.bozo == 0, parsed.get("bozo_exception")
        assert [entry.id for entry in parsed.entries] == [post.uid for post in posts]
        for post, entry in zip(posts, parsed.entries, strict=True):
            assert read_moment(entry, "published") == post.published_at.astimezone(UTC)
            assert entry.title == post.title
            assert entry.link.startswith("https://")
            assert [author["name"] for author in entry.authors] == [
                author.name for author in post.authors
            ]
            assert not re.findall(r'(?:href|src)="(?!https?:|mailto:|#)', entry.content[0].value)
    items = json.loads(document)["items"]
    assert [item["id"] for item in items] == [post.uid for post in posts]
    assert [datetime.fromisoformat(item["date_published"]) for item in items] == [
        post.published_at for post in posts
    ]


def test_a_reader_finds_what_was_put_in(
    posts: tuple[Post, ...],
    bodies: dict[int, Body],
    settings: FeedSettings,
    publication: Publication,
) -> None:
    signed = [replace(post, authors=post.authors or (Author("瓦版編集部"),)) for post in posts]
    plan = plan_feed(FeedKey(FeedKind.SITE), signed, settings, publication)
    rss, atom, document = render_feed(plan, bodies)
    check_round_trip(plan.posts, rss.content, atom.content, document.content)
