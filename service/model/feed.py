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


@dataclass(frozen=True, slots=True)
class FeedKey:
    """One feed of the publication; `name` is empty for the site's own."""

    kind: FeedKind
    name: str = ""


@dataclass(frozen=True, slots=True)
class FeedSettings:
    """How feeds are cut; bytes are counted before compression."""

    content: str = "full"
    min_items: int = 20
    min_days: int = 7
    max_items: int = 200
    max_bytes: int = 1_000_000
    hubs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A post inside a feed."""

    post: Post
    body: Body


@dataclass(frozen=True, slots=True)
class Feed:
    """Everything a feed's bytes derive from; `updated_at` is the newest of its entries'."""

    key: FeedKey
    title: str
    description: str
    site_url: str
    language: str
    author: str
    updated_at: datetime
    entries: tuple[Entry, ...]
    hubs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedFile:
    """One published file: `path` below public/, its bytes, and their media type with charset."""

    path: str
    content_type: str
    content: bytes
