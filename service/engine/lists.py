"""Runs the lists of readers that were uploaded to this machine, one after the other."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

from service.engine.rounds import surviving
from service.engine.works import Works
from service.membership import ListSweeper, run_lists

_SWEEP_EVERY = 60.0
"""Seconds between looks for lists and files to be put away."""


class ListRunner:
    """Looks for lists that wait; it must be asked again and again, by one thread at a time."""

    def __init__(self, works: Works, folder: Path) -> None:
        self._works = works
        self._folder = folder
        self._sweeper = ListSweeper(works.database, works.register, folder)
        self._swept_at = float("-inf")
        self._is_stopping = False

    def look(self) -> None:
        """Run what waits, and sweep once a minute."""
        works = self._works
        with surviving("a list of readers could not be run"):
            run_lists(
                works.database,
                works.register,
                self._folder,
                works.clock,
                lambda: not self._is_stopping,
            )
        if time.monotonic() - self._swept_at >= _SWEEP_EVERY:
            self._swept_at = time.monotonic()
            with surviving("lists of readers could not be swept"):
                self._sweeper.sweep(works.clock(), datetime.now(UTC))

    def stop(self) -> None:
        """Leave the list in hand, after its portion, to whoever runs next."""
        self._is_stopping = True
