"""A bell between the pages and a clock in the same process."""

from __future__ import annotations

from collections.abc import Callable


class Bell:
    """What a page rings when an edition may be frozen; where no clock hears it, nothing happens.

    A clock in another process looks by itself.
    """

    def __init__(self) -> None:
        self._answer: Callable[[], object] | None = None

    def answer_by(self, answer: Callable[[], object] | None) -> None:
        """Call `answer`, which returns at once, whenever it rings; None: nobody hears it."""
        self._answer = answer

    def ring(self) -> None:
        """Say that something is due; returns at once."""
        if self._answer is not None:
            self._answer()
