"""The doors of those who carry our mail: they call back and tell what became of it.

200     applied, seen before, or about mail that is not ours: it need not come again
401     not signed, or not with a secret that is configured
404     nothing is configured for this provider
406     signed, but no report that can be read: some stop repeating it on this answer
5xx     a failure of ours: it comes again
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping

import structlog
from fastapi import APIRouter
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from service.delivery.feedback import Applied, apply_events
from service.errors import CallbackError
from service.providers.events import Hook
from service.web.parts import WebParts
from service.web.security import PRIVATE, PROVIDER_HOOKS

log = structlog.get_logger(__name__)

# Postmark stops repeating on 403, and what is refused may be a secret of ours that is not there
# yet: so it is 401, which asks for the password that some of them send.
_WHO_ARE_YOU = {"WWW-Authenticate": 'Basic realm="callbacks"'}


class ProviderHooks:
    """Takes the word of providers on mail that left through them."""

    def __init__(self, parts: WebParts) -> None:
        self._parts = parts
        self.tally = CallbackTally()

    def routes(self) -> APIRouter:
        """Where they live."""
        router = APIRouter()
        router.add_api_route(f"{PROVIDER_HOOKS}{{provider}}", self.take, methods=["POST"])
        return router

    async def take(self, request: Request) -> Response:
        """Check who calls on the bytes as they came, then apply what is told."""
        name = request.path_params["provider"]
        hook = self._parts.hooks.get(name)
        if hook is None or not hook.secrets:
            raise HTTPException(404)
        try:
            body = await request.body()
        except ClientDisconnect:
            raise HTTPException(400) from None
        return await run_in_threadpool(self._answer, name, hook, request.headers, body)

    def _answer(self, name: str, hook: Hook, headers: Mapping[str, str], body: bytes) -> Response:
        now = self._parts.clock()
        try:
            hook.source.check_signature(headers, body, hook.secrets, now=now)
        except CallbackError as error:
            return self._refuse(name, error, 401, _WHO_ARE_YOU)
        try:
            events = hook.source.parse_events(body)
        except CallbackError as error:
            return self._refuse(name, error, 406, {})
        self.tally.count(name, apply_events(self._parts.database, name, events, now))
        return _reply("thank you", 200, {})

    def _refuse(
        self, name: str, error: CallbackError, status: int, headers: Mapping[str, str]
    ) -> Response:
        log.warning("a callback was refused", provider=name, status=status, reason=str(error))
        self.tally.count_refused(name)
        return _reply(str(error), status, headers)


class CallbackTally(Collector):
    """Counts, since this process started, what providers told; no address is among it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: Counter[tuple[str, str, str]] = Counter()
        self._refused: Counter[str] = Counter()

    def count(self, provider: str, told: Applied) -> None:
        """Add what one callback came to."""
        ends = {"applied": told.applied, "repeated": told.repeated, "not ours": told.strange}
        with self._lock:
            for end, counts in ends.items():
                for kind, count in counts.items():
                    self._events[provider, kind.value, end] += count

    def count_refused(self, provider: str) -> None:
        """Add a callback that was not let in."""
        with self._lock:
            self._refused[provider] += 1

    def collect(self) -> Iterator[CounterMetricFamily]:
        """Every counter, as of now."""
        with self._lock:
            events, refused = dict(self._events), dict(self._refused)
        family = CounterMetricFamily(
            "kawaraban_provider_events",
            "What providers told of mails, by kind and what came of it",
            labels=["provider", "kind", "end"],
        )
        for labels, count in sorted(events.items()):
            family.add_metric(labels, count)
        yield family
        family = CounterMetricFamily(
            "kawaraban_callbacks_refused", "Callbacks that were not let in", labels=["provider"]
        )
        for provider, count in sorted(refused.items()):
            family.add_metric([provider], count)
        yield family


def _reply(says: str, status: int, headers: Mapping[str, str]) -> Response:
    return PlainTextResponse(f"{says}\n", status, headers={**PRIVATE, **headers})
