"""One request with a strict total deadline, whose end says whether anything was sent."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from typing import Any

import httpx

from service.errors import NotSentError, UnsureError
from service.outbound.guard import find_addresses, is_spelled_out

_FIRST_BYTE_IS_NEXT = "http11.send_request_headers.started"


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer: header names in lower case, the body as it came."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def retry_after(self) -> timedelta | None:
        """How long the Retry-After header asks to wait (seconds, or a date against Date)."""
        value = self.headers.get("retry-after", "").strip()
        if re.fullmatch(r"[0-9]{1,8}", value):
            return timedelta(seconds=int(value))
        try:
            until = parsedate_to_datetime(value)
            return max(until - parsedate_to_datetime(self.headers["date"]), timedelta(0))
        except (ValueError, TypeError, KeyError):
            return None


class OutboundClient:
    """Sends requests: one fresh connection each, never repeated, never redirected.

    `may_call` says which addresses a name may lead to (`is_public` keeps others from pointing us
    at our own network); one spelled out in numbers, or as localhost, is what who wrote it meant.
    """

    def __init__(
        self,
        *,
        body_limit: int = 256 * 1024,
        trust: ssl.SSLContext | None = None,
        may_call: Callable[[str], bool] | None = None,
    ) -> None:
        self._body_limit = body_limit
        self._may_call = may_call
        self._trust = trust or httpx.create_ssl_context(trust_env=False)

    def allowing(self, body_limit: int) -> OutboundClient:
        """Return the same client for answers of up to so many bytes."""
        return OutboundClient(body_limit=body_limit, trust=self._trust, may_call=self._may_call)

    def post(
        self,
        url: str,
        *,
        content: bytes,
        headers: Mapping[str, str],
        total_for: timedelta,
        ready: Callable[[], None],
    ) -> Reply:
        """Return the whole reply within `total_for`; `ready` is called right before the first byte.

        Raises whatever `ready` raises, NotSentError when provably nothing was written, and
        UnsureError when something was and no whole reply came back.
        """
        return self._request("POST", url, content, headers, total_for, _Gate(ready))

    def get(self, url: str, *, headers: Mapping[str, str], total_for: timedelta) -> Reply:
        """Return the whole reply within `total_for`; raises NotSentError and UnsureError like post.

        A question may be asked again: it changes nothing.
        """
        return self._request("GET", url, b"", headers, total_for, _Gate(_go_on))

    def _request(
        self,
        method: str,
        url: str,
        content: bytes,
        headers: Mapping[str, str],
        total_for: timedelta,
        gate: _Gate,
    ) -> Reply:
        try:
            request = _compose_request(method, url, content, headers)
            with asyncio.Runner(loop_factory=_Loop) as runner:
                return runner.run(self._exchange(request, total_for, gate))
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
            if gate.is_asking:
                raise
            raise gate.name_the_end(error) from None

    async def _exchange(self, request: httpx.Request, total_for: timedelta, gate: _Gate) -> Reply:
        transport = httpx.AsyncHTTPTransport(verify=self._trust, trust_env=False, retries=0)
        seconds = total_for.total_seconds()
        async with httpx.AsyncClient(
            transport=transport, trust_env=False, timeout=seconds, follow_redirects=False
        ) as client:
            async with asyncio.timeout(seconds) as deadline:
                request.extensions = {"trace": gate.watch(deadline)}
                response = await self._open(client, request)
                return Reply(
                    status=response.status_code,
                    headers=dict(response.headers),
                    body=await self._read_body(response),
                )

    async def _open(self, client: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
        """Send the request to its host, or to the first of its addresses that takes a call."""
        url = request.url
        if self._may_call is None or is_spelled_out(url.host):
            return await client.send(request, stream=True)
        port = url.port or (443 if url.scheme == "https" else 80)
        *others, last = await find_addresses(url.host, port, self._may_call)
        # The certificate must be for the name, whatever address it was found at.
        request.extensions["sni_hostname"] = url.host
        seconds = client.timeout.read
        share = httpx.Timeout(seconds, connect=seconds and seconds / (len(others) + 1))
        request.extensions["timeout"] = share.as_dict()
        for address in others:
            request.url = url.copy_with(host=address)
            with suppress(httpx.ConnectError, httpx.ConnectTimeout):
                return await client.send(request, stream=True)
        request.url = url.copy_with(host=last)
        return await client.send(request, stream=True)

    async def _read_body(self, response: httpx.Response) -> bytes:
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > self._body_limit:
                raise _AnswerTooLongError("the answer is too long")
        return bytes(body)


def _go_on() -> None:
    """Nothing has to be looked at before a question leaves."""


def _compose_request(
    method: str, url: str, content: bytes, headers: Mapping[str, str]
) -> httpx.Request:
    # Compressed answers could be longer than they look, so none is asked for.
    merged = httpx.Headers({"user-agent": "kawaraban", "accept-encoding": "identity"})
    merged.update(headers)
    return httpx.Request(method, url, content=content, headers=merged)


class _AnswerTooLongError(httpx.StreamError):
    """The answer passed the limit."""


class _Moment(Enum):
    """How far a request has come."""

    CONNECTING = auto()
    ASKING = auto()
    WRITTEN = auto()


class _Gate:
    """Watches one request, and asks `ready` at the last moment when nothing is written yet."""

    def __init__(self, ready: Callable[[], None]) -> None:
        self._ready = ready
        self._moment = _Moment.CONNECTING

    @property
    def is_asking(self) -> bool:
        """Whether `ready` was called and has not returned."""
        return self._moment is _Moment.ASKING

    def watch(self, deadline: asyncio.Timeout) -> Callable[[str, dict[str, Any]], Any]:
        """Return the hook that the HTTP library calls at each step."""

        async def notice(name: str, _info: dict[str, Any]) -> None:
            if name == _FIRST_BYTE_IS_NEXT:
                self._moment = _Moment.ASKING
                self._ready()
                self._moment = _Moment.CONNECTING
                _stop_when_late(deadline)
                self._moment = _Moment.WRITTEN

        return notice

    def name_the_end(self, error: Exception) -> NotSentError | UnsureError:
        """Return what `error` means, in words that hold no address, body or token."""
        what = type(error).__name__.lstrip("_")
        if self._moment is _Moment.CONNECTING:
            return NotSentError("nothing was sent: {what} before the first byte", what=what)
        return UnsureError("the request was sent, but no whole answer came back: {what}", what=what)


def _stop_when_late(deadline: asyncio.Timeout) -> None:
    """Raise when the time went by while `ready` was busy: the loop had no chance to notice."""
    when = deadline.when()
    if when is not None and asyncio.get_running_loop().time() >= when:
        raise TimeoutError


class _Loop(asyncio.SelectorEventLoop):
    """Looks names up in threads; one that hangs is left there, or it would stretch the deadline."""

    async def shutdown_default_executor(self) -> None:
        """Wait for no thread: `close` lets go of them."""
