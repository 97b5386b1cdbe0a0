"""One feed from posts to its three files, and whether it has to be made at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from service.feeds.compose import compose_feed
from service.feeds.json_feed import render_json
from service.feeds.paths import CONTENT_TYPES, feed_path
from service.feeds.window import select_window
from service.feeds.xml import render_atom, render_rss
from service.model.feed import FeedFile, FeedFormat, FeedKey, FeedSettings
from service.model.post import Body, Post
from service.model.publication import Publication

FEEDS_VERSION = 2
"""To be raised with any change to this room that changes bytes, so that feeds are made anew."""

LONGEST_BODY = 256 * 1024
"""Bytes of HTML up to which a post is shown in full; a longer one by its summary and link."""


@dataclass(frozen=True, slots=True)
class FeedPlan:
    """A feed's posts, newest first, and `source_digest`: the sha256 of all its bytes derive from.

    Equal digests mean equal bytes, so a plan whose digest is known need not be rendered.
    """

    key: FeedKey
    posts: tuple[Post, ...]
    settings: FeedSettings
    publication: Publication
    source_digest: str

    @property
    def body_ids(self) -> tuple[int, ...]:
        """The ids of the posts whose bodies `render_feed` needs."""
        return tuple(post.post_id for post in self.posts if _is_full(post, self.settings))

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of the files that `render_feed` makes, in its order."""
        return tuple(feed_path(self.key, each) for each in FeedFormat)


def plan_feed(
    key: FeedKey, posts: Sequence[Post], settings: FeedSettings, publication: Publication
) -> FeedPlan:
    """What a feed will hold of its posts (those of `group_posts`); no body is needed for it."""
    chosen = select_window(posts, settings, lambda post: _measure(post, settings))
    return FeedPlan(
        key, chosen, settings, publication, _digest_sources(key, chosen, settings, publication)
    )


def render_feed(plan: FeedPlan, bodies: Mapping[int, Body]) -> tuple[FeedFile, FeedFile, FeedFile]:
    """The feed as RSS, Atom and JSON Feed; KeyError where a body of `plan.body_ids` is absent."""
    wanted = frozenset(plan.body_ids)
    pairs = [
        (post, bodies[post.post_id] if post.post_id in wanted else None) for post in plan.posts
    ]
    feed = compose_feed(plan.key, pairs, plan.publication, plan.settings.hubs)
    feed = replace(feed, has_pages=plan.settings.has_pages)
    return (
        _make_file(plan.key, FeedFormat.RSS, render_rss(feed)),
        _make_file(plan.key, FeedFormat.ATOM, render_atom(feed)),
        _make_file(plan.key, FeedFormat.JSON, render_json(feed)),
    )


def _is_full(post: Post, settings: FeedSettings) -> bool:
    return settings.content != "summary" and post.html_size <= LONGEST_BODY


def _measure(post: Post, settings: FeedSettings) -> int:
    summary = len(post.summary.encode("utf-8", "replace"))
    return summary + post.html_size if _is_full(post, settings) else summary


def _digest_sources(
    key: FeedKey, posts: Sequence[Post], settings: FeedSettings, publication: Publication
) -> str:
    sources = [
        FEEDS_VERSION,
        [key.kind, key.name],
        [settings.content, settings.hubs, settings.has_pages],
        asdict(publication),
        [_list_sources(post, with_body=_is_full(post, settings)) for post in posts],
    ]
    return hashlib.sha256(json.dumps(sources, default=_write_moment).encode()).hexdigest()


def _list_sources(post: Post, *, with_body: bool) -> list[Any]:
    return [
        post.uid,
        post.title,
        post.url,
        post.published_at,
        post.updated_at,
        post.summary,
        post.language,
        [asdict(author) for author in post.authors],
        post.categories,
        post.tags,
        asdict(post.image) if post.image else None,
        [asdict(enclosure) for enclosure in post.enclosures],
        post.body_digest if with_body else None,
    ]


def _write_moment(value: datetime) -> str:
    return value.isoformat()


def _make_file(key: FeedKey, format: FeedFormat, content: bytes) -> FeedFile:  # noqa: A002
    return FeedFile(feed_path(key, format), f"{CONTENT_TYPES[format]}; charset=utf-8", content)
