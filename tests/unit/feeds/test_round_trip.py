from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import comrak
import feedparser
import pytest
import yaml

from service.feeds.build import plan_feed, render_feed
from service.feeds.listing import group_posts, list_feed_keys
from service.model.feed import FeedKey, FeedKind, FeedSettings
from service.model.post import Author, Body, Image, Post
from service.model.publication import Publication

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "allforces"
SITE = "https://ai-media.co.jp"
FRONT_MATTER = re.compile(r"---\n(.*?)\n---\n(.*)", re.DOTALL)
RAW_HTML = comrak.RenderOptions()
RAW_HTML.unsafe_ = True


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


def test_real_posts_come_through_whole(publication: Publication) -> None:
    if not CORPUS.is_dir():
        pytest.skip("the real posts are absent (shared/corpus/allforces beside the repository)")
    posts, bodies = read_corpus()
    keys = list_feed_keys(posts)
    groups = group_posts(posts, keys)
    assert len(groups[keys[0]]) == len(posts)
    busiest = sorted(keys, key=lambda key: (-len(groups[key]), key.name))[:3]
    for key in busiest:
        plan = plan_feed(key, groups[key], FeedSettings(), publication)
        assert len(plan.posts) >= 20
        rss, atom, document = render_feed(plan, bodies)
        check_round_trip(plan.posts, rss.content, atom.content, document.content)


def read_corpus() -> tuple[list[Post], dict[int, Body]]:
    posts: list[Post] = []
    bodies: dict[int, Body] = {}
    for number, path in enumerate(sorted(CORPUS.glob("*.md"))[:100]):
        found = FRONT_MATTER.match(path.read_text("utf-8"))
        assert found is not None, path.name
        posts.append(read_post(number, path, yaml.load(found[1], yaml.CSafeLoader)))
        html = comrak.render_markdown(found[2], render_options=RAW_HTML)
        absolute = re.sub(r'((?:href|src)=")/', rf"\1{SITE}/", html)
        bodies[number] = Body(html=absolute, text="")
    return posts, bodies


def read_post(number: int, path: Path, front: dict[str, Any]) -> Post:
    moment = front["date"]
    dated = moment if isinstance(moment, datetime) else datetime.fromisoformat(str(moment))
    published_at = dated if dated.tzinfo else dated.replace(tzinfo=UTC)
    return Post(
        post_id=number,
        uid=f"tag:ai-media.co.jp,2025:post/{number:04}",
        path=path.name,
        title=str(front["title"]).strip(),
        url=f"{SITE}/{published_at:%Y/%m/%d}/{path.stem[11:]}/",
        summary=str(front.get("excerpt") or ""),
        language="ja",
        published_at=published_at,
        updated_at=published_at,
        first_seen_at=published_at,
        changed_at=published_at,
        seen_after_at=None,
        is_known=True,
        authors=(Author(front.get("author") or "ALLFORCES編集部"),),
        categories=tuple(front.get("categories") or ()),
        tags=tuple(front.get("tags") or ()),
        image=Image(SITE + front["image"], "image/png") if front.get("image") else None,
        html_size=path.stat().st_size,
        body_digest=path.name,
    )
