"""Deliveries on many machines: procrastinate's only home.

A job is a batch id and nothing else, and it is only a wake-up: the ledger decides what leaves. So
a job that runs twice does nothing, and one that is lost is given again by whoever has the clock.
Nothing here retries a job, and no job has a lock.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta

import procrastinate
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import URL

from service.delivery.recording import Ending
from service.engine.attempts import attempt_batch
from service.engine.rounds import surviving
from service.engine.waking import wake_due
from service.engine.works import Works
from service.model.delivery import BatchState
from service.store.batches import find_batch
from service.store.buckets import find_turn
from service.store.jobs import JOBS_SCHEMA, QUEUE, TASK

_POLL_EVERY = 2.0
"""Seconds between looks for jobs whose time has come, and for those nobody told us of."""

_HEARD_OF_EVERY = 4.0
"""Seconds between a worker's signs of life."""

_AGAIN_AFTER = 1.0
"""Seconds after which a worker that lost the database tries to reach it again."""

_LONGEST_REST = timedelta(seconds=30)
"""A turn that is further away is not waited for: the batch is woken when it comes."""


class Workers:
    """Threads that send the batches they are woken for; many processes may have them."""

    def __init__(self, works: Works, threads: int = 4) -> None:
        self._works = works
        self._threads = threads
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="workers")

    def start(self) -> None:
        """Begin; jobs that wait come first."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the batches in hand and end."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        asyncio.run(self._work())

    async def _work(self) -> None:
        """Take jobs until we are stopped; a database that goes away is waited for."""
        # One thread more than deliver: it waits for the word to end.
        pool = ThreadPoolExecutor(self._threads + 1, "delivery")
        asyncio.get_running_loop().set_default_executor(pool)
        stopped = asyncio.create_task(asyncio.to_thread(self._stopping.wait))
        while not stopped.done():
            with surviving("jobs cannot be taken; trying again"):
                await self._take_jobs(stopped)
            await asyncio.wait({stopped}, timeout=_AGAIN_AFTER)

    async def _take_jobs(self, stopped: asyncio.Task[bool]) -> None:
        """Take jobs until we are stopped, or the database is lost."""
        app = procrastinate.App(connector=_connect(self._works.database.url))
        app.task(name=TASK, queue=QUEUE)(self._deliver)
        # Cancelled while it opens, the pool would leave tasks behind that never end.
        async with app.open_async():
            taking = asyncio.create_task(
                app.run_worker_async(
                    queues=[QUEUE],
                    concurrency=self._threads,
                    fetch_job_polling_interval=_POLL_EVERY,
                    update_heartbeat_interval=_HEARD_OF_EVERY,
                    delete_jobs="always",
                    install_signal_handlers=False,
                )
            )
            await asyncio.wait({taking, stopped}, return_when=asyncio.FIRST_COMPLETED)
            # Cancelled, procrastinate fetches no more and waits for what is in hand.
            taking.cancel()
            with suppress(asyncio.CancelledError):
                await taking

    def _deliver(self, batch_id: int) -> None:
        """Do one job. It never fails: what became of the batch stands in the ledger."""
        # Procrastinate would log an error itself, addresses and all.
        with surviving("a batch could not be tried", batch_id=batch_id):
            self._send(batch_id)

    def _send(self, batch_id: int) -> None:
        """Try a batch once; when its account's turn is all it waits for, right after that."""
        if self._works.obstacles:
            return
        while not self._stopping.is_set():
            now = self._works.clock()
            ending = attempt_batch(self._works, batch_id)
            if ending is Ending.REFUSED:
                # It may have been cut apart, and its parts have no jobs yet.
                wake_due(self._works)
            seconds = self._find_rest(batch_id, now) if ending is Ending.NOT_CLAIMED else None
            if seconds is None:
                return
            self._stopping.wait(seconds)

    def _find_rest(self, batch_id: int, now: datetime) -> float | None:
        """Seconds until a batch not to be had at `now` may be tried again; None: it is let go."""
        works, account = self._works, self._works.mailbag.provider.account
        with works.database.reading() as connection:
            turn_at = find_turn(connection, account, now)
            if turn_at is None or turn_at > now + _LONGEST_REST:
                return None
            batch = find_batch(connection, batch_id)
        if batch.state is not BatchState.PLANNED or batch.account != account:
            return None
        if batch.not_before is not None and batch.not_before > turn_at:
            return None
        return (turn_at - now).total_seconds()


def _connect(url: URL) -> procrastinate.PsycopgConnector:
    """Connections that find procrastinate's tables, at the database that `url` names."""
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    options = f"{conninfo_to_dict(address).get('options') or ''} -c search_path={JOBS_SCHEMA}"
    return procrastinate.PsycopgConnector(
        conninfo=make_conninfo(address, options=options.strip(), connect_timeout=10),
        min_size=1,
        max_size=4,
        timeout=10.0,
    )
