"""The word to end: a signal that lets what is in hand be finished."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Self


class Stop:
    """Turns SIGTERM and SIGINT into a word to end, so that what is in hand can be finished."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._before: dict[signal.Signals, object] = {}

    def __enter__(self) -> Self:
        for one in (signal.SIGTERM, signal.SIGINT):
            self._before[one] = signal.signal(one, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        for one, handler in self._before.items():
            signal.signal(one, handler)  # type: ignore[arg-type]

    @property
    def is_asked(self) -> bool:
        """Whether somebody asked us to end."""
        return self._asked.is_set()

    def wait(self) -> None:
        """Return when somebody asks us to end."""
        self._asked.wait()

    def wait_for(self, seconds: float) -> bool:
        """Wait that long; whether somebody asks us to end."""
        return self._asked.wait(seconds)

    def _note(self, _signal: int, _frame: FrameType | None) -> None:
        self._asked.set()
