"""Readers that an aggregator reads for, as it states them in its User-Agent."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from anyio import to_thread

from service.engine.rounds import surviving
from service.store.database import Database
from service.store.stated_readers import record_stated_readers
from service.web.keeping import repeating

_NAMES = {
    "bazqux": "BazQux",
    "bloglovin": "Bloglovin",
    "commafeed": "CommaFeed",
    "feed wrangler": "Feed Wrangler",
    "feedbin": "Feedbin",
    "feedhq": "FeedHQ",
    "feedly": "Feedly",
    "feedspot": "Feedspot",
    "inoreader": "Inoreader",
    "netvibes": "Netvibes",
    "newsblur": "NewsBlur",
    "theoldreader": "The Old Reader",
}
"""Whose word is written down. Anybody may write anything there, so no other name is kept."""

_STATEMENT = re.compile(
    rf"(?:mozilla/5\.0 \(compatible; )?(?P<name>{'|'.join(_NAMES)})\b"
    r"[^\r\n]{0,200}?[ (;](?P<readers>[0-9]{1,7}) subscribers?\b"
)
_LONGEST = 400
_WRITE_EVERY = 60.0
"""Seconds between writes of what was heard."""


def read_statement(agent: bytes) -> tuple[str, int] | None:
    """The aggregator and its readers, as in `Feedbin feed-id:1 - 12 subscribers`; else None."""
    found = _STATEMENT.match(agent[:_LONGEST].decode("latin-1").lower())
    return (_NAMES[found["name"]], int(found["readers"])) if found else None


class Statements:
    """Hears what readers state, and writes it down now and then: no request waits for that."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._heard: dict[tuple[str, str], int] = {}

    def hear(self, path: str, agent: bytes) -> None:
        """Take the User-Agent of a request for the file at `path`; the newest word counts."""
        statement = read_statement(agent)
        if statement is not None:
            name, readers = statement
            self._heard[path, name] = readers

    @asynccontextmanager
    async def keeping(self) -> AsyncIterator[None]:
        """Write every minute, and a last time at the end of the block."""
        try:
            async with repeating(_WRITE_EVERY, self._try_to_write):
                yield
        finally:
            await self._try_to_write()

    def write(self) -> None:
        """Write down what was heard since the last time."""
        heard, self._heard = self._heard, {}
        if heard:
            with self._database.writing() as connection:
                record_stated_readers(connection, heard, self._clock())

    async def _try_to_write(self) -> None:
        with surviving("what aggregators say of their readers cannot be written down"):
            await to_thread.run_sync(self.write)
