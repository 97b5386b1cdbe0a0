"""Posts: what a file says (Article) and what we know of it (Post)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

LONGEST_FULL = 256 * 1024
"""Bytes of HTML up to which feeds show a new post in full; a longer one by summary and link."""


class Verdict(StrEnum):
    """What became of a file; every file ends in exactly one."""

    PUBLISHED = "published"
    SCHEDULED = "scheduled"
    DRAFT = "draft"
    NOT_A_POST = "not a post"
    QUARANTINED = "quarantined"


class Level(StrEnum):
    """What a gate finding does to mail."""

    HOLD = "hold"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something odd in a post: named by rule, with its place in the file where there is one.

    `quote` is the text at that place as a reader would see it, short, "" where there is none.
    """

    rule: str
    level: Level
    message: str
    line: int | None = None
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Author:
    """Somebody named as author."""

    name: str
    email: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """The picture of a post; `type` is a media type such as image/png.

    `length` in bytes, `width` and `height` in pixels, 0 where the file was not at hand.
    """

    url: str
    type: str
    length: int = 0
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A sound or video file of a post; `length` in bytes, 0 when unknown."""

    url: str
    type: str
    length: int


@dataclass(frozen=True, slots=True)
class Article:
    """What one file says, cleaned, before it has an identity.

    `published_at` keeps the offset its author wrote. `html` has absolute links only.
    `draft` covers every spelling of unpublished. `mailable` is false for `mail: false`,
    noindex and a canonical URL elsewhere. `site_id` is what the generator's own feed knows it
    by, ASCII. `date_source` says where the date was found:
    "front matter", "name", "path", or "git" for the commit that added the file. `warnings` are
    notes of the reader (dropped tags, duplicate keys), not of the gate.
    """

    path: str
    title: str
    url: str
    published_at: datetime
    summary: str
    html: str
    text: str
    language: str
    explicit_id: str | None = None
    modified_at: datetime | None = None
    expires_at: datetime | None = None
    authors: tuple[Author, ...] = ()
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    image: Image | None = None
    enclosures: tuple[Enclosure, ...] = ()
    former_urls: tuple[str, ...] = ()
    draft: bool = False
    in_feeds: bool = True
    mailable: bool = True
    pinned: bool = False
    date_source: str = "front matter"
    warnings: tuple[Finding, ...] = ()
    site_id: str = ""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """How a file looked from outside; `digest` is the sha256 of its bytes, hex."""

    path: str
    size: int
    mtime_ns: int
    digest: str


@dataclass(frozen=True, slots=True)
class OwnLink:
    """A link to an address of the own site: what it shows, and the line of the file."""

    url: str
    text: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """What is kept of an article's file to compare it with others: lines, and own links."""

    title_line: int | None = None
    summary_line: int | None = None
    links: tuple[OwnLink, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """One file read: its verdict, why, and the article where there is one.

    The verdict of an article with a date in the future is SCHEDULED as of `now` of the
    reading; the store derives it anew from `published_at` whenever it is asked. `findings` are
    what the gate finds in the article by itself, `places` what it needs to compare it.
    """

    facts: FileFacts
    verdict: Verdict
    code: str = ""
    message: str = ""
    line: int | None = None
    article: Article | None = None
    findings: tuple[Finding, ...] = ()
    places: Places = Places()


class Hold(StrEnum):
    """Why a post is kept out of mail until a person says otherwise."""

    GATE = "gate"
    MASS = "mass"
    EDITOR = "editor"


class Labelled(Protocol):
    """Whatever feeds choose from: a post, or as much of it as that takes."""

    @property
    def language(self) -> str:
        """The language it is in."""

    @property
    def categories(self) -> tuple[str, ...]:
        """Its categories."""

    @property
    def tags(self) -> tuple[str, ...]:
        """Its tags."""

    @property
    def authors(self) -> tuple[Author, ...]:
        """Who wrote it."""


class Placed(Labelled, Protocol):
    """A post, or as much of it as tells which feeds have it, and at which place."""

    @property
    def post_id(self) -> int:
        """Its number."""

    @property
    def uid(self) -> str:
        """Its id."""

    @property
    def url(self) -> str:
        """Its address."""

    @property
    def published_at(self) -> datetime:
        """When it was published."""

    @property
    def summary(self) -> str:
        """Its summary."""

    @property
    def html_size(self) -> int:
        """The bytes of its body."""

    @property
    def is_full(self) -> bool:
        """Whether feeds with whole texts show all of it."""


AnyPost = TypeVar("AnyPost", bound=Placed)


@dataclass(frozen=True, slots=True)
class Post:
    """A post with its identity. `uid` is minted once and is ASCII; bodies are loaded apart.

    `updated_at` moves only on a material change of title or text; `changed_at` on any change
    of the file's content, for the settle window. `seen_after_at` is the last good scan before
    the first sight. `is_known` posts were there before the first scan and are never news.

    `site_id` and `url_id` are what feeds may know it by instead of `uid`: what its site's own
    feed called it, and its address, both as of the first sight; "" when that is not known. A
    post that was short when first seen `is_full`: feeds with whole texts show all of it.
    """

    post_id: int
    uid: str
    path: str
    title: str
    url: str
    summary: str
    language: str
    published_at: datetime
    updated_at: datetime
    first_seen_at: datetime
    changed_at: datetime
    seen_after_at: datetime | None
    is_known: bool
    expires_at: datetime | None = None
    authors: tuple[Author, ...] = ()
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    image: Image | None = None
    enclosures: tuple[Enclosure, ...] = ()
    draft: bool = False
    in_feeds: bool = True
    mailable: bool = True
    pinned: bool = False
    html_size: int = 0
    body_digest: str = ""
    text_digest: str = ""
    explicit_id: str | None = None
    hold: Hold | None = None
    hold_note: str = ""
    released_at: datetime | None = None
    former_urls: tuple[str, ...] = ()
    date_source: str = "front matter"
    findings: tuple[Finding, ...] = ()
    site_id: str = ""
    url_id: str = ""
    is_full: bool = True

    def verdict(self, now: datetime) -> Verdict:
        """What the post is at `now`; a scheduled post becomes published by time alone."""
        if self.draft:
            return Verdict.DRAFT
        return Verdict.PUBLISHED if self.published_at <= now else Verdict.SCHEDULED


@dataclass(frozen=True, slots=True)
class Outline:
    """A post, or an article about to be one, as far as others are compared with it."""

    path: str
    title: str
    url: str
    summary: str
    published_at: datetime
    former_urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Body:
    """The rendered body of a post: sanitised HTML with absolute links, and plain text."""

    html: str
    text: str
