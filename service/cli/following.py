"""Mail just planned on its way: sent from here, or watched where another process sends it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from service.app import App
from service.cli.printing import Tell
from service.engine.guard import hold_clock
from service.engine.works import deliver_due
from service.errors import AlreadyRunningError
from service.model.delivery import Accounting, BatchState
from service.store.accounting import count_deliveries, finish_editions
from service.store.batches import find_batch
from service.store.claims import list_due_batches

_LOOK_EVERY = 0.5
_PATIENCE = 90.0
"""Seconds without any change after which the rest is left to the process that sends."""
_IDLE_PATIENCE = 10.0
"""The same where nothing may leave now anyway: readers' own hours, a pause."""


def deliver_or_follow(app: App, count: Callable[[], tuple[int, int]], tell: Tell | None) -> bool:
    """Send what is due, or watch the process that does; False when that process has the rest.

    `count` says how much of what this is about is done, and how much there is.
    """
    try:
        with hold_clock(app.config.service.data, app.works.database):
            deliver_due(app.works, _narrow(count, tell))
            return True
    except AlreadyRunningError:
        return _follow(app, count, tell)


def count_edition(app: App, edition_id: int) -> Accounting:
    """The accounting of an edition as it is now."""
    with app.works.database.reading() as connection:
        return count_deliveries(connection, edition_id)


def count_settled(app: App, batch_ids: list[int]) -> tuple[int, int]:
    """How many of these batches are settled, and how many there are."""
    with app.works.database.reading() as connection:
        states = [find_batch(connection, batch_id).state for batch_id in batch_ids]
    return states.count(BatchState.SETTLED), len(states)


def _narrow(count: Callable[[], tuple[int, int]], tell: Tell | None) -> Tell | None:
    if tell is None:
        return None
    return lambda step, _done, _total: tell(step, *count())


def _follow(app: App, count: Callable[[], tuple[int, int]], tell: Tell | None) -> bool:
    watch = _Watch(*count(), time.monotonic())
    while watch.done < watch.total:
        if tell is not None:
            tell("sending", watch.done, watch.total)
        patience = _PATIENCE if _is_anything_due(app) else _IDLE_PATIENCE
        if time.monotonic() - watch.changed_at > patience:
            return False
        time.sleep(_LOOK_EVERY)
        done, total = count()
        if done != watch.done:
            watch = _Watch(done, total, time.monotonic())
    # Whoever sends it finishes editions every few seconds; what is reported next should be so.
    with app.works.database.writing() as connection:
        finish_editions(connection, app.works.clock())
    return True


@dataclass(frozen=True, slots=True)
class _Watch:
    done: int
    total: int
    changed_at: float


def _is_anything_due(app: App) -> bool:
    with app.works.database.reading() as connection:
        return bool(list_due_batches(connection, app.works.clock(), 1))
