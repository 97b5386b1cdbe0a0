"""One clock at a time: a lock that dies with its process."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.errors import AlreadyRunningError


@contextmanager
def hold_clock(folder: Path) -> Iterator[None]:
    """Hold the clock of this data folder; raises AlreadyRunningError naming who has it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "clock.lock"
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise AlreadyRunningError(
                f"a clock is running already (process {holder}) on {folder}; "
                "it scans, publishes and opens editions by itself"
            ) from error
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield
