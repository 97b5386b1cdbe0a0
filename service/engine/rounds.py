"""Work that must go on: a round that fails is logged, an answer in hand is written down again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

from service.delivery.recording import Ending
from service.errors import KawarabanError

log = structlog.get_logger(__name__)

_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 5.0
"""Seconds between two tries to write down an answer; each pause is twice the one before."""


@contextmanager
def surviving(says: str, **facts: object) -> Iterator[None]:
    """Log whatever goes wrong in the block as `says`, with `facts`, and let go on what follows it.

    The one place that catches everything: a thread that dies does nothing more, in silence.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001  (see above)
        log.error(says, error=describe_failure(error), **facts)


def describe_failure(error: BaseException | None) -> str:
    """What went wrong, for the log: some of a database's own words may quote an address."""
    if isinstance(error, KawarabanError):
        return str(error)
    kind = type(error).__name__
    if not isinstance(error, OperationalError):
        return kind
    # About its disk and its connections only the first line speaks; data stand in the others.
    return f"{kind}: {str(error.orig).partition(chr(10))[0]}"


def insist_for(
    lasts_for: timedelta, rest: Callable[[float], object] = time.sleep
) -> Callable[[Callable[[], Ending]], Ending]:
    """Return what writes down an answer, and tries again while the database cannot take it.

    After `lasts_for`, counted from now, it raises the database's own error instead. `rest` waits
    for so many seconds.
    """
    ends_at = time.monotonic() + lasts_for.total_seconds()

    def insist(record: Callable[[], Ending]) -> Ending:
        pause = _FIRST_PAUSE
        while True:
            try:
                return record()
            except (OperationalError, InterfaceError) as error:
                if time.monotonic() + pause >= ends_at:
                    raise
                log.warning("an answer is not recorded yet", reason=describe_failure(error))
            rest(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    return insist
