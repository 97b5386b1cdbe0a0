"""The road from Posts to published feeds."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from service.feeds.build import FeedPlan, plan_feed, render_feed
from service.feeds.files import remove_file, write_file
from service.feeds.listing import group_posts, list_feed_keys
from service.feeds.paths import page_path
from service.model.feed import FeedFile, FeedKey, FeedKind, FeedSettings, PublishedFile
from service.model.post import Post, Verdict
from service.model.publication import Publication
from service.store.database import Database
from service.store.installation import raise_published_version
from service.store.posts import list_feed_posts, load_bodies
from service.store.published import (
    PublishedRow,
    forget_published,
    list_published,
    record_published,
)

log = structlog.get_logger(__name__)

Progress = Callable[[int, int], None]
"""Told how many of how many feeds were looked at."""


@dataclass(frozen=True, slots=True)
class FeedPress:
    """What feeds are made of and where they go; `shows_future` as the site does it."""

    publication: Publication
    settings: FeedSettings
    folder: Path
    shows_future: bool


@dataclass(frozen=True, slots=True)
class PublishReport:
    """What one pass made: feeds looked at, feeds rendered, files written, files removed."""

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
) -> PublishReport:
    """Make every feed whose sources changed, and take away those that have no posts any more.

    `astray` are files known not to lie on this disk as recorded; they are made again.
    """
    plans = plan_feeds(list_shown_posts(database, press, now), press)
    with database.reading() as connection:
        known = list_published(connection)
    wanted = {path for plan in plans.values() for path in plan.paths}
    removed = sorted(set(known) - wanted)
    for path in removed:
        remove_file(press.folder, path)
    rows: list[PublishedRow] = []
    written = rendered = 0
    for done, plan in enumerate(plans.values(), start=1):
        if _must_render(plan, known, press.folder, astray):
            made = _render(database, plan)
            written += sum(write_file(press.folder, file) for file in made)
            rows += [_compose_row(file, plan, known, now) for file in made]
            rendered += 1
        if on_progress is not None:
            on_progress(done, len(plans))
    _record(database, rows, removed)
    return PublishReport(len(plans), rendered, written, len(removed))


def list_shown_posts(database: Database, press: FeedPress, now: datetime) -> list[Post]:
    """Posts that feeds show at `now`, newest first."""
    with database.reading() as connection:
        posts = list_feed_posts(connection)
    return [
        post
        for post in posts
        if (press.shows_future or post.verdict(now) is Verdict.PUBLISHED)
        and (post.expires_at is None or post.expires_at > now)
    ]


def plan_feeds(posts: Sequence[Post], press: FeedPress) -> dict[FeedKey, FeedPlan]:
    """Every feed the posts make, with what each will hold."""
    keys = list_feed_keys(posts, press.settings.by)
    return {
        key: plan_feed(key, group, press.settings, press.publication)
        for key, group in group_posts(posts, keys).items()
    }


def list_manifest(database: Database) -> list[PublishedFile]:
    """What is published, for whoever serves it."""
    with database.reading() as connection:
        rows = list_published(connection).values()
    return [PublishedFile(r.path, r.content_type, r.digest, r.changed_at) for r in rows]


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


def _render(database: Database, plan: FeedPlan) -> tuple[FeedFile, ...]:
    with database.reading() as connection:
        bodies = load_bodies(connection, plan.body_ids)
    return render_feed(plan, bodies)


def _compose_row(
    file: FeedFile, plan: FeedPlan, known: Mapping[str, PublishedRow], now: datetime
) -> PublishedRow:
    digest = hashlib.sha256(file.content).hexdigest()
    before = known.get(file.path)
    # Only other bytes move Last-Modified: a fresh disk or a second machine must not.
    changed_at = before.changed_at if before and before.digest == digest else now
    return PublishedRow(file.path, file.content_type, digest, plan.source_digest, changed_at)


def _record(database: Database, rows: Sequence[PublishedRow], removed: Sequence[str]) -> None:
    if not rows and not removed:
        return
    with database.writing() as connection:
        forget_published(connection, removed)
        record_published(connection, rows)
        raise_published_version(connection)
    log.info("feeds published", written=len(rows), removed=len(removed))


@dataclass(frozen=True, slots=True)
class CategoryLinks:
    """Where a category's page is."""

    service_url: str

    def __call__(self, category: str) -> str:
        """The address of our page for a category; the start page for no category."""
        key = FeedKey(FeedKind.CATEGORY, category) if category else FeedKey(FeedKind.SITE)
        return self.service_url + page_path(key)
