from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from service.feeds.build import plan_feed, render_feed
from service.model.feed import FeedKey, FeedKind, FeedSettings
from service.model.post import Author, Body, Enclosure, Image, Post
from service.model.publication import Publication

SITE = FeedKey(FeedKind.SITE)
TAG = FeedKey(FeedKind.TAG, "生成AI")
GOLDEN = Path(__file__).parents[2] / "golden" / "feeds"
KINDS = ("rss.xml", "atom.xml", "json")


@pytest.mark.parametrize(
    ("name", "key", "content"), [("site-full", SITE, "full"), ("tag-summary", TAG, "summary")]
)
def test_the_files_are_those_that_were_looked_at(
    name: str,
    key: FeedKey,
    content: str,
    posts: tuple[Post, ...],
    bodies: dict[int, Body],
    settings: FeedSettings,
    publication: Publication,
) -> None:
    of_the_feed = posts if key is SITE else posts[:2]
    plan = plan_feed(key, of_the_feed, replace(settings, content=content), publication)
    for file, kind in zip(render_feed(plan, bodies), KINDS, strict=True):
        assert file.content.decode() == (GOLDEN / f"{name}.{kind}").read_text("utf-8")


def test_two_builds_are_equal_byte_for_byte(
    posts: tuple[Post, ...],
    bodies: dict[int, Body],
    settings: FeedSettings,
    publication: Publication,
) -> None:
    one = render_feed(plan_feed(SITE, posts, settings, publication), bodies)
    other = render_feed(plan_feed(SITE, posts[::-1], settings, publication), bodies)
    assert one == other


def test_a_post_too_long_for_any_reader_is_shown_by_its_summary(
    post: Post, publication: Publication
) -> None:
    shown_whole = replace(post, html_size=900_000, summary="要約。")
    too_long = replace(shown_whole, is_full=False)
    bodies = {post.post_id: Body("<p>本文。</p>", "本文。")}
    for shown, expected in ((shown_whole, "本文。"), (too_long, "要約。")):
        plan = plan_feed(SITE, [shown], FeedSettings(), publication)
        for file in render_feed(plan, bodies):
            assert expected in file.content.decode()
            assert ("本文。" in file.content.decode()) == (shown is shown_whole)


def test_the_plan_names_the_files_that_rendering_makes(
    posts: tuple[Post, ...],
    bodies: dict[int, Body],
    settings: FeedSettings,
    publication: Publication,
) -> None:
    plan = plan_feed(TAG, posts, settings, publication)
    files = render_feed(plan, bodies)
    assert plan.paths == tuple(file.path for file in files)
    assert [file.content_type for file in files] == [
        "application/rss+xml; charset=utf-8",
        "application/atom+xml; charset=utf-8",
        "application/feed+json; charset=utf-8",
    ]


def test_full_feeds_need_the_bodies_of_their_window_and_summaries_need_none(
    posts: tuple[Post, ...], publication: Publication
) -> None:
    cut = FeedSettings(min_items=1, min_days=0)
    assert plan_feed(SITE, posts, cut, publication).body_ids == (3,)
    summaries = FeedSettings(content="summary")
    plan = plan_feed(SITE, posts, summaries, publication)
    assert plan.body_ids == ()
    assert b"<content" not in render_feed(plan, {})[1].content


def test_a_summary_feed_is_not_cut_by_the_size_of_bodies(
    posts: tuple[Post, ...], publication: Publication
) -> None:
    heavy = [replace(post, html_size=900) for post in posts]
    narrow = FeedSettings(min_items=1, max_bytes=1000)
    assert len(plan_feed(SITE, heavy, narrow, publication).posts) == 1
    summaries = replace(narrow, content="summary")
    assert len(plan_feed(SITE, heavy, summaries, publication).posts) == 3


CHANGES: list[dict[str, Any]] = [
    {"uid": "tag:other"},
    {"title": "別の題"},
    {"url": "https://kawara.example/other/"},
    {"summary": "別の要約"},
    {"language": "en"},
    {"published_at": datetime(2025, 10, 13, 8, 1, tzinfo=UTC)},
    {"published_at": datetime(2025, 10, 12, 23, 0, tzinfo=UTC)},
    {"updated_at": datetime(2025, 10, 20, tzinfo=UTC)},
    {"authors": (Author("写楽"),)},
    {"categories": ()},
    {"tags": ("生成AI", "x")},
    {"image": Image("https://kawara.example/i.png", "image/png")},
    {"enclosures": (Enclosure("https://kawara.example/a.mp3", "audio/mpeg", 1),)},
    {"body_digest": "f" * 64},
]


@pytest.mark.parametrize("change", CHANGES, ids="+".join)
def test_whatever_changes_the_bytes_changes_the_source_digest(
    change: dict[str, Any], post: Post, publication: Publication
) -> None:
    settings = FeedSettings()
    before = plan_feed(SITE, [post], settings, publication)
    after = plan_feed(SITE, [replace(post, **change)], settings, publication)
    assert before.source_digest != after.source_digest


@pytest.mark.parametrize("field", ["title", "url", "service_url", "description", "author"])
def test_the_publication_and_the_settings_are_part_of_the_source_digest(
    field: str, post: Post, publication: Publication
) -> None:
    settings = FeedSettings()
    before = plan_feed(SITE, [post], settings, publication)
    changed: dict[str, Any] = {field: "https://changed.example"}
    renamed = replace(publication, **changed)
    assert plan_feed(SITE, [post], settings, renamed).source_digest != before.source_digest
    hubbed = replace(settings, hubs=("https://hub.example/",))
    assert plan_feed(SITE, [post], hubbed, publication).source_digest != before.source_digest
    assert plan_feed(TAG, [post], settings, publication).source_digest != before.source_digest


def test_what_readers_never_see_leaves_the_source_digest_alone(
    post: Post, publication: Publication
) -> None:
    settings = FeedSettings()
    moved = replace(
        post, path="elsewhere.md", changed_at=post.changed_at + timedelta(1), mailable=False
    )
    before = plan_feed(SITE, [post], settings, publication)
    assert plan_feed(SITE, [moved], settings, publication).source_digest == before.source_digest
    summaries = replace(settings, content="summary")
    edited = replace(post, body_digest="f" * 64)
    assert (
        plan_feed(SITE, [post], summaries, publication).source_digest
        == plan_feed(SITE, [edited], summaries, publication).source_digest
    )
