"""The door to published files: answered from memory, in front of everything else.

Feed readers poll for years and mostly ask whether anything changed. So this is plain ASGI, with
no framework on the way: one look-up, and usually a 304. It sets no cookie and limits nobody.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import Protocol

from starlette.types import ASGIApp, Receive, Scope, Send

from service.model.feed import PublishedFile

CACHE_CONTROL = "public, max-age=900"

_TAG = re.compile(r'"[^"]*"')


@dataclass(frozen=True, slots=True)
class Coding:
    """A file in one content coding; `etag` is strong, quoted, and of these very bytes."""

    content: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class ServedFile:
    """A published file in memory.

    The plain bytes are most of the weight and hardly anybody asks for them, so they are
    unpacked from the gzip when somebody does; `plain_etag` is theirs.
    """

    content_type: str
    changed_at: datetime
    digest: str
    plain_etag: str
    gzip: Coding
    br: Coding

    def coded(self, coding: str) -> Coding:
        """The file as `br`, `gzip` or `identity`."""
        if coding == "identity":
            return Coding(gzip.decompress(self.gzip.content), self.plain_etag)
        return self.br if coding == "br" else self.gzip

    def etag(self, coding: str) -> str:
        """The entity tag of the file in a coding."""
        return {"br": self.br.etag, "gzip": self.gzip.etag}.get(coding, self.plain_etag)


class FindsFiles(Protocol):
    """What the door needs of a shelf."""

    def find(self, path: str) -> ServedFile | None:
        """The file at a request's decoded path, None where no file is published."""


class Shelf:
    """Published files in memory, exchanged as a whole so that readers never see half of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, ServedFile] = {}

    def find(self, path: str) -> ServedFile | None:
        """The file at a request's decoded path, in whatever normal form it was typed."""
        return self._files.get(unicodedata.normalize("NFC", path))

    def refresh(self, manifest: Sequence[PublishedFile]) -> tuple[str, ...]:
        """Serve exactly the manifest; reads only files that changed, and blocks while it does.

        A file that is not on disk with the digest of its row is served as it was before, or
        not at all. Returns the paths of such files: they have to be written again.
        """
        files: dict[str, ServedFile] = {}
        astray: list[str] = []
        for row in manifest:
            before = self._files.get(f"/{row.path}")
            now = _keep(before, row) or _load(self._folder, row)
            if now is None:
                astray.append(row.path)
            if served := now or before:
                files[f"/{row.path}"] = served
        self._files = files
        return tuple(astray)


class PublishedFiles:
    """An ASGI app that answers for published files and hands everything else on."""

    def __init__(self, shelf: FindsFiles, otherwise: ASGIApp) -> None:
        self._shelf = shelf
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        file = self._shelf.find(scope["path"]) if scope["type"] == "http" else None
        if file is None:
            await self._otherwise(scope, receive, send)
        elif scope["method"] not in {"GET", "HEAD"}:
            await _answer(send, 405, [("allow", "GET, HEAD"), ("content-length", "0")])
        else:
            await _serve(file, scope, send)


def choose_coding(accept_encoding: str) -> str:
    """`br`, `gzip` or `identity`: the one the client likes best, the smallest of equals.

    Where a client refuses everything, the plain file is still better than no file.
    """
    liked = _parse_weights(accept_encoding)
    others = liked.get("*", 0.0)
    weights = {coding: liked.get(coding, others) for coding in ("br", "gzip")}
    best = max(weights, key=lambda coding: weights[coding])
    if weights[best] > 0 and weights[best] >= liked.get("identity", 0.0):
        return best
    return "identity"


def is_unchanged(
    etag: str, changed_at: datetime, if_none_match: str, if_modified_since: str
) -> bool:
    """Whether the client's copy is still good; tags decide alone where there are any."""
    if if_none_match:
        return if_none_match.strip() == "*" or etag in _TAG.findall(if_none_match)
    since = _parse_date(if_modified_since)
    return since is not None and changed_at.replace(microsecond=0) <= since


async def _serve(file: ServedFile, scope: Scope, send: Send) -> None:
    asked = _read_headers(scope["headers"])
    coding = choose_coding(asked["accept-encoding"])
    etag = file.etag(coding)
    headers = [
        ("content-type", file.content_type),
        ("etag", etag),
        ("last-modified", format_datetime(file.changed_at.astimezone(UTC), usegmt=True)),
        ("cache-control", CACHE_CONTROL),
        ("vary", "Accept-Encoding"),
    ]
    if is_unchanged(etag, file.changed_at, asked["if-none-match"], asked["if-modified-since"]):
        await _answer(send, 304, headers)
        return
    content = file.coded(coding).content
    if coding != "identity":
        headers.append(("content-encoding", coding))
    headers.append(("content-length", str(len(content))))
    await _answer(send, 200, headers, b"" if scope["method"] == "HEAD" else content)


async def _answer(
    send: Send, status: int, headers: Iterable[tuple[str, str]], body: bytes = b""
) -> None:
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})


def _read_headers(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    read = {"accept-encoding": "", "if-none-match": "", "if-modified-since": ""}
    for raw_name, value in headers:
        name = raw_name.decode("latin-1").lower()
        if name in read:
            # A header sent twice means the same as one with both lists.
            read[name] = ", ".join(filter(None, (read[name], value.decode("latin-1"))))
    return read


def _parse_weights(accept_encoding: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for item in accept_encoding.lower().split(","):
        coding, *parameters = (part.strip() for part in item.split(";"))
        if coding:
            weights[coding.removeprefix("x-")] = _parse_weight(parameters)
    return weights


def _parse_weight(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            return float(value) if re.fullmatch(r"[01](\.\d{0,3})?", value.strip()) else 0.0
    return 1.0


def _parse_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _keep(before: ServedFile | None, row: PublishedFile) -> ServedFile | None:
    if before is None or before.digest != row.digest:
        return None
    if before.changed_at == row.changed_at and before.content_type == row.content_type:
        return before
    return replace(before, content_type=row.content_type, changed_at=row.changed_at)


def _load(folder: Path, row: PublishedFile) -> ServedFile | None:
    path = folder / row.path
    try:
        # The writer replaces the file last, so we read it first: once it is the one wanted, what
        # lies beside it is at least as new. The other way round an old copy could stay for good.
        digest = _digest(path.read_bytes())
        packed = path.with_name(f"{path.name}.gz").read_bytes()
        pressed = path.with_name(f"{path.name}.br").read_bytes()
    except OSError:
        return None
    if digest != row.digest:
        return None
    return ServedFile(
        row.content_type,
        row.changed_at,
        digest,
        _quote(digest),
        Coding(packed, _quote(_digest(packed))),
        Coding(pressed, _quote(_digest(pressed))),
    )


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _quote(digest: str) -> str:
    return f'"{digest[:32]}"'
