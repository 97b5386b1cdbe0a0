"""Posts out of the database to published feeds, with a record of what was published."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from service.feeds.build import FeedPlan, render_feed
from service.feeds.files import remove_file, write_file
from service.model.feed import FeedFile, PublishedFile
from service.model.post import Post
from service.publishing.manifest import drop_manifest
from service.publishing.press import FeedPress, plan_feeds, select_shown
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
    if drop_manifest(press.folder):
        log.warning("feeds built without a database are replaced; their entries get other ids")
    wanted = {path for plan in plans.values() for path in plan.paths}
    removed = sorted(set(known) - wanted)
    for path in removed:
        remove_file(press.folder, path)
    rows: list[PublishedRow] = []
    written = rendered = 0
    for done, plan in enumerate(plans.values(), start=1):
        if _must_render(plan, known, press.folder, astray):
            made = render_plan(database, plan)
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
    return select_shown(posts, press, now)


def list_manifest(database: Database) -> list[PublishedFile]:
    """What is published, for whoever serves it."""
    with database.reading() as connection:
        rows = list_published(connection).values()
    return [PublishedFile(r.path, r.content_type, r.digest, r.changed_at) for r in rows]


def render_plan(database: Database, plan: FeedPlan) -> tuple[FeedFile, ...]:
    """The files of one feed."""
    with database.reading() as connection:
        bodies = load_bodies(connection, plan.body_ids)
    return render_feed(plan, bodies)


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


def _record(database: Database, rows: Sequence[PublishedRow], removed: Sequence[str]) -> None:
    if not rows and not removed:
        return
    with database.writing() as connection:
        # First, because it makes another process wait that records the same files.
        raise_published_version(connection)
        forget_published(connection, removed)
        record_published(connection, rows)
    log.info("feeds published", written=len(rows), removed=len(removed))
