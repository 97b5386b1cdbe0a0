"""A task beside a block: begun with it, ended with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress


@asynccontextmanager
async def repeating(every: float, act: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Do `act` every so many seconds as long as the block runs; the first time after as many.

    One that is under way when the block ends is cancelled, and has ended before this returns.
    """
    task = asyncio.create_task(_repeat(every, act))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _repeat(every: float, act: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(every)
        await act()
