"""The door to published files: answered from memory, in front of everything else.

Feed readers poll for years and mostly ask whether anything changed. So this is plain ASGI, with
no framework on the way: one look-up, and usually a 304 whose headers lie ready. It sets no
cookie and limits nobody.
"""

from __future__ import annotations

from typing import Protocol

from starlette.types import ASGIApp, Receive, Scope, Send

from service.web.negotiating import find_coding, is_listed, is_unchanged_since
from service.web.shelf import Found, Headers, Moved, ServedFile

_REST_FOR = b"public, max-age=900"
_ANY_ORIGIN = (b"access-control-allow-origin", b"*")
_NOTHING = (b"content-length", b"0")
_READING = frozenset({"GET", "HEAD"})
_METHODS = b"GET, HEAD, OPTIONS"

_PREFLIGHT: Headers = (
    (b"allow", _METHODS),
    _ANY_ORIGIN,
    (b"access-control-allow-methods", b"GET, HEAD"),
    (b"access-control-allow-headers", b"If-None-Match, If-Modified-Since, Cache-Control"),
    (b"access-control-max-age", b"86400"),
)
"""Readers that run in a browser ask first whether they may ask conditionally."""


class FindsFiles(Protocol):
    """What the door needs of a shelf."""

    def find(self, path: str) -> Found | None:
        """What is to be answered at a request's decoded path; None where nothing is published."""


class HearsAgents(Protocol):
    """What is told of each reader that states how many it reads for."""

    def hear(self, path: str, agent: bytes) -> None:
        """Take the User-Agent of a request for the file at `path`."""


class PublishedFiles:
    """An ASGI app that answers for published files and hands everything else on.

    `farewell` is said, as plain text, where something was published and is no more.
    """

    def __init__(
        self, shelf: FindsFiles, otherwise: ASGIApp, statements: HearsAgents, farewell: str
    ) -> None:
        self._shelf = shelf
        self._otherwise = otherwise
        self._statements = statements
        self._farewell = farewell.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        found = self._shelf.find(scope["path"]) if scope["type"] == "http" else None
        if found is None:
            await self._otherwise(scope, receive, send)
            return
        method = scope["method"]
        if method in _READING:
            status, headers, body = self._answer(found, scope["headers"], method == "GET")
        elif method == "OPTIONS":
            status, headers, body = 204, _PREFLIGHT, b""
        else:
            status, headers, body = 405, ((b"allow", _METHODS), _NOTHING), b""
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _answer(
        self, found: Found, asked: list[tuple[bytes, bytes]], has_body: bool
    ) -> tuple[int, Headers, bytes]:
        if isinstance(found, ServedFile):
            return self._serve(found, asked, has_body)
        if isinstance(found, Moved):
            return 301, _lead_to(found), b""
        return 410, _bid(self._farewell), self._farewell if has_body else b""

    def _serve(
        self, file: ServedFile, asked: list[tuple[bytes, bytes]], has_body: bool
    ) -> tuple[int, Headers, bytes]:
        accepted = tags = since = b""
        for name, value in asked:
            # A header sent twice means the same as one with both lists.
            if name == b"accept-encoding":
                accepted = accepted + b"," + value if accepted else value
            elif name == b"if-none-match":
                tags = tags + b"," + value if tags else value
            elif name == b"if-modified-since":
                since = value
            elif name == b"user-agent" and b"subscriber" in value:
                self._statements.hear(file.path, value)
        coding = find_coding(accepted)
        coded = file.coded(coding)
        if _is_unchanged(file, coded.etag, tags, since):
            return 304, coded.same, b""
        return 200, coded.whole, file.read(coding) if has_body else b""


def _is_unchanged(file: ServedFile, etag: bytes, tags: bytes, since: bytes) -> bool:
    """Whether the client's copy is still good; tags decide alone where there are any."""
    if tags:
        return tags == etag or is_listed(etag, tags)
    if not since:
        return False
    return since == file.last_modified or is_unchanged_since(file.changed_at, since)


def _lead_to(moved: Moved) -> Headers:
    # Not for ever: who wrote a wrong address must be able to mend it.
    return (
        (b"location", moved.address.encode("ascii")),
        (b"cache-control", _REST_FOR),
        _ANY_ORIGIN,
        _NOTHING,
    )


def _bid(farewell: bytes) -> Headers:
    return (
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"x-content-type-options", b"nosniff"),
        (b"cache-control", _REST_FOR),
        _ANY_ORIGIN,
        (b"content-length", str(len(farewell)).encode("ascii")),
    )
