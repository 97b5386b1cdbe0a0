from __future__ import annotations

import asyncio

from service.web.keeping import repeating


def test_what_is_repeated_begins_with_the_block_and_is_over_with_it() -> None:
    done: list[str] = []

    async def run() -> None:
        comes_again = asyncio.Event()

        async def act() -> None:
            done.append("begun")
            if done.count("begun") == 2:
                comes_again.set()
                try:
                    await asyncio.Event().wait()
                finally:
                    done.append("stopped")

        async with repeating(0, act):
            assert done == []
            await comes_again.wait()
        done.append("after the block")

    asyncio.run(run())
    assert done == ["begun", "begun", "stopped", "after the block"]
