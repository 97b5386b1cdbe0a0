"""All feeds in one file that readers can import (OPML 2.0, http://opml.org/spec2.opml)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from service.feeds.clean import clean_text, clean_texts
from service.feeds.compose import find_title
from service.feeds.paths import encode_url, feed_url, find_home, list_formats
from service.feeds.plain import write_plain
from service.model.feed import FeedFormat, FeedKey, FeedKind, FeedSettings
from service.model.publication import Publication

OPML_PATH = "feeds.opml"
"""Below public/."""

OPML_TYPE = "text/x-opml"
"""Its media type, without charset."""

_VERSIONS = {FeedFormat.RSS: "RSS2"}
"""What the format has for `version`; it has nothing for Atom and for JSON Feed."""


@dataclass(frozen=True, slots=True)
class OpmlGroup:
    """Feeds of one kind, under the heading that readers show for them; "" for none."""

    heading: str
    keys: tuple[FeedKey, ...]


def render_opml(
    groups: Iterable[OpmlGroup], publication: Publication, settings: FeedSettings
) -> bytes:
    """The list of feeds, each once, in UTF-8; a pure function of its arguments, without a date."""
    clean = clean_texts(publication)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<opml version="2.0">',
        "<head>",
        f"<title>{escape(_write(clean.title))}</title>",
        *([f"<ownerName>{escape(_write(clean.author))}</ownerName>"] if clean.author else ()),
        f"<ownerId>{escape(encode_url(clean.url))}/</ownerId>",
        "</head>",
        "<body>",
        *(line for group in groups for line in _list_lines(group, clean, settings)),
        "</body>",
        "</opml>",
    ]
    return "\n".join([*lines, ""]).encode()


def _list_lines(
    group: OpmlGroup, publication: Publication, settings: FeedSettings
) -> Iterator[str]:
    outlines = [_write_outline(key, publication, settings) for key in group.keys]
    found = [outline for outline in outlines if outline]
    if found and group.heading:
        # No title: validators take what has one for a feed without a type.
        yield f"<outline{_write_attributes({'text': _write(group.heading)})}>"
        yield from found
        yield "</outline>"
    else:
        yield from found


def _write_outline(key: FeedKey, publication: Publication, settings: FeedSettings) -> str:
    """One feed in the first of its formats; "" where custom feeds have taken all its paths."""
    format_ = next(iter(list_formats(key, settings)), None)
    if format_ is None:
        return ""
    title = _write(find_title(key, publication, settings))
    service_url = encode_url(publication.service_url)
    attributes = {
        "text": title,
        "title": title,
        "type": "rss",
        "version": _VERSIONS.get(format_, ""),
        "language": key.name if key.kind is FeedKind.LANGUAGE else publication.language,
        "xmlUrl": feed_url(service_url, key, format_),
        "htmlUrl": find_home(
            key, encode_url(publication.url), service_url, has_pages=settings.has_pages
        ),
    }
    return f"<outline{_write_attributes(attributes)}/>"


def _write_attributes(attributes: dict[str, str]) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items() if value)


def _write(text: str) -> str:
    return write_plain(clean_text(text))
