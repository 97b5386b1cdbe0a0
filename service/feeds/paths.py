"""Where a feed lives: its path below public/, and its addresses.

A name of any script is its own folder, in NFC, so that a static server can take over with no
table of ours; an address is that same path, percent-encoded. A name that cannot safely be a
folder becomes `~` and a hash of it in both, and a name that itself begins with `~` does too:
so two names never meet. Names that differ only in case never reach a disk together, because
`list_feed_keys` makes one feed of them; raw names therefore stay raw.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from urllib.parse import quote

from service.model.feed import Feed, FeedFormat, FeedKey, FeedKind

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

_LONGEST_NAME = 200
"""In bytes; most file systems stop at 255."""

_UNSAFE = re.compile(r"^[.~\s]|[.\s]$|[/\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]|^$")

_NOT_FOR_AN_ADDRESS = re.compile(r"[^!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]+")


def feed_path(key: FeedKey, format: FeedFormat) -> str:  # noqa: A002 (it is one)
    """The path of a feed's file below public/, such as `tag/生成AI/feed.xml`."""
    return _folder(key) + _FILE_NAMES[format]


def feed_url(service_url: str, key: FeedKey, format: FeedFormat) -> str:  # noqa: A002
    """The address of a feed in ASCII; `service_url` without a trailing slash."""
    return f"{service_url}/{quote(feed_path(key, format))}"


def page_path(key: FeedKey) -> str:
    """The path of the page for people beside a feed: `/`, or such as `/tag/%E7%94%9F/`."""
    return f"/{quote(_folder(key))}"


def home_url(feed: Feed) -> str:
    """What a feed is the feed of: the publication's own site, or the page beside the feed."""
    if feed.key.kind is FeedKind.SITE or not feed.has_pages:
        return f"{feed.site_url}/"
    return feed.service_url + page_path(feed.key)


def folder_name(name: str) -> str:
    """One safe path segment for a name, different for different names (NFC aside)."""
    composed = unicodedata.normalize("NFC", name)
    encoded = composed.encode("utf-8", "surrogatepass")
    if len(encoded) > _LONGEST_NAME or _UNSAFE.search(composed):
        return f"~{hashlib.sha256(encoded).hexdigest()[:32]}"
    return composed


def encode_url(url: str) -> str:
    """An address with only the characters an URI may have; escapes in it stay as they are."""
    return _NOT_FOR_AN_ADDRESS.sub(lambda match: quote(match.group(), errors="replace"), url)


def _folder(key: FeedKey) -> str:
    return "" if key.kind is FeedKind.SITE else f"{key.kind}/{folder_name(key.name)}/"
