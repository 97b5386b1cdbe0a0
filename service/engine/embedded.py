"""Deliveries inside this process: threads that wake when planning commits."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime

from sqlalchemy import Connection, event

from service.delivery.reconcile import reconcile
from service.delivery.recording import Ending
from service.engine.attempts import attempt_batch
from service.engine.rounds import surviving
from service.engine.works import Works
from service.store.buckets import find_turn
from service.store.claims import list_due_batches

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
    """A thread that hands whatever the ledger says may leave to a few others, batch after batch."""

    def __init__(self, works: Works, wake_up: WakeUp, workers: int = 4) -> None:
        self._works = works
        self._wake_up = wake_up
        self._workers = workers
        self._in_hand: dict[Future[bool], int] = {}
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
                seconds = _IDLE_FOR
                with surviving("a round of deliveries failed"):
                    seconds = self._send_some(pool)
                if seconds:
                    is_woken = self._wake_up.wait(min(seconds, patience))
                    patience = _FIRST_LOOK_FOR if is_woken else min(2 * patience, _IDLE_FOR)

    def _send_some(self, pool: ThreadPoolExecutor) -> float:
        """Hand out what may leave, until there is room for more; seconds to wait before it."""
        now = self._works.clock()
        if self._works.obstacles:
            return _IDLE_FOR
        for batch_id in self._list_fresh(now):
            self._in_hand[pool.submit(self._send, batch_id)] = batch_id
        done = self._wait_for_room()
        if done:
            reconcile(self._works.database, self._works.mailbag.provider, self._works.clock())
        return 0.0 if any(one.result() for one in done) else self._find_rest(now)

    def _list_fresh(self, now: datetime) -> list[int]:
        """Batches that may leave at `now` and are not in hand; where calls are counted, one."""
        provider = self._works.mailbag.provider
        limit = _ROUND if provider.capabilities.rate is None else 1
        with self._works.database.reading() as connection:
            listed = limit + len(self._in_hand)
            due = list_due_batches(connection, now, listed, provider.account)
        in_hand = set(self._in_hand.values())
        return [batch_id for batch_id in due if batch_id not in in_hand][:limit]

    def _wait_for_room(self) -> list[Future[bool]]:
        """Wait until a worker is free, whatever the others are waiting for; the batches done."""
        done: list[Future[bool]] = []
        while self._in_hand:
            wait(self._in_hand, _FIRST_LOOK_FOR, FIRST_COMPLETED)
            ended = [one for one in self._in_hand if one.done()]
            for one in ended:
                del self._in_hand[one]
            done += ended
            if len(self._in_hand) < self._workers:
                break
        return done

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
        is_sent = attempt_batch(self._works, batch_id) not in {None, Ending.NOT_CLAIMED}
        if is_sent:
            # What it leaves behind, its parts or the end of its edition, is looked at at once.
            self._wake_up.ring()
        return is_sent
