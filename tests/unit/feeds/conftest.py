"""One small publication, half Japanese and half English, with a bit of everything in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from service.model.feed import FeedSettings
from service.model.post import Author, Body, Enclosure, Image, Post
from service.model.publication import Publication

TOKYO = timezone(timedelta(hours=9))
NEW_YORK = timezone(timedelta(hours=-5))

PUBLICATION = Publication(
    title="瓦版だより",
    url="https://kawara.example",
    service_url="https://news.kawara.example",
    description="江戸の町から、毎朝の便り。",
    language="ja",
    timezone="Asia/Tokyo",
    author="瓦版編集部",
)

SETTINGS = FeedSettings(hubs=("https://hub.example/",))

PLAIN = Post(
    post_id=1,
    uid="tag:kawara.example,2025:post/0001",
    path="_posts/2025-10-13-first.md",
    title="はじめての瓦版",
    url="https://kawara.example/2025/10/13/first/",
    summary="最初の一枚です。",
    language="ja",
    published_at=datetime(2025, 10, 13, 8, 0, tzinfo=TOKYO),
    updated_at=datetime(2025, 10, 13, 8, 0, tzinfo=TOKYO),
    first_seen_at=datetime(2025, 10, 13, tzinfo=UTC),
    changed_at=datetime(2025, 10, 13, tzinfo=UTC),
    seen_after_at=None,
    is_known=False,
    categories=("町のうわさ",),
    tags=("生成AI",),
    html_size=60,
    body_digest="1" * 64,
)

JAPANESE = replace(
    PLAIN,
    post_id=2,
    uid="tag:kawara.example,2025:post/0002",
    title="火消しの纏（まとい）と「め組」<八番>",
    url="https://kawara.example/2025/10/14/火消し/",
    summary="め組 & 町火消し、3 < 48 組の話。",
    published_at=datetime(2025, 10, 14, 20, 35, 59, tzinfo=TOKYO),
    updated_at=datetime(2025, 10, 15, 1, 2, 3, 456789, tzinfo=UTC),
    authors=(Author("葛飾 北斎", email="hokusai@kawara.example", url="https://hokusai.example"),),
    tags=("生成AI", "火事"),
    image=Image("https://kawara.example/img/matoi.png?a=1&b=2", "image/png"),
    body_digest="2" * 64,
)

ENGLISH = replace(
    PLAIN,
    post_id=3,
    uid="tag:kawara.example,2025:post/0003",
    title="News & notes: how the sheets were cried",
    url="https://kawara.example/2025/10/15/sheets/",
    summary="Two criers, one sheet.",
    language="en",
    published_at=datetime(2025, 10, 15, 6, 30, tzinfo=NEW_YORK),
    updated_at=datetime(2025, 10, 15, 6, 30, tzinfo=NEW_YORK),
    authors=(Author("Ann Crier"), Author("Bob Caller")),
    categories=("Abroad",),
    tags=("AI",),
    enclosures=(
        Enclosure("https://kawara.example/audio/cry.mp3", "audio/mpeg", 123456),
        Enclosure("https://kawara.example/audio/cry.ogg", "audio/ogg", 0),
    ),
    body_digest="3" * 64,
)

POSTS = (PLAIN, JAPANESE, ENGLISH)

BODIES = {
    1: Body(html="<p>瓦版、<strong>本日</strong>より。</p>\n", text="瓦版、本日より。"),
    2: Body(
        html='<p>纏は<a href="https://kawara.example/matoi">こちら</a>。</p>\n<p>😀 𠮷野家</p>\n',
        text="纏はこちら。😀 𠮷野家",
    ),
    3: Body(
        html="<p>Code: <code>a &lt; b &amp;&amp; ]]&gt;</code></p>\n", text="Code: a < b && ]]>"
    ),
}


@pytest.fixture
def publication() -> Publication:
    return PUBLICATION


@pytest.fixture
def settings() -> FeedSettings:
    return SETTINGS


@pytest.fixture
def posts() -> tuple[Post, ...]:
    return POSTS


@pytest.fixture
def bodies() -> dict[int, Body]:
    return BODIES


@pytest.fixture
def post() -> Post:
    return PLAIN
