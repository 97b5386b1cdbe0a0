"""One core for what is measured: this process and the ones it starts keep to it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def pinned(core: int) -> Iterator[None]:
    """Keep to a core until the block ends; where processes cannot be pinned, do nothing."""
    if sys.platform != "linux":
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
