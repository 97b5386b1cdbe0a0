"""Files to published feeds without a database, as a static site's CI makes them.

Everything derives from the files: an entry's id is the `id` of its front matter or its address,
and it was updated when the file says so. Time only lets scheduled posts appear and others expire.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from service.content.posting import Sighting, compose_post
from service.errors import UsageError
from service.feeds.build import FeedPlan, render_feed
from service.feeds.files import remove_file, write_file
from service.feeds.listing import select_served
from service.feeds.paths import encode_url
from service.feeds.window import sort_newest_first
from service.model.post import Article, Body, Post
from service.publishing.manifest import read_manifest, write_manifest
from service.publishing.press import FeedPress, plan_feeds, select_shown

Progress = Callable[[int, int], None]
"""Told how many of how many feeds were made."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A post that no feed shows because `served`, a newer one, has its address or its id."""

    post: Post
    served: Post


@dataclass(frozen=True, slots=True)
class StatelessReport:
    """What one build made, and paths below public/ that it took away or had to leave.

    `kept` are files of feeds that are gone, which somebody changed since they were written.
    """

    feeds: int
    files: int
    written: int
    removed: tuple[str, ...]
    kept: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


def publish_stateless(
    articles: Sequence[Article],
    press: FeedPress,
    now: datetime,
    *,
    replaces: bool = False,
    on_progress: Progress | None = None,
) -> StatelessReport:
    """Make every feed of the articles, and take away those of an earlier build that are gone.

    Raises UsageError when something else wrote feeds into the folder, unless it `replaces` them.
    """
    posts = compose_posts(articles, now)
    shown = select_shown(posts, press, now)
    # Whoever serves the folder has our feeds and none of our pages.
    plans = plan_feeds(shown, replace(press, settings=replace(press.settings, has_pages=False)))
    wanted = [path for plan in plans.values() for path in plan.paths]
    known = read_manifest(press.folder)
    if known is None and not replaces:
        _refuse_foreign(press.folder, wanted)
    bodies = {
        post.post_id: Body(article.html, article.text)
        for post, article in zip(posts, articles, strict=True)
    }
    # Should this end half-way, the next build still knows which files are its own.
    write_manifest(press.folder, {**dict.fromkeys(wanted, ""), **(known or {})})
    digests, written = _write_feeds(plans.values(), bodies, press.folder, on_progress)
    removed, kept = _remove_gone(press.folder, known or {}, digests)
    write_manifest(press.folder, digests)
    return StatelessReport(
        feeds=len(plans),
        files=len(digests),
        written=written,
        removed=removed,
        kept=kept,
        left_out=find_left_out(shown),
    )


def compose_posts(articles: Sequence[Article], now: datetime) -> list[Post]:
    """A post for each article, in their order, as it is known by its file alone.

    `post_id` is its place, from 1; `now` is only when it was seen and gets into no feed.
    """
    sighting = Sighting(now=now, mtime_at=now, first_scan_at=now, last_scan_at=None)
    return [
        replace(compose_post(article, _name_entry(article), None, sighting, ()), post_id=number)
        for number, article in enumerate(articles, start=1)
    ]


def find_left_out(posts: Iterable[Post]) -> tuple[LeftOut, ...]:
    """Those of the posts whose address or id a newer one has, the newest first."""
    newest_first = sort_newest_first(posts)
    served = select_served(newest_first)
    of_url = {post.url: post for post in served}
    of_uid = {post.uid: post for post in served}
    chosen = {post.post_id for post in served}
    return tuple(
        LeftOut(post, of_url.get(post.url) or of_uid[post.uid])
        for post in newest_first
        if post.post_id not in chosen
    )


def _name_entry(article: Article) -> str:
    return article.explicit_id or encode_url(article.url)


def _refuse_foreign(folder: Path, wanted: Iterable[str]) -> None:
    found = next((path for path in wanted if (folder / path).exists()), None)
    if found is not None:
        raise UsageError(
            f"{folder / found} is there already, and no build without a database wrote it. "
            "If Kawaraban wrote it from its database, its entries have other ids, and readers "
            "would see every post anew. Choose another folder (service.public), or overwrite "
            "it with --replace"
        )


def _write_feeds(
    plans: Iterable[FeedPlan],
    bodies: Mapping[int, Body],
    folder: Path,
    on_progress: Progress | None,
) -> tuple[dict[str, str], int]:
    """Write every feed's files; their digests by path, and how many were other than before."""
    digests: dict[str, str] = {}
    written = 0
    all_plans = tuple(plans)
    for done, plan in enumerate(all_plans, start=1):
        for file in render_feed(plan, bodies):
            written += write_file(folder, file)
            digests[file.path] = hashlib.sha256(file.content).hexdigest()
        if on_progress is not None:
            on_progress(done, len(all_plans))
    return digests, written


def _remove_gone(
    folder: Path, known: Mapping[str, str], digests: Mapping[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Take away what an earlier build wrote and this one did not; paths removed, paths kept."""
    removed: list[str] = []
    kept: list[str] = []
    for path in sorted(set(known) - set(digests)):
        if _is_as_written(folder / path, known[path]):
            remove_file(folder, path)
            removed.append(path)
        elif (folder / path).exists():
            kept.append(path)
    return tuple(removed), tuple(kept)


def _is_as_written(path: Path, digest: str) -> bool:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == digest
    except OSError:
        return False
