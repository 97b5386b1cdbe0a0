"""What every answer carries and no request may do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, ip_address
from types import MappingProxyType

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BODY_BYTES = 64 * 1024
"""Nobody has to send us more than a short form ..."""

PUSH_HOOK = "/hooks/push"
READER_LISTS = "/desk/readers/lists"
IMPORTS = "/api/v1/imports"
_LONG_BODIES = {PUSH_HOOK: 26_000_000, READER_LISTS: 200_100_000, IMPORTS: 200_000_000}
"""... but for a push of thousands of files: GitHub sends 25 MB at the most ...

A list of two million readers goes to a file piece by piece, once somebody has been let in.
"""

PROVIDER_HOOKS = "/hooks/"
_MOST_CALLBACK_BYTES = 2_000_000
"""... and for providers that tell of a thousand mails at once."""

PROGRAMS = "/api/"
"""Programs are told of every problem in their own form."""

PRIVATE = MappingProxyType(
    {
        "Cache-Control": "private, no-store",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex",
    }
)
"""For pages whose address or content is somebody's own."""

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data: https:; "
    "media-src 'self' https:; "
    "form-action 'self'; frame-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)

SCRIPTED = MappingProxyType({"Content-Security-Policy": f"{_POLICY}; script-src 'self'"})
"""For the pages with a script of ours; on every other page nothing runs."""


def allow_targets(origins: str) -> Mapping[str, str]:
    """The policy of a page whose form may lead to these origins besides our own.

    Browsers hold the whole way of a form's answer against it, redirects too.
    """
    wider = _POLICY.replace("form-action 'self'", f"form-action 'self' {origins}")
    return MappingProxyType({"Content-Security-Policy": wider})


_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": _POLICY,
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
    }
)

_HOST = re.compile(r"(?:(?P<name>[a-z0-9.-]+)|\[(?P<v6>[0-9a-f:.]+)\])(?::[0-9]{1,5})?")

_SIGNS_OF_A_PROXY = (
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
)


class Hardened:
    """An ASGI app that lets no oversized body in and no answer out without its headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = _find_most(scope["path"])
        declared = Headers(scope=scope).get("content-length", "0")
        too_large = not declared.isdecimal() or int(declared[:20]) > most
        app = _refuse_size(scope["path"]) if too_large else self._app
        await app(scope, _cap(receive, most), _add_headers(send))


def is_this_machine(request: HTTPConnection) -> bool:
    """Whether a request comes from this machine itself: neither a proxy's nor a strange page's.

    A header can only ever speak against it. The host is looked at because any site may point a
    name of its own at 127.0.0.1 and have a browser here read the answer.
    """
    address = find_peer(request)
    return (
        address is not None
        and address.is_loopback
        and _is_loopback_name(request.headers.get("host", ""))
        and not came_through_proxy(request)
    )


def came_through_proxy(request: HTTPConnection) -> bool:
    """Whether somebody passed the request on, so that its peer says nothing of its sender."""
    return any(name in request.headers for name in _SIGNS_OF_A_PROXY)


def find_peer(request: HTTPConnection) -> IPv4Address | IPv6Address | None:
    """The address at the other end of the connection; None for what is no IP connection."""
    try:
        address = ip_address(request.client.host if request.client else "")
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _is_loopback_name(host: str) -> bool:
    """Whether a Host header names this machine; one that is malformed names nobody."""
    parts = _HOST.fullmatch(host.lower())
    name = (parts["name"] or parts["v6"]) if parts else ""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _find_most(path: str) -> int:
    if path in _LONG_BODIES:
        return _LONG_BODIES[path]
    return _MOST_CALLBACK_BYTES if path.startswith(PROVIDER_HOOKS) else MOST_BODY_BYTES


def _refuse_size(path: str) -> ASGIApp:
    """What is said of a body that is too large before any of it is read."""
    if not path.startswith(PROGRAMS):
        return PlainTextResponse("too large\n", 413, PRIVATE)
    title, detail = HTTPStatus(413).phrase, "The body is larger than this address takes."
    problem = {"type": "about:blank", "title": title, "status": 413, "detail": detail}
    return JSONResponse(problem, 413, PRIVATE, "application/problem+json")


def _cap(receive: Receive, most: int) -> Receive:
    """Count what arrives: a body in chunks declares no length."""
    received = 0

    async def receive_some() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > most:
            raise HTTPException(413)
        return message

    return receive_some


def _add_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return send_with_headers
