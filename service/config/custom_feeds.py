"""How `[[feeds.custom]]` is written: a path the publication has announced, and what is to be there.

A path of one of our own feeds may be taken: ours is then not published there. What is a page of
ours, or would lie in the way of one, may not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Annotated, Any
from urllib.parse import unquote

from pydantic import BeforeValidator, Field

from service.config import addresses, values
from service.config.table import Line, Table
from service.model.feed import CustomFeed, FeedFormat

_FOLDERS = frozenset({"category", "tag", "author", "language"})
_OURS = addresses.OURS | {
    "archive",
    "assets",
    "custom",
    "favicon.ico",
    "feeds.opml",
    "follow",
    "index.html",
    "kawaraban",
    "posts",
    "robots.txt",
}
_BESIDE = (".gz", ".br", ".html", ".htm", ".part")
_SEGMENT = re.compile(r"[^\x00-\x1f\x7f-\x9f\\\u2028\u2029\ud800-\udfff]+")
_LONGEST_SEGMENT = 200
"""In bytes; most file systems stop at 255."""
_FORMATS = (
    (FeedFormat.JSON, re.compile(r"\.json$")),
    (FeedFormat.ATOM, re.compile(r"(^|[/._-])atom(\.xml)?$")),
    (FeedFormat.RSS, re.compile(r"\.(xml|rss)$|(^|[/._-])rss$")),
)


def read_path(value: object) -> str:
    """Return where a feed is to be, below public/ and without escapes."""
    text = values.read_words(value)
    path = unicodedata.normalize("NFC", unquote(text)).removeprefix("/")
    segments = path.split("/")
    if any(sign in text for sign in "?#") or "\ufffd" in path:
        raise ValueError(f"{values.show(value)} has more in it than a path; write what is before ?")
    if path.endswith("/"):
        raise ValueError(f'{values.show(value)} is a folder; write the file: "{path}feed.xml"')
    if {"", ".", ".."} & set(segments) or not all(map(_SEGMENT.fullmatch, segments)):
        raise ValueError(
            f'{values.show(value)} leads out of the folder of feeds; write such as "feeds/tech.xml"'
        )
    if any(len(segment.encode()) > _LONGEST_SEGMENT for segment in segments) or len(segments) > 8:
        raise ValueError(f"{values.show(value)} is too long for the name of a file")
    return _refuse_taken(path, segments)


def _refuse_taken(path: str, segments: list[str]) -> str:
    first = segments[0].casefold()
    if any(segment.startswith((".", "~")) for segment in segments):
        raise ValueError(f"{values.show(path)} is hidden; begin no part of it with . or ~")
    if path.casefold().endswith(_BESIDE):
        raise ValueError(
            f"{values.show(path)} is not the name of a feed; one ends in .xml, .rss or .json"
        )
    if first in _OURS or (first in _FOLDERS and len(segments) < 3):
        raise ValueError(f"{values.show(path)} is for pages of the service itself; choose another")
    return path


def guess_format(path: str) -> FeedFormat | None:
    """The format that a path suggests, None when it suggests none."""
    fitting = (kind for kind, pattern in _FORMATS if pattern.search(path.casefold()))
    return next(fitting, None)


def read_names(value: object) -> list[str]:
    """Return a name, or a list of them, as a list."""
    if isinstance(value, list) and value:
        return values.without_repeats([values.read_name(one) for one in value])
    return [values.read_name(value)]


Names = Annotated[list[str], BeforeValidator(read_names)]


class CustomFeedTable(Table):
    """One feed at a path of the publication's choice; of several conditions all must hold."""

    path: Annotated[str, BeforeValidator(read_path)]
    format: Annotated[str | None, BeforeValidator(values.one_of(*FeedFormat))] = None
    title: Line = ""
    category: Names = Field(default_factory=list)
    tag: Names = Field(default_factory=list)
    author: Names = Field(default_factory=list)
    language: Annotated[str | None, BeforeValidator(values.read_language)] = None

    def compose(self) -> CustomFeed:
        """The feed it describes."""
        return CustomFeed(
            path=self.path,
            format=FeedFormat(self.format or guess_format(self.path) or FeedFormat.RSS),
            title=self.title,
            categories=tuple(self.category),
            tags=tuple(self.tag),
            authors=tuple(self.author),
            language=self.language or "",
        )


def find_custom_mistakes(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with custom feeds among each other, and with paths that have moved."""
    feeds = document.get("feeds")
    tables = feeds.get("custom") if isinstance(feeds, dict) else None
    moved = feeds.get("moved") if isinstance(feeds, dict) else None
    taken = {_read_known(path) for path in moved} if isinstance(moved, dict) else set()
    seen: dict[str, int] = {}
    for number, table in enumerate(tables if isinstance(tables, list) else []):
        path = _read_known(table.get("path")) if isinstance(table, dict) else ""
        if not path:
            continue
        key = f"feeds.custom[{number}]"
        if "format" not in table and guess_format(path) is None:
            known = ", ".join(f'"{each}"' for each in FeedFormat)
            yield f"{key}.format: is missing, and the path does not tell it; write {known}"
        if path in taken:
            yield f"{key}.path: {values.show(path)} is among feeds.moved; it cannot be both"
        if path in seen:
            yield f"{key}.path: {values.show(path)} is feeds.custom[{seen[path]}]'s already"
        for other, at in seen.items():
            if path.startswith(f"{other}/") or other.startswith(f"{path}/"):
                file, below = sorted((path, other), key=len)
                yield (
                    f"{key}.path: {values.show(file)} cannot be a feed and the folder of "
                    f"{values.show(below)} (feeds.custom[{at}])"
                )
        seen.setdefault(path, number)


def _read_known(path: object) -> str:
    """A path as it will be, so far as two that a disk takes for one are equal; "" for none."""
    try:
        return read_path(path).casefold()
    except ValueError:
        return ""
