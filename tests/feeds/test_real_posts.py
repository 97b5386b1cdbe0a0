"""Real posts, where they lie beside the repository, in feeds and out of them again."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import comrak
import pytest
import yaml

from service.feeds.build import plan_feed, render_feed
from service.feeds.listing import group_posts, list_feed_keys
from service.model.feed import FeedSettings
from service.model.post import Author, Body, Image, Post
from tests.unit.feeds.conftest import PUBLICATION
from tests.unit.feeds.test_round_trip import check_round_trip

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "allforces"
SITE = "https://ai-media.co.jp"
FRONT_MATTER = re.compile(r"---\n(.*?)\n---\n(.*)", re.DOTALL)
RAW_HTML = comrak.RenderOptions()
RAW_HTML.unsafe_ = True


def test_real_posts_come_through_whole() -> None:
    if not CORPUS.is_dir():
        pytest.skip("the real posts are absent (shared/corpus/allforces beside the repository)")
    posts, bodies = read_corpus()
    keys = list_feed_keys(posts)
    groups = group_posts(posts, keys)
    assert len(groups[keys[0]]) == len(posts)
    busiest = sorted(keys, key=lambda key: (-len(groups[key]), key.name))[:3]
    for key in busiest:
        plan = plan_feed(key, groups[key], FeedSettings(), PUBLICATION)
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
