"""Waking workers on other machines: at planning, and again what was lost on the way."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import structlog
from sqlalchemy import Connection

from service.delivery.reconcile import reconcile
from service.engine.rounds import surviving
from service.engine.works import Works
from service.store.installation import find_installation
from service.store.jobs import defer_due_jobs, defer_jobs, drop_stale_jobs
from service.store.wake import Wake

log = structlog.get_logger(__name__)

_LOOK_EVERY = 2.0
"""Seconds between looks at the ledger for what is due and has no job."""


class JobWake:
    """Planning's word to the workers on every machine, and to the engine in this process.

    The jobs are rows of the planning transaction: a roll-back wakes nobody.
    """

    def __init__(self, here: Wake) -> None:
        self._here = here

    def __call__(self, connection: Connection, batch_ids: Sequence[int]) -> None:
        """Give each batch a job."""
        self._here(connection, batch_ids)
        defer_jobs(connection, batch_ids)


class Waking:
    """A thread beside the clock: wakes again what is due and settles what can be settled."""

    def __init__(self, works: Works, look_every: float = _LOOK_EVERY) -> None:
        self._works = works
        self._look_every = look_every
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="waking")

    def start(self) -> None:
        """Begin with a look at once."""
        self._thread.start()

    def stop(self) -> None:
        """Let the look under way end, and take no other."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        self._look()
        while not self._stopping.wait(self._look_every):
            self._look()

    def _look(self) -> None:
        with surviving("nothing could be woken"):
            wake_again(self._works)


def wake_again(works: Works) -> list[int]:
    """Give a job to what may leave and has none, and clear away jobs that are past; the batches.

    Claims that ran out become unknown here, and editions with nothing left are finished.
    """
    woken = wake_due(works)
    with works.database.writing() as connection:
        drop_stale_jobs(connection)
    reconcile(works.database, works.mailbag.provider, works.clock())
    return woken


def wake_due(works: Works) -> list[int]:
    """Give a job to what may leave and has none, unless nothing may; the batches."""
    if works.obstacles:
        return []
    with works.database.writing() as connection:
        if find_installation(connection).is_send_held:
            return []
        woken = defer_due_jobs(connection, works.clock(), works.mailbag.provider.account)
    if woken:
        log.info("batches woken again", batches=len(woken))
    return woken
