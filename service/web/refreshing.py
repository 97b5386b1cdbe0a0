"""Keeps what is served as new as what is published, without any request waiting for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from anyio import to_thread

from service.engine.rounds import surviving
from service.publishing import (
    list_manifest,
    list_removed_paths,
    list_shown_posts,
    publish_feeds,
    restore_files,
)
from service.store.installation import find_installation
from service.web.catalogue import Catalogue, compose_catalogue
from service.web.keeping import repeating
from service.web.parts import WebParts

log = structlog.get_logger(__name__)

_LOOK_EVERY = 0.1
"""Seconds between looks; one that finds nothing new reads a single row."""


class Keeper:
    """Watches the published version, and brings shelf and catalogue up to it."""

    def __init__(self, parts: WebParts) -> None:
        self._parts = parts
        self._version = -1
        self._astray: frozenset[str] = frozenset()
        self._catalogue = compose_catalogue((), parts.feeds.settings)

    @property
    def catalogue(self) -> Catalogue:
        """What the pages show; exchanged as a whole."""
        return self._catalogue

    @asynccontextmanager
    async def keeping(self) -> AsyncIterator[None]:
        """Be up to date on entering, and stay so until the block ends."""
        await to_thread.run_sync(self.look)
        async with repeating(_LOOK_EVERY, self._try_to_look):
            yield

    def look(self) -> None:
        """Take up what was published since the last look; blocks while files are read.

        Files that are not on this disk are made again. One that was there at the last look may
        just be being replaced by another process, so it is given until the next.
        """
        is_first = self._version < 0
        version = self._read_version()
        if version == self._version and not self._astray:
            return
        astray = self._refresh()
        if lost := astray if is_first else astray & self._astray:
            astray = self._restore(lost)
        if is_first and astray:
            # Their posts changed since they were published: without a clock nobody else would.
            self._publish(astray)
            version, astray = self._read_version(), self._refresh()
        self._version, self._astray = version, astray

    def _restore(self, lost: frozenset[str]) -> frozenset[str]:
        """Make files again that this disk lacks, as another machine's does; those still astray."""
        parts = self._parts
        written = restore_files(parts.database, parts.feeds, parts.clock(), lost)
        log.info("feed files made again on this disk", files=written)
        return self._refresh()

    def _publish(self, lost: frozenset[str]) -> None:
        parts = self._parts
        publish_feeds(parts.database, parts.feeds, parts.clock(), astray=sorted(lost))

    async def _try_to_look(self) -> None:
        # What was served before goes on being served, and the next look tries again.
        with surviving("published feeds cannot be read"):
            await to_thread.run_sync(self.look)

    def _read_version(self) -> int:
        with self._parts.database.reading() as connection:
            return find_installation(connection).published_version

    def _refresh(self) -> frozenset[str]:
        parts = self._parts
        manifest = list_manifest(parts.database)
        removed = list_removed_paths(parts.database)
        astray = frozenset(parts.shelf.refresh(manifest, removed))
        # The pages after the feeds: those are what others wait for.
        posts = list_shown_posts(parts.database, parts.feeds, parts.clock())
        paths = [file.path for file in manifest]
        self._catalogue = compose_catalogue(posts, parts.feeds.settings, paths)
        return astray
