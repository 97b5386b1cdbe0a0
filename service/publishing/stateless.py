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
from service.feeds.build import FeedPlan, LoadBodies, render_feed_from
from service.feeds.files import remove_file
from service.feeds.listing import select_served
from service.feeds.paths import encode_url
from service.feeds.window import sort_newest_first
from service.feeds.writing import open_writer
from service.model.post import Article, Body, Post
from service.publishing.manifest import read_manifest, write_manifest
from service.publishing.press import FeedPress, plan_feeds, select_shown

Progress = Callable[[int, int], None]
"""Told how many of how many feeds were made."""

CompleteArticle = Callable[[Article], Article]
"""Asked for an article with its body, and with all that derives from it."""


def leave_whole(article: Article) -> Article:
    """The article itself, where articles are whole already."""
    return article


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A post that no feed shows because `served`, a newer one, has its address or its id."""

    post: Post
    served: Post


@dataclass(frozen=True, slots=True)
class StatelessReport:
    """What one build made, and paths below public/ that it took away or had to leave.

    `kept` are files of feeds that are gone, which somebody changed since they were written.
    `paths` are the files as they are now, `shown` the posts in them, `empty` custom feeds that no
    post belongs to.
    """

    feeds: int
    files: int
    written: int
    removed: tuple[str, ...]
    kept: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    paths: tuple[str, ...]
    shown: tuple[Post, ...]
    empty: tuple[str, ...] = ()


def publish_stateless(
    articles: Sequence[Article],
    press: FeedPress,
    now: datetime,
    *,
    replaces: bool = False,
    has_pages: bool = False,
    complete: CompleteArticle = leave_whole,
    on_progress: Progress | None = None,
) -> StatelessReport:
    """Make every feed of the articles, and take away those of an earlier build that are gone.

    Articles may lack bodies; `complete` is asked for those that feeds show. Feeds lead to pages
    of ours where the folder `has_pages`, else to the site. Raises UsageError when something else
    wrote feeds into the folder, unless it `replaces` them.
    """
    posts = compose_posts(articles, now)
    shown = select_shown(posts, press, now)
    settings = replace(press.settings, has_pages=has_pages)
    desk = Desk(articles, complete, now)
    plans = plan_feeds(shown, replace(press, settings=settings), desk.complete)
    wanted = [path for plan in plans.values() for path in plan.paths]
    known = read_manifest(press.folder)
    if known is None and not replaces:
        _refuse_foreign(press.folder, wanted)
    # Should this end half-way, the next build still knows which files are its own.
    write_manifest(press.folder, {**dict.fromkeys(wanted, ""), **(known or {})})
    digests, written = _write_feeds(plans.values(), desk.load_bodies, press, on_progress)
    removed, kept = _remove_gone(press.folder, known or {}, digests)
    write_manifest(press.folder, digests)
    return StatelessReport(
        feeds=sum(not plan.is_archive for plan in plans.values()),
        files=len(digests),
        written=written,
        removed=removed,
        kept=kept,
        left_out=find_left_out(shown),
        paths=tuple(digests),
        shown=tuple(shown),
        empty=tuple(path for plan in plans.values() if plan.stands_empty for path in plan.paths),
    )


def compose_posts(articles: Sequence[Article], now: datetime) -> list[Post]:
    """A post for each article, in their order, as it is known by its file alone.

    `post_id` is its place, from 1; `now` is only when it was seen and gets into no feed.
    """
    posts = [
        replace(_compose_post(article, now), post_id=number)
        for number, article in enumerate(articles, start=1)
    ]
    return _tell_apart(posts)


def _compose_post(article: Article, now: datetime) -> Post:
    sighting = Sighting(now=now, mtime_at=now, first_scan_at=now, last_scan_at=None)
    return compose_post(article, _name_entry(article), None, sighting, ())


class Desk:
    """Completes posts, each once, and fetches bodies: those of thousands stay out of memory."""

    def __init__(
        self, articles: Sequence[Article], complete: CompleteArticle, now: datetime
    ) -> None:
        self._articles = articles
        self._complete = complete
        self._now = now
        self._posts: dict[int, Post] = {}

    def complete(self, post: Post) -> Post:
        """The post with all that derives from its body, under the names that it has."""
        if post.post_id not in self._posts:
            whole = _compose_post(self._find_article(post.post_id), self._now)
            self._posts[post.post_id] = replace(
                whole, post_id=post.post_id, uid=post.uid, site_id=post.site_id
            )
        return self._posts[post.post_id]

    def load_bodies(self, post_ids: Iterable[int]) -> dict[int, Body]:
        """Bodies by post id."""
        found = ((post_id, self._find_article(post_id)) for post_id in post_ids)
        return {post_id: Body(article.html, article.text) for post_id, article in found}

    def _find_article(self, post_id: int) -> Article:
        return self._complete(self._articles[post_id - 1])


def _tell_apart(posts: Sequence[Post]) -> list[Post]:
    """Of posts whose site would call them the same the oldest is called so, the others by address.

    Those of one address stay as they are: feeds show one of them.
    """
    owners: dict[str, str] = {}
    for post in reversed(sort_newest_first(posts)):
        owners.setdefault(post.site_id, post.url)
    return [
        post if owners[post.site_id] == post.url else replace(post, site_id=post.url_id)
        for post in posts
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
    load_bodies: LoadBodies,
    press: FeedPress,
    on_progress: Progress | None,
) -> tuple[dict[str, str], int]:
    """Write every feed's files; their digests by path, and how many were other than before."""
    digests: dict[str, str] = {}
    all_plans = tuple(plans)
    with open_writer(press.folder) as writer:
        for done, plan in enumerate(all_plans, start=1):
            for file in render_feed_from(plan, load_bodies, press.pieces):
                writer.put(file)
                digests[file.path] = hashlib.sha256(file.content).hexdigest()
            if on_progress is not None:
                on_progress(done, len(all_plans))
    return digests, writer.written


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
