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
    LANGUAGE = "language"
    CUSTOM = "custom"
    ARCHIVE = "archive"
    EDITIONS = "editions"


class FeedFormat(StrEnum):
    """In which format a feed is written."""

    RSS = "rss"
    ATOM = "atom"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class FeedKey:
    """One feed of the publication; `name` is empty for the site's own.

    A custom feed is named by its path below public/, an archive by its month, with the first day
    of a part that does not reach to the month's end: 2026-03, 2026-03-17. Sent editions are named
    by their newsletter's id.
    """

    kind: FeedKind
    name: str = ""


class Naming(StrEnum):
    """What an entry is known by: an id of ours, what the site's own feed calls it, its address."""

    TAG = "tag"
    PERMALINK = "permalink"
    URL = "url"


@dataclass(frozen=True, slots=True)
class CustomFeed:
    """A feed at a path of the publication's choice, in one format.

    A post belongs to it that meets every condition; of the names in one, any will do. Without a
    condition it has every post. An empty title is made from the conditions.
    """

    path: str
    format: FeedFormat
    title: str = ""
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    language: str = ""

    @property
    def key(self) -> FeedKey:
        """What it is known by."""
        return FeedKey(FeedKind.CUSTOM, self.path)

    @property
    def conditions(self) -> tuple[tuple[FeedKind, tuple[str, ...]], ...]:
        """The conditions there are, by what they look at."""
        every = (
            (FeedKind.CATEGORY, self.categories),
            (FeedKind.TAG, self.tags),
            (FeedKind.AUTHOR, self.authors),
            (FeedKind.LANGUAGE, (self.language,) if self.language else ()),
        )
        return tuple((kind, names) for kind, names in every if names)


@dataclass(frozen=True, slots=True)
class FeedSettings:
    """How feeds are cut; bytes are counted before compression.

    `by` says which feeds there are besides the site's own, `naming` what entries are known by.
    `has_pages` is whether a page for people lies beside each of them, as feeds built for a static
    site may have it or not. With `has_stylesheet` browsers show them laid out. `moved` leads from a
    former path to a path or an address.
    """

    content: str = "full"
    min_items: int = 20
    min_days: int = 7
    max_items: int = 200
    max_bytes: int = 1_000_000
    hubs: tuple[str, ...] = ()
    by: tuple[FeedKind, ...] = (FeedKind.CATEGORY, FeedKind.TAG, FeedKind.AUTHOR)
    has_pages: bool = True
    naming: Naming = Naming.TAG
    custom: tuple[CustomFeed, ...] = ()
    has_archive: bool = True
    has_stylesheet: bool = False
    moved: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A post inside a feed."""

    post: Post
    body: Body


@dataclass(frozen=True, slots=True)
class Feed:
    """Everything a feed's bytes derive from; `updated_at` is the newest of its entries'.

    `service_url` is where the feed itself lives, without a trailing slash. An entry whose body
    has no HTML is shown by its summary alone. `older_url` is the archive of what came before
    (RFC 5005), "" when there is none; an archive names at `current_url` the feed it is of. One
    that `is_styled` is laid out by browsers.
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
    older_url: str = ""
    current_url: str = ""
    is_styled: bool = False


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


@dataclass(frozen=True, slots=True)
class PublishedFeed:
    """What a feed holds since it was published last; `newest_at` is of its newest entry."""

    key: FeedKey
    entries: int
    newest_at: datetime | None
