"""Feeds: which there are, and what is in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from service.model.post import Body, Post


class FeedKind(StrEnum):
    """What a feed selects by."""

    SITE = "site"
    CATEGORY = "category"
    TAG = "tag"
    AUTHOR = "author"


class FeedFormat(StrEnum):
    """In which format a feed is written."""

    RSS = "rss"
    ATOM = "atom"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class FeedKey:
    """One feed of the publication; `name` is empty for the site's own."""

    kind: FeedKind
    name: str = ""


@dataclass(frozen=True, slots=True)
class FeedSettings:
    """How feeds are cut; bytes are counted before compression.

    `by` says which feeds there are besides the site's own. `has_pages` is whether a page for
    people lies beside each of them; feeds built for a static site have none.
    """

    content: str = "full"
    min_items: int = 20
    min_days: int = 7
    max_items: int = 200
    max_bytes: int = 1_000_000
    hubs: tuple[str, ...] = ()
    by: tuple[FeedKind, ...] = (FeedKind.CATEGORY, FeedKind.TAG, FeedKind.AUTHOR)
    has_pages: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """A post inside a feed."""

    post: Post
    body: Body


@dataclass(frozen=True, slots=True)
class Feed:
    """Everything a feed's bytes derive from; `updated_at` is the newest of its entries'.

    `service_url` is where the feed itself lives, without a trailing slash. An entry whose body
    has no HTML is shown by its summary alone.
    """

    key: FeedKey
    title: str
    description: str
    site_url: str
    language: str
    author: str
    updated_at: datetime
    entries: tuple[Entry, ...]
    hubs: tuple[str, ...] = ()
    service_url: str = ""
    has_pages: bool = True


@dataclass(frozen=True, slots=True)
class FeedFile:
    """One published file: `path` below public/, its bytes, and their media type with charset."""

    path: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A row of what is published: `digest` is the sha256 of the file's own bytes, hex.

    `changed_at` is when those bytes became what they are, the same on every machine.
    """

    path: str
    content_type: str
    digest: str
    changed_at: datetime
