"""Errands: things to do soon, once however often they are asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Errand:
    """Something that is never done twice at a time, and once for all who asked meanwhile.

    `run_soon` runs a function on another thread.
    """

    def __init__(
        self, do: Callable[[], object], run_soon: Callable[[Callable[[], None]], object]
    ) -> None:
        self._do = do
        self._run_soon = run_soon
        self._is_asked = threading.Event()
        self._turn = threading.Lock()

    def ask(self) -> None:
        """Have it done after now; returns at once."""
        if not self._is_asked.is_set():
            self._is_asked.set()
            self._run_soon(self._run)

    def _run(self) -> None:
        with self._turn:
            # Whoever asks from here on may mean something that is too late for this time.
            self._is_asked.clear()
            self._do()
