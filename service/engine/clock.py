"""The clock: APScheduler's only home. What is due is asked of the database every time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, JobEvent
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from service.engine.announcing import Announcer
from service.engine.errands import Errand
from service.engine.rounds import describe_failure
from service.engine.telling import Teller
from service.engine.watch import FolderWatch
from service.engine.works import (
    PassReport,
    Works,
    freeze_between_passes,
    run_pass,
    scan_works,
)
from service.outbound.repository import Repository
from service.scanning import ScanReport
from service.scanning.pulling import is_asked, pull_posts

log = structlog.get_logger(__name__)

_GLANCE_EVERY = 3
"""Seconds between looks at the folder: an unchanged scan costs a few milliseconds."""

_WATCHED_GLANCE_EVERY = 30
"""The same while the folder is watched: what the watch misses is found in the end."""

_ASKED_EVERY = 3
"""Seconds between looks whether a push was told to another process."""

_AGAIN_AFTER = timedelta(minutes=5)
"""When a pull that failed is tried again, unless it is due sooner."""

_ANNOUNCE_EVERY = 2
"""Seconds between looks for hubs that are to be told of something."""

_TELL_EVERY = 2
"""Seconds between looks for services that are to be told what happened."""

_FREEZE_EVERY = 2
"""Seconds between looks for editions that were let go in another process."""

_NET_EVERY = 60
"""Seconds between full passes, whatever else may have been missed."""

_JOB_DEFAULTS = {
    # The default drops a job that is a second late; how late is too late is for us to judge.
    "misfire_grace_time": None,
    "coalesce": True,
    "max_instances": 1,
}


class Clock:
    """Runs passes: at once, when the posts change, when something falls due, every minute.

    A folder is watched, but for `unwatched` folders in it; a repository is pulled.
    """

    def __init__(
        self,
        works: Works,
        on_pass: Callable[[PassReport], None],
        unwatched: Sequence[Path] = (),
    ) -> None:
        self._works = works
        self._on_pass = on_pass
        self._lock = threading.Lock()
        # The schedule lives in the database; a job store of its own would fire it twice.
        self._scheduler = BackgroundScheduler(timezone="UTC", job_defaults=_JOB_DEFAULTS)
        self._scheduler.add_listener(self._note, EVENT_JOB_ERROR | EVENT_JOB_MAX_INSTANCES)
        self._glancing = Errand(self._glance, self._scheduler.add_job)
        self._pulling = Errand(self._pull, self._scheduler.add_job)
        self._announcer = Announcer(works)
        self._announcing = Errand(self._announcer.announce, self._scheduler.add_job)
        self._teller = Teller(works)
        self._freezing = Errand(self._freeze, self._scheduler.add_job)
        self._watch = FolderWatch(works.scan.root, unwatched, self._hear, self._lose_watch)
        self._glance_every = _GLANCE_EVERY
        self._is_watch_trusted = True
        self._files = 0

    def start(self) -> None:
        """Begin with a pass, made before this returns; a repository is pulled right after it."""
        self._pass()
        if self._works.repository is None:
            self._start_watching()
        else:
            self._start_pulling(self._works.repository)
        if self._announcer.is_needed:
            often = IntervalTrigger(seconds=_ANNOUNCE_EVERY)
            self._scheduler.add_job(self._announcing.ask, often, id="announce")
        self._scheduler.add_job(
            self._teller.tell, IntervalTrigger(seconds=_TELL_EVERY), id="webhooks"
        )
        self._scheduler.add_job(
            self._freezing.ask, IntervalTrigger(seconds=_FREEZE_EVERY), id="freeze"
        )
        self._scheduler.add_job(self._pass, IntervalTrigger(seconds=_NET_EVERY), id="net")
        self._scheduler.start()
        self._works.bell.answer_by(self._freezing.ask)

    def stop(self) -> None:
        """Let the pass under way end, and run no other."""
        self._works.bell.answer_by(None)
        if self._works.repository is not None:
            self._works.repository.give_up()
        self._announcer.stop()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
        self._teller.stop()
        self._watch.stop()

    def pull_soon(self) -> None:
        """Pull the repository, if there is one; returns at once."""
        if self._works.repository is not None:
            self._pulling.ask()

    def _start_watching(self) -> None:
        every = IntervalTrigger(seconds=self._glance_every)
        self._scheduler.add_job(self._look, every, id="look")
        self._watch.start()

    def _start_pulling(self, repository: Repository) -> None:
        every = IntervalTrigger(seconds=repository.source.every_for.total_seconds())
        self._scheduler.add_job(self._pulling.ask, every, id="pull")
        self._scheduler.add_job(
            self._look_for_push, IntervalTrigger(seconds=_ASKED_EVERY), [repository], id="asked"
        )
        self._pulling.ask()

    def _look(self) -> None:
        """Glance at the folder unasked; what that finds, a watch that is relied on has missed."""
        is_relied_on = self._glance_every == _WATCHED_GLANCE_EVERY
        if self._glance() and is_relied_on:
            self._is_watch_trusted = False
            self._watch.stop()
            self._set_pace()
        self._watch.start()

    def _hear(self, has_changed: bool) -> None:
        """Take the watch's word for it; its silence only while it has missed nothing."""
        if has_changed:
            self._is_watch_trusted = True
            self._glancing.ask()
        self._set_pace(is_watched=self._is_watch_trusted)

    def _lose_watch(self) -> None:
        self._set_pace()

    def _set_pace(self, *, is_watched: bool = False) -> None:
        every = _WATCHED_GLANCE_EVERY if is_watched else _GLANCE_EVERY
        if every != self._glance_every:
            self._glance_every = every
            self._scheduler.reschedule_job("look", trigger=IntervalTrigger(seconds=every))

    def _glance(self) -> bool:
        """Look at the folder, and make a pass when anything in it changed; whether it had."""
        with self._lock:
            report = scan_works(self._works, self._works.clock())
        # A file may go and leave its post to a twin: then only their number tells.
        has_changed = bool(report.read or report.gone or report.files != self._files)
        self._files = report.files
        if has_changed:
            self._pass(report)
        return has_changed

    def _look_for_push(self, repository: Repository) -> None:
        if is_asked(self._works.database, repository):
            self._pulling.ask()

    def _pull(self) -> None:
        """Pull, and make a pass when that brought something; a failure is tried again."""
        repository = self._works.repository
        if repository is None or repository.is_given_up:
            return
        pulled = pull_posts(self._works.database, repository, self._works.clock(), self._lock)
        if pulled.has_changed:
            self._pass()
        if pulled.failure:
            again = self._works.clock() + min(repository.source.every_for, _AGAIN_AFTER)
            self._scheduler.add_job(
                self._pulling.ask, DateTrigger(run_date=again), id="again", replace_existing=True
            )

    def _freeze(self) -> None:
        """Freeze what was let go; a pass under way is not waited for, it may read for long."""
        freeze_between_passes(self._works, self._works.clock())

    def _pass(self, seen: ScanReport | None = None) -> None:
        """Make a pass; what a glance has `seen` before it is reported with it."""
        with self._lock:
            report = run_pass(self._works, self._works.clock())
            self._files = report.scan.files
        if seen is not None:
            report = replace(report, scan=report.scan.after(seen))
        self._on_pass(report)
        self._arm(report.next_due)

    def _arm(self, next_due: datetime | None) -> None:
        """Set the one alarm to the next thing due."""
        if next_due is not None:
            self._scheduler.add_job(
                self._pass, DateTrigger(run_date=next_due), id="wake", replace_existing=True
            )

    def _note(self, event: JobEvent) -> None:
        if event.code == EVENT_JOB_ERROR:
            log.error(
                "a pass of the clock failed",
                job=event.job_id,
                error=describe_failure(event.exception),
            )
        else:
            log.warning("a pass was still running when the next was due", job=event.job_id)
