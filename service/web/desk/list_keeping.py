"""Has uploaded lists run beside the pages, on the machine that has their files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import to_thread

from service.engine.lists import ListRunner
from service.web.desk.parts import DeskParts
from service.web.keeping import repeating

_LOOK_EVERY = 1.0
"""Seconds between looks: whoever uploads a list waits for its counts."""


@asynccontextmanager
async def keeping_lists(parts: DeskParts) -> AsyncIterator[None]:
    """Run lists as long as the block runs; one in hand is left where it is."""
    runner = ListRunner(parts.works, parts.uploads)

    async def look() -> None:
        await to_thread.run_sync(runner.look)

    async with repeating(_LOOK_EVERY, look):
        try:
            yield
        finally:
            runner.stop()
