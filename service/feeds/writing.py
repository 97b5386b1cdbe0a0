"""Many files written at once: compressed on other cores while the next feeds are rendered.

Compressing is most of the work of a feed, and neither zlib nor brotli holds the interpreter while
it does it; waiting for the disk takes most of what is left.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from service.feeds.files import write_file
from service.model.feed import FeedFile

_THREADS = 4
"""More than cores, because some of them wait for the disk."""

_MOST_WAITING = 8_000_000
"""Bytes of files that may wait to be written, so that memory stays bounded."""


class Writer:
    """Takes files and writes them in its own time; `written` is how many were other than before."""

    def __init__(self, folder: Path, pool: ThreadPoolExecutor) -> None:
        self.written = 0
        self._folder = folder
        self._pool = pool
        self._waiting: deque[tuple[Future[bool], int]] = deque()
        self._bytes = 0

    def put(self, file: FeedFile) -> None:
        """Have a file written; raises what an earlier one failed with, as `write_file` does."""
        self._waiting.append((self._pool.submit(write_file, self._folder, file), len(file.content)))
        self._bytes += len(file.content)
        while self._bytes > _MOST_WAITING:
            self._settle_one()

    def settle(self) -> None:
        """Wait until every file is on disk; raises what one of them failed with."""
        while self._waiting:
            self._settle_one()

    def _settle_one(self) -> None:
        future, size = self._waiting.popleft()
        self._bytes -= size
        self.written += future.result()


@contextmanager
def open_writer(folder: Path) -> Iterator[Writer]:
    """A writer of files below a folder; all of them are on disk when the block ends."""
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="feeds") as pool:
        writer = Writer(folder, pool)
        yield writer
        writer.settle()
