"""One feed from posts to its files, and whether it has to be made at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from service.feeds.archive import list_parts
from service.feeds.compose import NO_LINKS, Links, compose_feed, find_updated_at
from service.feeds.json_feed import render_json
from service.feeds.paths import feed_path, feed_url, find_content_type, list_formats
from service.feeds.pieces import Pieces, take_apart
from service.feeds.window import select_window
from service.feeds.xml import render_atom, render_rss
from service.model.feed import Feed, FeedFile, FeedFormat, FeedKey, FeedKind, FeedSettings
from service.model.post import AnyPost, Body, Placed, Post
from service.model.publication import Publication

FEEDS_VERSION = 3
"""To be raised with any change to this room that changes bytes, so that feeds are made anew."""

Complete = Callable[[Post], Post]
"""Asked for a post with all that derives from its body."""

LoadBodies = Callable[[Sequence[int]], Mapping[int, Body]]
"""Asked for bodies by the ids of their posts."""

_RENDER: Mapping[FeedFormat, Callable[[Feed], bytes]] = {
    FeedFormat.RSS: render_rss,
    FeedFormat.ATOM: render_atom,
    FeedFormat.JSON: render_json,
}

_FRAME = 1_500
"""Bytes of an entry in Atom besides its text, about."""


def leave_whole(post: Post) -> Post:
    """The post itself, where posts are whole already."""
    return post


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
    links: Links = NO_LINKS

    @property
    def body_ids(self) -> tuple[int, ...]:
        """The ids of the posts whose bodies `render_feed` needs."""
        return tuple(post.post_id for post in self.posts if _is_full(post, self.settings))

    @property
    def is_archive(self) -> bool:
        """Whether it is a part of the site's feed, and no feed of its own."""
        return self.key.kind is FeedKind.ARCHIVE

    @property
    def stands_empty(self) -> bool:
        """Whether it is announced and nothing belongs to it."""
        return self.key.kind is FeedKind.CUSTOM and not self.posts

    @property
    def formats(self) -> tuple[FeedFormat, ...]:
        """The formats it is published in."""
        return list_formats(self.key, self.settings)

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of the files that `render_feed` makes, in its order."""
        return tuple(feed_path(self.key, each) for each in self.formats)


def plan_feed(
    key: FeedKey,
    posts: Sequence[Post],
    settings: FeedSettings,
    publication: Publication,
    links: Links = NO_LINKS,
    complete: Complete = leave_whole,
) -> FeedPlan:
    """What a feed will hold of its posts (those of `group_posts`); no body is needed for it.

    Posts may lack what derives from their bodies; `complete` is asked for those that are shown.
    """
    chosen = select_window(posts, settings, lambda post: _measure(complete(post), settings))
    return _make_plan(key, tuple(map(complete, chosen)), settings, publication, links)


def select_entries(posts: Sequence[AnyPost], settings: FeedSettings) -> tuple[AnyPost, ...]:
    """Those of a feed's posts (as of `group_posts`) that `plan_feed` lets it hold."""
    return select_window(posts, settings, lambda post: _measure(post, settings))


def plan_archive(
    posts: Sequence[Post],
    settings: FeedSettings,
    publication: Publication,
    complete: Complete = leave_whole,
) -> tuple[FeedPlan, ...]:
    """The documents of the archive that hold all posts of the site's feed, the oldest first."""
    service_url = publication.service_url
    current_url = feed_url(service_url, FeedKey(FeedKind.SITE), FeedFormat.ATOM)
    whole = tuple(map(complete, posts))
    parts = list_parts(whole, publication.zone, lambda post: _measure(post, settings) + _FRAME)
    plans: list[FeedPlan] = []
    older_url = ""
    for part in parts:
        key = FeedKey(FeedKind.ARCHIVE, part.name)
        links = Links(older_url, current_url)
        plans.append(_make_plan(key, part.posts, settings, publication, links))
        older_url = feed_url(service_url, key, FeedFormat.ATOM)
    return tuple(plans)


def render_feed(plan: FeedPlan, bodies: Mapping[int, Body]) -> tuple[FeedFile, ...]:
    """The feed in each of its formats; KeyError where a body of `plan.body_ids` is absent."""
    return render_feed_from(plan, lambda _: bodies, Pieces())


def render_feed_from(
    plan: FeedPlan,
    load_bodies: LoadBodies,
    pieces: Pieces,
    formats: Collection[FeedFormat] = tuple(FeedFormat),
) -> tuple[FeedFile, ...]:
    """The same feed out of what other feeds have in common with it, which is kept in `pieces`.

    Only the bodies of entries that are not at hand there are asked for, and of its formats only
    those among `formats` are made.
    """
    wanted = tuple(each for each in plan.formats if each in formats)
    digests = _digest_entries(plan)
    ready = dict(_find_ready(wanted, digests, pieces))
    missing = [
        post
        for post in plan.posts
        if any((each, digests[post.post_id]) not in ready for each in wanted)
    ]
    feed = _compose_rest(plan, missing, load_bodies)
    files: list[FeedFile] = []
    for each in wanted:
        content = _RENDER[each](feed)
        if plan.posts:
            parts = take_apart(content, each)
            for post, entry in zip(missing, parts.entries, strict=False):
                ready[each, digests[post.post_id]] = entry
                if not plan.is_archive:
                    pieces.keep(each, digests[post.post_id], entry)
            content = parts.join(ready[each, digests[post.post_id]] for post in plan.posts)
        files.append(FeedFile(feed_path(plan.key, each), _find_type(each, plan), content))
    return tuple(files)


def _find_ready(
    formats: Iterable[FeedFormat], digests: Mapping[int, str], pieces: Pieces
) -> Iterator[tuple[tuple[FeedFormat, str], bytes]]:
    for digest in digests.values():
        for each in formats:
            if entry := pieces.find(each, digest):
                yield (each, digest), entry


def _compose_rest(plan: FeedPlan, missing: Sequence[Post], load_bodies: LoadBodies) -> Feed:
    """The feed with only those entries that are missing; with any one when none is.

    Its frame is that of the whole feed, which without an entry would be another.
    """
    wanted = set(plan.body_ids)
    ids = [post.post_id for post in missing if post.post_id in wanted]
    bodies = load_bodies(ids) if ids else {}
    chosen = missing or plan.posts[:1]
    pairs = [
        (post, bodies[post.post_id] if missing and post.post_id in wanted else None)
        for post in chosen
    ]
    feed = compose_feed(plan.key, pairs, plan.publication, plan.settings, plan.links)
    return replace(feed, updated_at=find_updated_at(plan.posts))


def _find_type(format: FeedFormat, plan: FeedPlan) -> str:  # noqa: A002
    return find_content_type(format, plan.settings)


def _digest_entries(plan: FeedPlan) -> dict[int, str]:
    """The sha256 of all that each entry's bytes derive from, in whichever feed it is."""
    language = plan.key.name if plan.key.kind is FeedKind.LANGUAGE else ""
    common = [FEEDS_VERSION, language, asdict(plan.publication)]
    return {
        post.post_id: _digest(
            [*common, _list_sources(post, with_body=_is_full(post, plan.settings))]
        )
        for post in plan.posts
    }


def _is_full(post: Placed, settings: FeedSettings) -> bool:
    return settings.content != "summary" and post.is_full


def _measure(post: Placed, settings: FeedSettings) -> int:
    summary = len(post.summary.encode("utf-8", "replace"))
    return summary + post.html_size if _is_full(post, settings) else summary


def _make_plan(
    key: FeedKey,
    posts: tuple[Post, ...],
    settings: FeedSettings,
    publication: Publication,
    links: Links,
) -> FeedPlan:
    sources = [
        FEEDS_VERSION,
        [key.kind, key.name],
        [settings.content, settings.hubs, settings.has_pages, settings.has_stylesheet],
        list_formats(key, settings),
        [asdict(one) for one in settings.custom if one.key == key],
        asdict(links),
        asdict(publication),
        [_list_sources(post, with_body=_is_full(post, settings)) for post in posts],
    ]
    return FeedPlan(key, posts, settings, publication, _digest(sources), links)


def _digest(sources: list[Any]) -> str:
    written = json.dumps(sources, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return hashlib.sha256(written).hexdigest()


def _list_sources(post: Post, *, with_body: bool) -> list[Any]:
    image = post.image
    # Field by field: asdict would take most of the time of a pass in which nothing changed.
    return [
        post.uid,
        post.title,
        post.url,
        post.published_at.isoformat(),
        post.updated_at.isoformat(),
        post.summary,
        post.language,
        [(author.name, author.url) for author in post.authors],
        post.categories,
        post.tags,
        (image.url, image.type, image.length, image.width, image.height) if image else None,
        [(one.url, one.type, one.length) for one in post.enclosures],
        post.body_digest if with_body else None,
    ]
