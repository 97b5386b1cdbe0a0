"""Answers sign-ups by mail, after the form's own answer.

Nobody can tell from how long that one took what was known of an address.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import to_thread

from service.engine.rounds import surviving
from service.membership import admit_signups
from service.web.keeping import repeating
from service.web.parts import WebParts

_LOOK_EVERY = 1.0
"""Seconds between looks: at a beat of its own, not when a form came."""


class Admission:
    """Told of every sign-up; answers them a moment later. The clock sees to what has to wait."""

    def __init__(self, parts: WebParts) -> None:
        self._parts = parts
        self._is_told = False

    def tell(self) -> None:
        """Somebody signed up."""
        self._is_told = True

    @asynccontextmanager
    async def keeping(self) -> AsyncIterator[None]:
        """Answer as long as the block runs, and what is left at its end."""
        try:
            async with repeating(_LOOK_EVERY, self._answer):
                yield
        finally:
            await self._answer()

    async def _answer(self) -> None:
        if not self._is_told:
            return
        self._is_told = False
        parts = self._parts
        with surviving("sign-ups cannot be answered"):
            await to_thread.run_sync(admit_signups, parts.database, parts.register, parts.clock())
