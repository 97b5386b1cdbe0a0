"""How far a send is: read once a second at the most, however many look on."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from anyio import to_thread

from service.model.delivery import Accounting
from service.model.edition import Edition, EditionState
from service.sending import may_freeze
from service.store.accounting import count_deliveries
from service.store.database import Database
from service.store.editions import find_edition

UNDER_WAY = (
    EditionState.FREEZING,
    EditionState.FROZEN,
    EditionState.SENDING,
    EditionState.PAUSED,
)
"""While an edition is in one of these there is something to look on at."""

BEING_MADE = (EditionState.DRAFT, EditionState.WAITING, EditionState.FREEZING)
"""The same before its audience is fixed; the first two only once it was let go."""

_EVERY = 1.0
_SHARE = 20
"""To count a million rows takes a while: it may take this part of the time, no more."""

_MEASURED_FOR = 30.0


@dataclass(frozen=True, slots=True)
class Reading:
    """Where an edition stands, and all its readers counted.

    `is_let_go`: nothing but the clock is waited for any more.
    """

    state: EditionState
    accounting: Accounting
    is_let_go: bool = False

    @property
    def is_under_way(self) -> bool:
        """Whether there is something to look on at.

        What its provider had already when it was cancelled still ends, one way or the other.
        """
        if self.state is EditionState.CANCELLED:
            return self.accounting.waiting > 0
        return self.is_let_go or self.state in UNDER_WAY

    @property
    def settled(self) -> int:
        """Readers whose end, or not-knowing, is written down."""
        return self.accounting.frozen - self.accounting.waiting


@dataclass(frozen=True, slots=True)
class Progress:
    """A reading, with the readers settled in a second lately: None while that is not known."""

    reading: Reading
    rate: float | None = None

    @property
    def ends_in(self) -> timedelta | None:
        """How long it would take at this rate; None while nobody can tell."""
        waiting = self.reading.accounting.waiting
        if not self.rate or not waiting or self.reading.state is not EditionState.SENDING:
            return None
        return timedelta(seconds=round(waiting / self.rate))


def read_progress(database: Database, edition_id: int, now: datetime) -> Reading:
    """Where an edition stands now; raises NotAllowedError when there is none of that number."""
    with database.reading() as connection:
        edition = find_edition(connection, edition_id)
        count = count_deliveries(connection, edition_id)
    return Reading(edition.state, count, is_let_go(edition, now))


def is_let_go(edition: Edition, now: datetime) -> bool:
    """Whether an edition that is not frozen yet waits for the clock, and for nobody's word."""
    waits = edition.state in (EditionState.DRAFT, EditionState.WAITING)
    return waits and may_freeze(edition, now)


@dataclass(slots=True)
class _Watch:
    """One edition that somebody looks at."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    past: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=60))
    progress: Progress | None = None
    next_at: float = 0.0


class Board:
    """Shows everybody who looks at an edition the same reading of it."""

    def __init__(
        self, read: Callable[[int], Reading], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._read = read
        self._clock = clock
        self._watches: dict[int, _Watch] = {}

    async def look(self, edition_id: int) -> Progress:
        """The progress of an edition, no older than a second or what counting it is worth."""
        watch = self._watches.setdefault(edition_id, _Watch())
        async with watch.lock:
            if watch.progress is None or self._clock() >= watch.next_at:
                began = self._clock()
                reading = await to_thread.run_sync(self._read, edition_id)
                ended = self._clock()
                watch.next_at = ended + max(_EVERY, _SHARE * (ended - began))
                watch.progress = Progress(reading, _measure(watch.past, ended, reading))
                if not reading.is_under_way:
                    self._watches.pop(edition_id, None)
            return watch.progress


def _measure(past: deque[tuple[float, int]], now: float, reading: Reading) -> float | None:
    """Readers a second over the last half minute of sending; a pause begins it anew."""
    if reading.state is not EditionState.SENDING:
        past.clear()
        return None
    past.append((now, reading.settled))
    while now - past[0][0] > _MEASURED_FOR:
        past.popleft()
    since, settled = past[0]
    return (reading.settled - settled) / (now - since) if now > since else None
