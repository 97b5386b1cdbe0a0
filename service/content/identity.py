"""Who a post is when its title, date, path or text have moved: a row of its own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol
from urllib.parse import quote

How = Literal["explicit", "path", "rename", "returned", "new", "replaced", "duplicate"]


@dataclass(frozen=True, slots=True)
class KnownPost:
    """A post we have, as it was last read.

    `gone_at` is when its file went; for a file that this scan misses it is the scan's own
    `now`. `is_news` posts have a number in some newsletter: they may have been mailed.
    """

    post_id: int
    path: str
    title: str
    dated: datetime
    text_digest: str
    first_seen_at: datetime
    explicit_id: str | None = None
    gone_at: datetime | None = None
    is_news: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """A new or changed file: of what it holds now, what identity goes by before its text."""

    path: str
    title: str
    dated: datetime
    explicit_id: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Which post the file at `path` is (None: none we have) and how we know.

    `replaced`: a path now holds another article, so a new post. `duplicate`: a second file
    with an explicit id that another one holds; the scan quarantines it.
    """

    path: str
    post_id: int | None
    how: How


@dataclass(frozen=True, slots=True)
class Decisions:
    """An identity for each arrival, in their order, and the renames seen in two steps.

    `merged` maps a post to the newcomer it turned out to be: its copy was seen a scan or more
    before its own file went. The post lives on where the newcomer is, the newcomer no more.
    """

    identities: tuple[Identity, ...]
    merged: dict[int, int]


class Texts(Protocol):
    """Bodies as plain text, asked for only where they must decide."""

    def of_file(self, path: str) -> str:
        """The text of an arrival."""

    def of_post(self, post_id: int) -> str:
        """The text of a known post."""


def mint_uid(host: str, year: int, path: str, nth: int) -> str:
    """Return the tag URI of the `nth` post first seen at `path`; ASCII, and never minted anew."""
    digest = hashlib.sha256(f"{path}\0{nth}".encode("utf-8", "surrogatepass")).hexdigest()
    return f"tag:{_write_host(host)},{year}:post/{digest[:16]}"


def write_explicit_id(explicit_id: str) -> str:
    """Return an id from front matter as ASCII; what is already percent-encoded stays."""
    return quote(explicit_id.strip(), safe="!#$%&'()*+,/:;=?@[]~")


def _write_host(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return quote(host, safe="")
