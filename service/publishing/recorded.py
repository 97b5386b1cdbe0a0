"""Posts out of the database to published feeds, with a record of what was published."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from service.feeds.build import FeedPlan, render_feed_from
from service.feeds.files import remove_file
from service.feeds.paths import file_url
from service.feeds.pieces import Pieces
from service.feeds.writing import open_writer
from service.model.feed import FeedFile, FeedKey, PublishedFeed, PublishedFile
from service.model.post import Body, Post
from service.publishing.announcing import list_news
from service.publishing.manifest import drop_manifest
from service.publishing.press import FeedPress, plan_feeds, select_shown
from service.store.database import Database
from service.store.happenings import tell_of_published
from service.store.installation import raise_published_version
from service.store.pings import Ping, ask_pings, introduce_hubs
from service.store.posts import list_feed_posts, load_bodies
from service.store.published import (
    PublishedRow,
    list_published,
    list_published_feeds,
    list_removed,
    record_published,
    record_published_feeds,
    record_removed,
)
from service.store.shown import list_unshown, record_shown

log = structlog.get_logger(__name__)

Progress = Callable[[int, int], None]
"""Told how many of how many feeds were looked at."""


@dataclass(frozen=True, slots=True)
class PublishReport:
    """What one pass made: feeds looked at, feeds rendered, files written, files removed.

    Archives are among the files alone: they are parts of a feed.
    """

    feeds: int
    rendered: int
    written: int
    removed: int


def publish_feeds(
    database: Database,
    press: FeedPress,
    now: datetime,
    *,
    astray: Sequence[str] = (),
    on_progress: Progress | None = None,
    asked_at: datetime | None = None,
) -> PublishReport:
    """Make every feed whose sources changed, and take away those that have no posts any more.

    `astray` are files known not to lie on this disk as recorded; they are made again. Hubs are
    to be told as of `asked_at`, by the machine's clock, where `now` is another instant.
    """
    shown = list_shown_posts(database, press, now)
    plans = plan_feeds(shown, press)
    with database.reading() as connection:
        known = list_published(connection)
        held = list_published_feeds(connection)
    if drop_manifest(press.folder):
        log.warning("feeds built without a database are replaced; their entries get other ids")
    wanted = {path for plan in plans.values() for path in plan.paths}
    removed = sorted(set(known) - wanted)
    for path in removed:
        remove_file(press.folder, path)
    rows: list[PublishedRow] = []
    rendered = 0
    with open_writer(press.folder) as writer:
        for done, plan in enumerate(plans.values(), start=1):
            if _must_render(plan, known, press.folder, astray):
                made = render_plan(database, plan, press.pieces)
                for file in made:
                    writer.put(file)
                rows += [_compose_row(file, plan, known, now) for file in made]
                rendered += not plan.is_archive
                _warn_of_emptiness(plan)
            if on_progress is not None:
                on_progress(done, len(plans))
    others = [one for plan in plans.values() if held.get(plan.key) != (one := _sum_up(plan))]
    gone = [key for key in held if key not in plans]
    _record(database, press, _Change(rows, removed, others, gone, known, now, asked_at or now))
    _tell_of_new(database, shown, now)
    feeds = sum(not plan.is_archive for plan in plans.values())
    return PublishReport(feeds, rendered, writer.written, len(removed))


def list_shown_posts(database: Database, press: FeedPress, now: datetime) -> list[Post]:
    """Posts that feeds show at `now`, newest first."""
    with database.reading() as connection:
        posts = list_feed_posts(connection)
    return select_shown(posts, press, now)


def list_manifest(database: Database) -> list[PublishedFile]:
    """What is published, for whoever serves it."""
    with database.reading() as connection:
        rows = list_published(connection).values()
    return [PublishedFile(r.path, r.content_type, r.digest, r.changed_at) for r in rows]


def list_removed_paths(database: Database) -> frozenset[str]:
    """What was published once and is no more, by path below public/."""
    with database.reading() as connection:
        return list_removed(connection)


def render_plan(database: Database, plan: FeedPlan, pieces: Pieces) -> tuple[FeedFile, ...]:
    """The files of one feed."""

    def load(post_ids: Sequence[int]) -> Mapping[int, Body]:
        with database.reading() as connection:
            return load_bodies(connection, post_ids)

    return render_feed_from(plan, load, pieces)


def _tell_of_new(database: Database, shown: Sequence[Post], now: datetime) -> None:
    """Have webhooks told of posts that feeds show for the first time, each once and for all."""
    with database.reading() as connection:
        unshown = list_unshown(connection, (post.post_id for post in shown))
    if unshown:
        with database.writing() as connection:
            tell_of_published(connection, record_shown(connection, unshown, now), now)


def _warn_of_emptiness(plan: FeedPlan) -> None:
    if plan.stands_empty:
        log.warning("no post belongs to a custom feed: it is published empty", path=plan.key.name)


def _must_render(
    plan: FeedPlan, known: Mapping[str, PublishedRow], folder: Path, astray: Sequence[str]
) -> bool:
    for path in plan.paths:
        row = known.get(path)
        if row is None or row.source_digest != plan.source_digest or path in astray:
            return True
        if not (folder / path).is_file():
            return True
    return False


def _compose_row(
    file: FeedFile, plan: FeedPlan, known: Mapping[str, PublishedRow], now: datetime
) -> PublishedRow:
    digest = hashlib.sha256(file.content).hexdigest()
    before = known.get(file.path)
    # Only other bytes move Last-Modified: a fresh disk or a second machine must not.
    changed_at = before.changed_at if before and before.digest == digest else now
    return PublishedRow(file.path, file.content_type, digest, plan.source_digest, changed_at)


def _sum_up(plan: FeedPlan) -> PublishedFeed:
    newest_at = max((post.published_at for post in plan.posts), default=None)
    return PublishedFeed(plan.key, len(plan.posts), newest_at)


@dataclass(frozen=True, slots=True)
class _Change:
    """What one pass has to record: new rows, paths that left, and what was `known` before it.

    `feeds` are those that hold something else than before, `gone` those that are none any more.
    """

    rows: Sequence[PublishedRow]
    removed: Sequence[str]
    feeds: Sequence[PublishedFeed]
    gone: Sequence[FeedKey]
    known: Mapping[str, PublishedRow]
    now: datetime
    asked_at: datetime


def _record(database: Database, press: FeedPress, change: _Change) -> None:
    """Record files that are on disk already, and in the same transaction whom to tell of them."""
    if not (change.rows or change.removed or change.feeds or change.gone):
        return
    with database.writing() as connection:
        # First, because it makes another process wait that records the same files.
        version = raise_published_version(connection)
        once = list_removed(connection)
        record_removed(connection, change.removed, change.now)
        record_published(connection, change.rows)
        record_published_feeds(connection, change.feeds, change.gone)
        # A hub that no feed has named until now has nobody yet who wants to know.
        hubs = introduce_hubs(connection, press.settings.hubs)
        pings = [
            Ping(hub, file_url(press.publication.service_url, path), version, change.asked_at)
            for path in list_news(change.rows, change.known, once)
            for hub in hubs
        ]
        ask_pings(connection, pings)
    log.info(
        "feeds published",
        written=len(change.rows),
        removed=len(change.removed),
        pings=len(pings),
    )
