"""Published files in memory, laid out so that an answer is picked up rather than made."""

from __future__ import annotations

import gzip
import hashlib
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from types import MappingProxyType

from service.feeds.paths import file_url, is_topic
from service.feeds.xml import POLICY
from service.model.feed import PublishedFile
from service.publishing import FeedPress

Headers = tuple[tuple[bytes, bytes], ...]

_FRESH_FOR = 900
"""Seconds for which a reader need not ask again."""

_ANY_ORIGIN = (b"access-control-allow-origin", b"*")
_HARMLESS: Headers = (
    (b"content-security-policy", POLICY.encode("ascii")),
    (b"x-content-type-options", b"nosniff"),
)
_SLASHES = re.compile("/{2,}")


@dataclass(frozen=True, slots=True)
class Signpost:
    """Where feeds say that they live, and who is told of their changes.

    `service_url` without a trailing slash; `moved` leads from a path to the address it has now.
    """

    service_url: str = ""
    hubs: tuple[str, ...] = ()
    moved: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Coded:
    """A file in one content coding, with the headers of a whole answer and of a 304.

    `etag` is strong, quoted, and of these very bytes.
    """

    content: bytes
    etag: bytes
    whole: Headers
    same: Headers


@dataclass(frozen=True, slots=True)
class ServedFile:
    """A published file in memory, by its path below public/.

    The plain bytes are most of the weight and hardly anybody asks for them, so `plain` is kept
    packed, and unpacked by `read_plain`.
    """

    path: str
    content_type: str
    changed_at: datetime
    digest: str
    last_modified: bytes
    codings: Mapping[str, Coded]

    def coded(self, coding: str) -> Coded:
        """The file as `br`, `gzip` or `identity`; the last one without its bytes."""
        return self.codings[coding]

    def read(self, coding: str) -> bytes:
        """The bytes of the file in a coding."""
        if coding == "identity":
            return gzip.decompress(self.codings["gzip"].content)
        return self.codings[coding].content


@dataclass(frozen=True, slots=True)
class Moved:
    """What was here is now at `address`."""

    address: str


@dataclass(frozen=True, slots=True)
class Gone:
    """What was here was published once, and is no more."""


Found = ServedFile | Moved | Gone


class Shelf:
    """Published files in memory, exchanged as a whole so that readers never see half of it."""

    def __init__(self, folder: Path, signpost: Signpost | None = None) -> None:
        self._folder = folder
        self._signpost = signpost or Signpost()
        self._files: dict[str, ServedFile] = {}
        self._places: dict[str, Found] = {}
        self._alike: dict[str, str] = {}

    def find(self, path: str) -> Found | None:
        """What is to be answered at a request's decoded path; None where nothing is published.

        A path is found in whatever normal form it was typed. One that differs only in case or
        by doubled slashes leads to the file meant.
        """
        return self._places.get(path) or self._find_alike(path)

    def refresh(
        self, manifest: Sequence[PublishedFile], removed: Collection[str] = ()
    ) -> tuple[str, ...]:
        """Serve exactly the manifest; reads only files that changed, and blocks while it does.

        A file that is not on disk with the digest of its row is served as it was before, or
        not at all. Returns the paths of such files: they have to be written again. Paths that
        are `removed` are gone for good.
        """
        files: dict[str, ServedFile] = {}
        astray: list[str] = []
        for row in manifest:
            before = self._files.get(row.path)
            now = self._keep(before, row) or self._load(row)
            if now is None:
                astray.append(row.path)
            if served := now or before:
                files[row.path] = served
        self._exchange(files, removed)
        return tuple(astray)

    def _exchange(self, files: dict[str, ServedFile], removed: Collection[str]) -> None:
        alike = {_fold(f"/{path}"): path for path in files}
        gone = Gone()
        places: dict[str, Found] = {
            f"/{path}": gone for path in removed if _fold(f"/{path}") not in alike
        }
        places |= {f"/{path}": file for path, file in files.items()}
        places |= {path: Moved(address) for path, address in self._signpost.moved.items()}
        self._files, self._places, self._alike = files, places, alike

    def _find_alike(self, path: str) -> Found | None:
        composed = unicodedata.normalize("NFC", path)
        if composed in self._places:
            return self._places[composed]
        plain = _SLASHES.sub("/", composed)
        if plain != composed and plain in self._signpost.moved:
            return self._places[plain]
        meant = self._alike.get(_fold(plain))
        return None if meant is None else Moved(file_url(self._signpost.service_url, meant))

    def _keep(self, before: ServedFile | None, row: PublishedFile) -> ServedFile | None:
        if before is None or before.digest != row.digest:
            return None
        if before.changed_at == row.changed_at and before.content_type == row.content_type:
            return before
        return self._lay_out(row, before.read("gzip"), before.read("br"))

    def _load(self, row: PublishedFile) -> ServedFile | None:
        path = self._folder / row.path
        try:
            # The writer replaces the file last, so we read it first: once it is the one wanted,
            # what lies beside it is at least as new. The other way round an old copy could stay.
            digest = _digest(path.read_bytes())
            packed = path.with_name(f"{path.name}.gz").read_bytes()
            pressed = path.with_name(f"{path.name}.br").read_bytes()
        except OSError:
            return None
        return self._lay_out(row, packed, pressed) if digest == row.digest else None

    def _lay_out(self, row: PublishedFile, packed: bytes, pressed: bytes) -> ServedFile:
        changed = format_datetime(row.changed_at.astimezone(UTC), usegmt=True).encode("ascii")
        # What RFC 9110 asks of a 304, and leave to read it; the rest the client has.
        always: Headers = (
            (b"cache-control", self._advise_caches(row)),
            (b"vary", b"Accept-Encoding"),
            _ANY_ORIGIN,
        )
        whole: Headers = (
            (b"content-type", row.content_type.encode("latin-1")),
            (b"last-modified", changed),
            (b"access-control-expose-headers", b"ETag, Link"),
            *_HARMLESS,
            *self._link(row),
            *always,
        )
        plain = _measure(int.from_bytes(packed[-4:], "little"))
        codings = {
            "identity": _code(b"", row.digest, always, (*whole, plain)),
            "gzip": _code(packed, _digest(packed), always, (*whole, *_name(packed, b"gzip"))),
            "br": _code(pressed, _digest(pressed), always, (*whole, *_name(pressed, b"br"))),
        }
        return ServedFile(row.path, row.content_type, row.changed_at, row.digest, changed, codings)

    def _advise_caches(self, row: PublishedFile) -> bytes:
        # A hub asks a moment after it was told: a shared cache must not give it what was before.
        shared = ", s-maxage=0" if self._signpost.hubs and _is_topic(row) else ""
        return f"public, max-age={_FRESH_FOR}{shared}".encode("ascii")

    def _link(self, row: PublishedFile) -> Headers:
        """Where a feed's changes are told, as WebSub wants it said."""
        if not self._signpost.hubs or not _is_topic(row):
            return ()
        links = [(file_url(self._signpost.service_url, row.path), "self")]
        links += [(hub, "hub") for hub in self._signpost.hubs]
        value = ", ".join(f'<{address}>; rel="{relation}"' for address, relation in links)
        return ((b"link", value.encode("latin-1")),)


def open_shelf(press: FeedPress) -> Shelf:
    """An empty shelf for what this press publishes."""
    service_url = press.publication.service_url
    moved = {
        path: file_url(service_url, to.removeprefix("/")) if to.startswith("/") else to
        for path, to in press.settings.moved
    }
    return Shelf(press.folder, Signpost(service_url, press.settings.hubs, MappingProxyType(moved)))


def _code(content: bytes, digest: str, always: Headers, whole: Headers) -> Coded:
    tag = (b"etag", f'"{digest[:32]}"'.encode("ascii"))
    return Coded(content, tag[1], (tag, *whole), (tag, *always))


def _name(content: bytes, coding: bytes) -> Headers:
    return (b"content-encoding", coding), _measure(len(content))


def _measure(size: int) -> tuple[bytes, bytes]:
    return b"content-length", str(size).encode("ascii")


def _is_topic(row: PublishedFile) -> bool:
    return is_topic(row.path, row.content_type)


def _fold(path: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
