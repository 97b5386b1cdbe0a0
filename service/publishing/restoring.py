"""Published files made again on a disk that lacks them: another machine's, or a fresh one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from service.feeds.files import write_file
from service.publishing.press import FeedPress, plan_feeds
from service.publishing.recorded import list_shown_posts, render_plan
from service.store.database import Database
from service.store.published import list_published


def restore_files(
    database: Database, press: FeedPress, now: datetime, paths: Collection[str]
) -> int:
    """Make these published files again, byte for byte; how many were written.

    Records nothing, so any number of processes may do it at a time. A file whose posts have
    changed since it was published is left to whoever publishes it anew.
    """
    plans = plan_feeds(list_shown_posts(database, press, now), press)
    with database.reading() as connection:
        known = list_published(connection)
    written = 0
    for plan in plans.values():
        wanted = [path for path in plan.paths if path in paths and path in known]
        if wanted and all(known[path].source_digest == plan.source_digest for path in wanted):
            made = render_plan(database, plan, press.pieces)
            written += sum(write_file(press.folder, file) for file in made if file.path in wanted)
    return written
