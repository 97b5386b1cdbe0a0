"""Feeds put together from entries at hand: the bytes that the renderers alone would write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from service.feeds.build import FeedPlan, plan_archive, plan_feed, render_feed_from
from service.feeds.compose import compose_feed
from service.feeds.json_feed import render_json
from service.feeds.pieces import Pieces
from service.feeds.xml import render_atom, render_rss
from service.model.feed import FeedFormat, FeedKey, FeedKind, FeedSettings
from service.model.post import Body, Post
from service.model.publication import Publication

RENDER = {
    FeedFormat.RSS: render_rss,
    FeedFormat.ATOM: render_atom,
    FeedFormat.JSON: render_json,
}
KEYS = (
    FeedKey(FeedKind.SITE),
    FeedKey(FeedKind.TAG, "生成AI"),
    FeedKey(FeedKind.LANGUAGE, "en"),
    FeedKey(FeedKind.LANGUAGE, "ar"),
)
HOSTILE = (
    "\n </entry>\n  <entry xml:lang='x'></item>\n    <item>\n",
    '\n "items": [\n  {\n   "id": 1\n  },\n  {\n  }\n ]\n}\n',
    "]]></content:encoded> &lt;entry &#60;/entry&#62; \\u003centry \u2028\ud800\x00",
)


def render_plainly(plan: FeedPlan, bodies: Mapping[int, Body]) -> list[bytes]:
    """Each format written by its renderer, with all entries, in one go."""
    pairs = [
        (post, bodies[post.post_id] if post.post_id in plan.body_ids else None)
        for post in plan.posts
    ]
    feed = compose_feed(plan.key, pairs, plan.publication, plan.settings, plan.links)
    return [RENDER[each](feed) for each in plan.formats]


def render(plan: FeedPlan, bodies: Mapping[int, Body], pieces: Pieces) -> list[bytes]:
    return [file.content for file in render_feed_from(plan, lambda _: bodies, pieces)]


def make_hostile(posts: Sequence[Post]) -> tuple[list[Post], dict[int, Body]]:
    shown = [
        replace(
            posts[0], post_id=100 + at, uid=f"urn:x:{at}", title=text, summary=text, tags=(text,)
        )
        for at, text in enumerate(HOSTILE)
    ]
    return shown, {100 + at: Body(f"<p>{text}</p>", text) for at, text in enumerate(HOSTILE)}


@pytest.mark.parametrize("content", ["full", "summary"])
def test_a_feed_from_entries_at_hand_is_the_feed_written_in_one_go(
    content: str,
    posts: tuple[Post, ...],
    bodies: dict[int, Body],
    settings: FeedSettings,
    publication: Publication,
) -> None:
    hostile, more = make_hostile(posts)
    settings = replace(settings, content=content, has_stylesheet=True)
    shown, known, pieces = [*posts, *hostile], {**bodies, **more}, Pieces()
    for some in (shown[:1], shown[1:4], shown, shown[::2], []):
        for key in (*KEYS, *KEYS):
            plan = plan_feed(key, some, settings, publication)
            assert render(plan, known, pieces) == render_plainly(plan, known)
    for plan in plan_archive(shown, settings, publication):
        assert render(plan, known, pieces) == render_plainly(plan, known)


def test_only_bodies_of_entries_that_are_not_at_hand_are_asked_for(
    posts: tuple[Post, ...],
    bodies: dict[int, Body],
    settings: FeedSettings,
    publication: Publication,
) -> None:
    asked: list[list[int]] = []

    def load(post_ids: Sequence[int]) -> dict[int, Body]:
        asked.append(list(post_ids))
        return bodies

    pieces = Pieces()
    for shown in (posts, posts[1:]):
        render_feed_from(plan_feed(KEYS[0], shown, settings, publication), load, pieces)
    edited = replace(posts[0], body_digest="2" * 64)
    again = plan_feed(KEYS[1], (edited, *posts[1:]), settings, publication)
    render_feed_from(again, load, pieces)
    assert [sorted(ids) for ids in asked] == [
        sorted(post.post_id for post in posts if post.is_full),
        [edited.post_id],
    ]


def test_what_was_not_used_for_longest_gives_way() -> None:
    pieces = Pieces(most_bytes=10)
    for digest in ("a", "b"):
        pieces.keep(FeedFormat.RSS, digest, b"12345")
    pieces.find(FeedFormat.RSS, "a")
    pieces.keep(FeedFormat.RSS, "c", b"12345")
    found = [pieces.find(FeedFormat.RSS, digest) for digest in "abc"]
    assert found == [b"12345", None, b"12345"]
