"""Deliveries inside this process: threads that wake when planning commits."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait

import structlog
from sqlalchemy import Connection, event

from service.delivery.reconcile import reconcile
from service.delivery.send import Ending, send_batch
from service.engine.works import Works
from service.errors import KawarabanError, SendHoldError
from service.store.claims import list_due_batches

log = structlog.get_logger(__name__)

_ROUND = 64
"""Batches asked of the ledger at a time."""

_IDLE_FOR = 5.0
"""Seconds between looks at the ledger when nothing wakes us: batches that waited for a time."""


class WakeUp:
    """The embedded engine's ear: planning tells it, and it wakes once that is committed."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def __call__(self, connection: Connection, batch_ids: Sequence[int]) -> None:
        """Wake the deliveries after the commit; a roll-back wakes nobody."""
        if batch_ids:
            event.listen(connection, "commit", lambda _: self._event.set(), once=True)

    def ring(self) -> None:
        """Wake at once."""
        self._event.set()

    def wait(self, seconds: float) -> None:
        """Return when woken, or after so many seconds."""
        self._event.wait(seconds)
        self._event.clear()


class Deliveries:
    """A thread that sends whatever the ledger says may leave, a few batches at a time."""

    def __init__(self, works: Works, wake_up: WakeUp, workers: int = 4) -> None:
        self._works = works
        self._wake_up = wake_up
        self._workers = workers
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="deliveries")

    def start(self) -> None:
        """Begin; batches left by an earlier process come first."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the batches in hand and end."""
        self._stopping.set()
        self._wake_up.ring()
        self._thread.join()

    def _run(self) -> None:
        with ThreadPoolExecutor(self._workers, "delivery") as pool:
            while not self._stopping.is_set():
                if not self._send_some(pool):
                    self._wake_up.wait(_IDLE_FOR)

    def _send_some(self, pool: ThreadPoolExecutor) -> bool:
        try:
            return self._send_due(pool)
        except Exception as error:  # noqa: BLE001  (a thread that dies sends nothing, in silence)
            # A database's own words may quote an address, so only the kind of error is logged.
            log.error("a round of deliveries failed", error=type(error).__name__)
            return False

    def _send_due(self, pool: ThreadPoolExecutor) -> bool:
        """Send one round of batches; False when nothing may leave now."""
        with self._works.database.reading() as connection:
            due = list_due_batches(connection, self._works.clock(), _ROUND)
        if not due or self._works.obstacles:
            return False
        tried = [pool.submit(self._send, batch_id) for batch_id in due]
        wait(tried)
        reconcile(self._works.database, self._works.mailbag.provider, self._works.clock())
        return any(one.result() for one in tried)

    def _send(self, batch_id: int) -> bool:
        if self._stopping.is_set():
            return False
        try:
            works = self._works
            ending = send_batch(works.database, works.mailbag, batch_id, works.clock)
        except SendHoldError as error:
            log.error("nothing leaves", reason=str(error))
            return False
        except KawarabanError as error:
            log.error("batch failed", batch_id=batch_id, reason=str(error))
            return False
        return ending is not Ending.NOT_CLAIMED
