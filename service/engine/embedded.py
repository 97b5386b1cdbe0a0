"""Deliveries inside this process: threads that wake when planning commits."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime

import structlog
from sqlalchemy import Connection, event

from service.delivery.reconcile import reconcile
from service.delivery.send import Ending
from service.engine.attempts import attempt_batch
from service.engine.works import Works
from service.store.buckets import find_turn
from service.store.claims import list_due_batches

log = structlog.get_logger(__name__)

_ROUND = 64
"""Batches asked of the ledger at a time."""

_IDLE_FOR = 5.0
"""Seconds between looks at the ledger when nothing wakes us: batches that waited for a time."""


_FIRST_LOOK_FOR = 0.02
"""The same right after we were woken, each twice as long as the one before: the commit may last."""


class WakeUp:
    """The embedded engine's ear: planning tells it, and it wakes once that is committed."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def __call__(self, connection: Connection, batch_ids: Sequence[int]) -> None:
        """Wake the deliveries at the commit, a moment before it is done; a roll-back wakes nobody.

        SQLAlchemy tells of no commit afterwards.
        """
        if batch_ids:
            event.listen(connection, "commit", lambda _: self._event.set(), once=True)

    def ring(self) -> None:
        """Wake at once."""
        self._event.set()

    def wait(self, seconds: float) -> bool:
        """Return when woken, or after so many seconds; whether woken."""
        is_woken = self._event.wait(seconds)
        self._event.clear()
        return is_woken


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
            patience = _IDLE_FOR
            while not self._stopping.is_set():
                if seconds := self._send_some(pool):
                    is_woken = self._wake_up.wait(min(seconds, patience))
                    patience = _FIRST_LOOK_FOR if is_woken else min(2 * patience, _IDLE_FOR)

    def _send_some(self, pool: ThreadPoolExecutor) -> float:
        """Send one round of batches; how many seconds to wait for the next."""
        try:
            now = self._works.clock()
            return 0.0 if self._send_due(pool, now) else self._find_rest(now)
        except Exception as error:  # noqa: BLE001  (a thread that dies sends nothing, in silence)
            # A database's own words may quote an address, so only the kind of error is logged.
            log.error("a round of deliveries failed", error=type(error).__name__)
            return _IDLE_FOR

    def _send_due(self, pool: ThreadPoolExecutor, now: datetime) -> bool:
        """Send one round of batches; False when nothing may leave at `now`."""
        with self._works.database.reading() as connection:
            account = self._works.mailbag.provider.account
            due = list_due_batches(connection, now, _ROUND, account)
        if not due or self._works.obstacles:
            return False
        tried = [pool.submit(self._send, batch_id) for batch_id in due]
        wait(tried)
        reconcile(self._works.database, self._works.mailbag.provider, self._works.clock())
        return any(one.result() for one in tried)

    def _find_rest(self, now: datetime) -> float:
        """Seconds until the account's turn comes, where that is soon; else until the next look.

        Asked as of the same `now` as what was due: a turn that came since is not missed.
        """
        works = self._works
        with works.database.reading() as connection:
            turn_at = find_turn(connection, works.mailbag.provider.account, now)
        if turn_at is None:
            return _IDLE_FOR
        return min(_IDLE_FOR, (turn_at - now).total_seconds())

    def _send(self, batch_id: int) -> bool:
        if self._stopping.is_set():
            return False
        return attempt_batch(self._works, batch_id) not in {None, Ending.NOT_CLAIMED}
