"""The clock: APScheduler's only home. What is due is asked of the database every time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, JobEvent
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from service.engine.works import PassReport, Works, run_pass
from service.errors import KawarabanError
from service.scanning import ScanReport, scan_posts

log = structlog.get_logger(__name__)

_GLANCE_EVERY = 3
"""Seconds between looks at the folder: an unchanged scan costs a few milliseconds."""

_NET_EVERY = 60
"""Seconds between full passes, whatever else may have been missed."""

_JOB_DEFAULTS = {
    # The default drops a job that is a second late; how late is too late is for us to judge.
    "misfire_grace_time": None,
    "coalesce": True,
    "max_instances": 1,
}


class Clock:
    """Runs passes: at once, when the folder changes, when something falls due, every minute."""

    def __init__(self, works: Works, on_pass: Callable[[PassReport], None]) -> None:
        self._works = works
        self._on_pass = on_pass
        self._lock = threading.Lock()
        # The schedule lives in the database; a job store of its own would fire it twice.
        self._scheduler = BackgroundScheduler(timezone="UTC", job_defaults=_JOB_DEFAULTS)
        self._scheduler.add_listener(self._note, EVENT_JOB_ERROR | EVENT_JOB_MAX_INSTANCES)

    def start(self) -> None:
        """Begin with a pass, made before this returns."""
        self._pass()
        self._scheduler.add_job(self._glance, IntervalTrigger(seconds=_GLANCE_EVERY), id="glance")
        self._scheduler.add_job(self._pass, IntervalTrigger(seconds=_NET_EVERY), id="net")
        self._scheduler.start()

    def stop(self) -> None:
        """Let the pass under way end, and run no other."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def _glance(self) -> None:
        """Look at the folder, and make a pass when anything in it changed."""
        with self._lock:
            report = scan_posts(self._works.database, self._works.scan, self._works.clock())
        if report.read or report.gone:
            self._pass(report)

    def _pass(self, seen: ScanReport | None = None) -> None:
        """Make a pass; what a glance has `seen` before it is reported with it."""
        with self._lock:
            report = run_pass(self._works, self._works.clock())
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


def describe_failure(error: BaseException | None) -> str:
    """What went wrong, for the log: a database's own words may quote an address."""
    return str(error) if isinstance(error, KawarabanError) else type(error).__name__
