"""RSS 2.0 and Atom 1.0: the only home of feedgen, with what mends its faults.

feedgen 1.0.0 is pinned; each format gets its own generator, and an extension each for feed and
entry writes what feedgen leaves out or gets wrong:

- its RSS dates switch the locale of the whole process and back, which two threads at once
  leave switched for good. It is never handed a date to format: the extension writes every date
  of an RSS feed, so nothing of feedgen needs to be patched;
- an Atom entry's links lose all but their address;
- hubs, authors without an address, the language and base of an entry, pictures, and what
  leads to archives are absent.

What has to be asked of it in its own way: entries are appended (it prepends), the page's link
comes last (the last one becomes the channel's), `updated` is always set (it would take now),
content is html and never CDATA.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from email.utils import format_datetime
from html import escape
from typing import Any
from urllib.parse import quote

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator
from feedgen.util import xml_elem

from service.feeds.paths import CONTENT_TYPES, feed_url, home_url
from service.feeds.plain import write_plain
from service.model.feed import Entry, Feed, FeedFormat, FeedKind
from service.model.post import Enclosure, Post

_ATOM = "http://www.w3.org/2005/Atom"
_DC = "http://purl.org/dc/elements/1.1/"
_HISTORY = "http://purl.org/syndication/history/1.0"
_MEDIA = "http://search.yahoo.com/mrss/"
_XML = "http://www.w3.org/XML/1998/namespace"

_STYLE = """
rss,feed{display:block;max-width:42em;margin:2em auto;padding:0 1em;font:1em/1.7 sans-serif}
channel,item,entry,title,description,summary,pubDate,published{display:block}
channel>*,feed>*,item>*,entry>*{display:none}
channel>title,feed>title{display:block;font-size:1.6em;font-weight:bold}
channel>description,feed>subtitle{display:block;margin-bottom:2em;opacity:.7}
channel>item,feed>entry{display:block;margin:1.5em 0}
item>title,entry>title{display:block;font-weight:bold}
item>description,entry>summary,item>pubDate,entry>published{display:block}
item>pubDate,entry>published{font-size:.85em;opacity:.7}
"""
"""How a browser lays out a feed: titles, summaries and dates, and nothing of the markup."""

_STYLED = (
    b'<?xml-stylesheet type="text/css" href="data:text/css;charset=utf-8,'
    + quote("".join(_STYLE.split("\n"))).encode()
    + b'"?>\n'
)


POLICY = "sandbox; default-src 'none'; style-src data:; frame-ancestors 'none'"
"""What a browser that shows a feed may do: lay it out by the style within, and nothing else."""


def render_rss(feed: Feed) -> bytes:
    """The feed as RSS 2.0 in UTF-8; a pure function of the feed."""
    generator = _open_feed(feed, FeedFormat.RSS, _RssChannel, _RssItem)
    for entry in feed.entries:
        post = entry.post
        item = _add_entry(generator, entry, feed)
        item.link(href=post.url, rel="alternate")
        # Some readers take it for the link wherever it says so: only where that is true.
        item.guid(post.uid, permalink=post.uid == post.url)
        # RSS has room for one enclosure; readers that want more read Atom or JSON.
        for enclosure in post.enclosures[:1]:
            item.enclosure(enclosure.url, enclosure.length, enclosure.type)
        if post.summary:
            item.summary(_write_summary(post))
    return _style(feed, generator.rss_str(pretty=True))


def render_atom(feed: Feed) -> bytes:
    """The feed as Atom 1.0 in UTF-8; a pure function of the feed."""
    generator = _open_feed(feed, FeedFormat.ATOM, _AtomFeed, _AtomEntry)
    # An archive is a part of the feed it names, and bears its id.
    generator.id(feed.current_url or feed_url(feed.service_url, feed.key, FeedFormat.ATOM))
    generator.updated(feed.updated_at)
    generator.author(name=write_plain(feed.author))
    for entry in feed.entries:
        item = _add_entry(generator, entry, feed)
        item.link(_list_links(entry.post))
        item.published(entry.post.published_at)
        item.author([_name_author(author.name, author.url) for author in entry.post.authors])
        if entry.post.summary:
            item.summary(_write_summary(entry.post), type="html")
    return _style(feed, generator.atom_str(pretty=True))


def _style(feed: Feed, content: bytes) -> bytes:
    if not feed.is_styled:
        return bytes(content)
    declaration, line_end, rest = bytes(content).partition(b"?>\n")
    return declaration + line_end + _STYLED + rest


def _write_summary(post: Post) -> str:
    # As HTML, because that is what most readers take any summary for.
    return escape(post.summary, quote=False).replace("\ufffd", "&#xFFFD;")


class _Generator(FeedGenerator):  # type: ignore[misc]  # feedgen is untyped
    """A feed whose RSS build date is left to our extension; feedgen would take now."""

    def __init__(self) -> None:
        super().__init__()
        self._FeedGenerator__rss_lastBuildDate = None


class _FeedExtension(BaseExtension):  # type: ignore[misc]
    """What feedgen's feeds lack; feedgen makes it without arguments, so `feed` is set after."""

    feed: Feed


class _EntryExtension(BaseEntryExtension):  # type: ignore[misc]
    """What feedgen's entries lack; `entry` and `feed` are set after feedgen has made it."""

    entry: Entry
    feed: Feed


class _RssChannel(_FeedExtension):
    """The channel's own dates, hubs and author."""

    def extend_ns(self) -> dict[str, str]:
        """The prefixes of an RSS feed besides feedgen's own."""
        return {"dc": _DC, "media": _MEDIA}

    def extend_rss(self, rss: Any) -> Any:  # noqa: ANN401 (an lxml element, untyped)
        """Add what feedgen leaves out of a channel."""
        channel = rss[0]
        for link in _list_relations(self.feed):
            xml_elem(f"{{{_ATOM}}}link", channel, **link)
        if self.feed.entries:
            _add_text(channel, "lastBuildDate", format_datetime(self.feed.updated_at))
        _add_text(channel, f"{{{_DC}}}creator", write_plain(self.feed.author))
        return rss


class _RssItem(_EntryExtension):
    """An item's date, authors, language and picture."""

    def extend_rss(self, item: Any) -> Any:  # noqa: ANN401
        """Add what feedgen leaves out of an item."""
        post = self.entry.post
        _add_text(item, "pubDate", format_datetime(post.published_at))
        for author in post.authors:
            _add_text(item, f"{{{_DC}}}creator", write_plain(author.name))
        if post.language != self.feed.language:
            _add_text(item, f"{{{_DC}}}language", post.language)
        _add_picture(item, post)
        return item


class _AtomFeed(_FeedExtension):
    """The prefixes an Atom feed needs, its hubs, and whether it is an archive."""

    def extend_ns(self) -> dict[str, str]:
        """The prefixes of an Atom feed; Atom itself stays the default."""
        history = {"fh": _HISTORY} if self.feed.current_url else {}
        return {"media": _MEDIA, **history}

    def extend_atom(self, feed: Any) -> Any:  # noqa: ANN401
        """Add what feedgen leaves out of a feed; the entries come after it."""
        for link in _list_relations(self.feed):
            xml_elem("link", feed, **link)
        # Validators ask a document that says it is an archive where the next one is. Of the oldest
        # there is none before, and what comes after must not change it: it says no more than whose.
        if self.feed.current_url and self.feed.older_url:
            xml_elem(f"{{{_HISTORY}}}archive", feed)
        return feed


class _AtomEntry(_EntryExtension):
    """An entry's language, base, links and picture."""

    def extend_atom(self, entry: Any) -> Any:  # noqa: ANN401
        """Mend an entry; feedgen keeps Atom's own elements in no namespace until it is written."""
        post = self.entry.post
        entry.set(f"{{{_XML}}}lang", post.language)
        for element in entry.iterchildren("content"):
            element.set(f"{{{_XML}}}lang", post.language)
            # Not of the whole entry: its own link would then lead to where one is already.
            element.set(f"{{{_XML}}}base", post.url)
        for element, link in zip(entry.iterchildren("link"), _list_links(post), strict=True):
            element.attrib.update(link)
        _add_picture(entry, post)
        return entry


def _open_feed(
    feed: Feed,
    format: FeedFormat,  # noqa: A002
    feed_extension: type[_FeedExtension],
    entry_extension: type[_EntryExtension],
) -> _Generator:
    generator = _Generator()
    generator.register_extension("mended", feed_extension, entry_extension)
    generator.mended.feed = feed
    generator.title(write_plain(feed.title))
    generator.subtitle(write_plain(feed.description))
    generator.language(feed.language)
    generator.generator("Kawaraban")
    own_url = feed_url(feed.service_url, feed.key, format)
    generator.link(href=own_url, rel="self", type=CONTENT_TYPES[format])
    generator.link(href=home_url(feed), rel="alternate", type="text/html")
    return generator


def _add_entry(generator: _Generator, entry: Entry, feed: Feed) -> FeedEntry:
    item = generator.add_entry(order="append")
    item.mended.entry = entry
    item.mended.feed = feed
    item.id(entry.post.uid)
    item.title(write_plain(entry.post.title))
    item.updated(entry.post.updated_at)
    if entry.body.html:
        item.content(entry.body.html, type="html")
    item.category(list(_list_categories(entry.post, feed.service_url)))
    return item


def _list_relations(feed: Feed) -> Iterator[dict[str, str]]:
    """Links to hubs, to the archive before, and of an archive to its feed."""
    for hub in feed.hubs:
        yield {"href": hub, "rel": "hub"}
    type_ = CONTENT_TYPES[FeedFormat.ATOM]
    for rel, url in (("current", feed.current_url), ("prev-archive", feed.older_url)):
        if url:
            yield {"href": url, "rel": rel, "type": type_}


def _list_categories(post: Post, service_url: str) -> Iterable[dict[str, str]]:
    for kind, names in ((FeedKind.CATEGORY, post.categories), (FeedKind.TAG, post.tags)):
        for name in filter(str.strip, names):
            yield {"term": write_plain(name), "scheme": f"{service_url}/{kind}/"}


def _list_links(post: Post) -> list[dict[str, str]]:
    page = {"href": post.url, "rel": "alternate", "type": "text/html"}
    return [page, *(_link_enclosure(enclosure) for enclosure in post.enclosures)]


def _link_enclosure(enclosure: Enclosure) -> dict[str, str]:
    link = {"href": enclosure.url, "rel": "enclosure", "type": enclosure.type}
    return {**link, "length": str(enclosure.length)} if enclosure.length else link


def _name_author(name: str, url: str | None) -> dict[str, str]:
    plain = write_plain(name)
    return {"name": plain, "uri": url} if url else {"name": plain}


def _add_text(parent: Any, name: str, text: str) -> None:  # noqa: ANN401
    xml_elem(name, parent).text = text


def _add_picture(parent: Any, post: Post) -> None:  # noqa: ANN401
    # Never in a media:group: a group is for several sizes of one picture, and validators say so.
    if post.image is not None:
        known = {
            "fileSize": post.image.length,
            "width": post.image.width,
            "height": post.image.height,
        }
        xml_elem(
            f"{{{_MEDIA}}}content",
            parent,
            nsmap={"media": _MEDIA},
            url=post.image.url,
            type=post.image.type,
            medium="image",
            **{name: str(value) for name, value in known.items() if value},
        )
