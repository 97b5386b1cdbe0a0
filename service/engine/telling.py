"""Tells webhooks what happened, beside everything else: a slow one keeps nobody waiting."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from service.engine.rounds import surviving
from service.engine.works import Works
from service.outbound.client import OutboundClient
from service.outbound.guard import is_public
from service.webhooks import Messenger, list_to_tell, tell_webhook

_ANSWER_LIMIT = 64 * 1024
"""Bytes of an answer that are read; nobody looks at them, only at how it begins."""

_THREADS = 8
"""Webhooks that are called at a time, each by one thread; the others take turns."""


class Teller:
    """Threads that call webhooks for which something is due, one thread for each at most."""

    def __init__(self, works: Works, threads: int = _THREADS) -> None:
        self._works = works
        self._pool = ThreadPoolExecutor(threads, "webhook")
        self._messenger: Messenger | None = None
        self._in_hand: set[int] = set()
        self._turn = threading.Lock()
        self._is_stopping = threading.Event()

    def tell(self) -> None:
        """Have called whom something is due to; returns at once."""
        if self._is_stopping.is_set():
            return
        if self._messenger is None:
            self._messenger = open_messenger(self._works)
        with surviving("nobody could look what webhooks are to be told"):
            for webhook_id in list_to_tell(self._messenger):
                self._hand_out(self._messenger, webhook_id)

    def stop(self) -> None:
        """End after the calls in hand; the rest waits for the next start."""
        self._is_stopping.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _hand_out(self, messenger: Messenger, webhook_id: int) -> None:
        with self._turn:
            if webhook_id in self._in_hand:
                return
            self._in_hand.add(webhook_id)
        self._pool.submit(self._call, messenger, webhook_id)

    def _call(self, messenger: Messenger, webhook_id: int) -> None:
        try:
            with surviving("a webhook could not be told", webhook_id=webhook_id):
                tell_webhook(messenger, webhook_id, lambda: not self._is_stopping.is_set())
        finally:
            with self._turn:
                self._in_hand.discard(webhook_id)


def tell_once(works: Works) -> int:
    """Tell everybody what is due, for who makes one pass only; how many messages were taken."""
    messenger = open_messenger(works)
    taken = 0
    due = list_to_tell(messenger)
    with ThreadPoolExecutor(_THREADS, "webhook") as pool:
        while due:
            counts = list(pool.map(lambda id_: tell_webhook(messenger, id_, lambda: True), due))
            taken += sum(counts)
            # Whoever took nothing has nothing left, or is away.
            due = [id_ for id_, count in zip(due, counts, strict=True) if count]
    return taken


def open_messenger(works: Works) -> Messenger:
    """What webhooks are told with."""
    return Messenger(
        database=works.database,
        client=OutboundClient(may_call=is_public, body_limit=_ANSWER_LIMIT),
        private_client=OutboundClient(body_limit=_ANSWER_LIMIT),
        key_ring=works.register.key_ring,
        clock=works.clock,
    )
