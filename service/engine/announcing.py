"""Tells hubs of what was published, some seconds after the files lie there (WebSub)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from service.engine.rounds import surviving
from service.engine.works import Works
from service.outbound.client import OutboundClient
from service.outbound.guard import is_public
from service.publishing.telling_hubs import REST_FOR, HubPost, tell_hubs
from service.store.pings import count_pings


class Announcer:
    """Sends the pings that are due, where hubs are configured."""

    def __init__(self, works: Works) -> None:
        hubs = works.feeds.settings.hubs
        self.is_needed = bool(hubs)
        self._is_stopping = threading.Event()
        self._works = works
        self._client = OutboundClient(may_call=is_public) if hubs else None

    def announce(self) -> None:
        """Send what is due; what goes wrong is logged, and stops nothing else."""
        if self._client is None:
            return
        works = self._works
        post = HubPost(works.database, self._client, works.feeds.settings.hubs, works.clock)
        with surviving("hubs could not be told of what was published"):
            tell_hubs(post, lambda: not self._is_stopping.is_set())

    def stop(self) -> None:
        """End after the call in hand; the rest waits for the next start."""
        self._is_stopping.set()


def announce_once(works: Works, rest: Callable[[float], None] = time.sleep) -> None:
    """Send what was just published, for who makes one pass only; rests a few seconds before."""
    announcer = Announcer(works)
    if not announcer.is_needed:
        return
    with works.database.reading() as connection:
        is_waiting = bool(count_pings(connection))
    if is_waiting:
        rest(REST_FOR.total_seconds())
        announcer.announce()
