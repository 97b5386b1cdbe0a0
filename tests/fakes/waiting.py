"""Waiting for what other threads and processes do: until it is so, or the test has failed."""

from __future__ import annotations

import time
from collections.abc import Callable

# Whoever asks a database a hundred times a second keeps others from what is waited for.
_SHORTEST, _LONGEST = 0.005, 0.04


def wait_until(holds: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    """Return once it holds; an AssertionError says `what` did not come about."""
    deadline = time.monotonic() + seconds
    pause = _SHORTEST
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} seconds: {what}"
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST)
