"""Where a feed lives: its path below public/, and its addresses.

A name of any script is its own folder, in NFC, so that a static server can take over with no
table of ours; an address is that same path, percent-encoded. A name that cannot safely be a
folder becomes `~` and a hash of it in both, and a name that itself begins with `~` does too:
so two names never meet. Names that differ only in case never reach a disk together, because
`list_feed_keys` makes one feed of them; raw names therefore stay raw.

A custom feed lives at the path it was given. Where that is a path of ours, ours gives way.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from urllib.parse import quote

from service.model.feed import Feed, FeedFormat, FeedKey, FeedKind, FeedSettings

CONTENT_TYPES = {
    FeedFormat.RSS: "application/rss+xml",
    FeedFormat.ATOM: "application/atom+xml",
    FeedFormat.JSON: "application/feed+json",
}
"""The media type of each format, without its charset, as links name it."""

_FILE_NAMES = {
    FeedFormat.RSS: "feed.xml",
    FeedFormat.ATOM: "atom.xml",
    FeedFormat.JSON: "feed.json",
}

STYLED_TYPE = "application/xml"
"""The media type of RSS and Atom that browsers are to lay out: they do so with no other one."""

_TOPIC_TYPES = frozenset({*CONTENT_TYPES.values(), STYLED_TYPE})
_ARCHIVE = "archive/"
_WITHOUT_PAGE = frozenset({FeedKind.SITE, FeedKind.CUSTOM, FeedKind.ARCHIVE})

_LONGEST_NAME = 200
"""In bytes; most file systems stop at 255."""

_UNSAFE = re.compile(r"^[.~\s]|[.\s]$|[/\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]|^$")

_NOT_FOR_AN_ADDRESS = re.compile(r"[^!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]+|%(?![0-9A-Fa-f]{2})")
_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")


def feed_path(key: FeedKey, format: FeedFormat) -> str:  # noqa: A002 (it is one)
    """The path of a feed's file below public/, such as `tag/生成AI/feed.xml`."""
    match key.kind:
        case FeedKind.CUSTOM:
            return key.name
        case FeedKind.ARCHIVE:
            return f"{_ARCHIVE}{key.name}.xml"
    return _folder(key) + _FILE_NAMES[format]


def list_formats(key: FeedKey, settings: FeedSettings) -> tuple[FeedFormat, ...]:
    """The formats a feed is published in: of ours, those whose path no custom feed has taken."""
    if key.kind is FeedKind.CUSTOM:
        return tuple(one.format for one in settings.custom if one.path == key.name)
    if key.kind is FeedKind.ARCHIVE:
        return (FeedFormat.ATOM,)
    taken = {one.path for one in settings.custom}
    return tuple(each for each in FeedFormat if feed_path(key, each) not in taken)


def find_content_type(format: FeedFormat, settings: FeedSettings) -> str:  # noqa: A002
    """The media type of a feed's file with its charset."""
    is_styled = settings.has_stylesheet and format is not FeedFormat.JSON
    return f"{STYLED_TYPE if is_styled else CONTENT_TYPES[format]}; charset=utf-8"


def feed_url(service_url: str, key: FeedKey, format: FeedFormat) -> str:  # noqa: A002
    """The address of a feed in ASCII; `service_url` without a trailing slash."""
    return file_url(service_url, feed_path(key, format))


def file_url(service_url: str, path: str) -> str:
    """The address of a published file in ASCII, by its path below public/."""
    return f"{service_url}/{quote(path)}"


def is_topic(path: str, content_type: str) -> bool:
    """Whether a published file is a feed that names its hubs; archives, which rest, do not."""
    media_type, _, _ = content_type.partition(";")
    return media_type in _TOPIC_TYPES and not is_archive(path)


def is_archive(path: str) -> bool:
    """Whether a published file is a part of the archive."""
    return path.startswith(_ARCHIVE)


def page_path(key: FeedKey) -> str:
    """The path of the page for people of a feed: `/`, or such as `/tag/%E7%94%9F/`.

    A custom feed's is `/custom/` and the feed's own path: beside the feed there may be none.
    """
    return f"/{quote(_folder(key))}"


def home_url(feed: Feed) -> str:
    """What a feed is the feed of: the publication's own site, or the page beside the feed."""
    return find_home(feed.key, feed.site_url, feed.service_url, has_pages=feed.has_pages)


def find_home(key: FeedKey, site_url: str, service_url: str, *, has_pages: bool) -> str:
    """`home_url` by its parts, addresses in ASCII and without a trailing slash."""
    if key.kind in _WITHOUT_PAGE or not has_pages:
        return f"{site_url}/"
    return service_url + page_path(key)


def folder_name(name: str) -> str:
    """One safe path segment for a name, different for different names (NFC aside)."""
    composed = unicodedata.normalize("NFC", name)
    encoded = composed.encode("utf-8", "surrogatepass")
    if len(encoded) > _LONGEST_NAME or _UNSAFE.search(composed):
        return f"~{hashlib.sha256(encoded).hexdigest()[:32]}"
    return composed


def encode_url(url: str) -> str:
    """An address with only the characters an URI may have; escapes in it stay as they are."""
    encoded = _NOT_FOR_AN_ADDRESS.sub(lambda match: quote(match.group(), errors="replace"), url)
    if encoded.count("#") > 1:
        page, _, fragment = encoded.partition("#")
        encoded = f"{page}#{fragment.replace('#', '%23')}"
    if "[" not in encoded and "]" not in encoded:
        return encoded
    # Brackets are for the address of a host alone.
    origin = _ORIGIN.match(encoded)
    host = origin.group() if origin else ""
    return host + encoded[len(host) :].replace("[", "%5B").replace("]", "%5D")


def _folder(key: FeedKey) -> str:
    match key.kind:
        case FeedKind.SITE:
            return ""
        case FeedKind.CUSTOM:
            return f"{key.kind}/{key.name}/"
    return f"{key.kind}/{folder_name(key.name)}/"
