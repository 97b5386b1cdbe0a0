"""What the documentation of the W3C feed validator warns of, one named check each.

Written from that documentation (https://validator.w3.org/feed/docs/) and from RFC 4287, 4685,
5005, the RSS 2.0 specification and the RSS Advisory Board's profile. It is stricter where a page
leaves something open: what is allowed here is what is known to be allowed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from html.entities import html5
from html.parser import HTMLParser
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
DC = "{http://purl.org/dc/elements/1.1/}"
HISTORY = "{http://purl.org/syndication/history/1.0}"
MEDIA = "{http://search.yahoo.com/mrss/}"
XML = "{http://www.w3.org/XML/1998/namespace}"
LARGEST = 5_000_000


def _list_words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ELEMENTS = _list_words(
    """
    a abbr acronym address article aside b big blockquote br caption center cite code col
    colgroup dd del dfn div dl dt em figure footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd
    li nav ol p pre q s samp section small span strike strong sub sup table tbody td tfoot th
    thead time tr tt u ul var
    """
)
ATTRIBUTES = _list_words(
    """
    abbr accept accept-charset accesskey action align alt axis border cellpadding cellspacing
    char charoff charset checked cite class clear cols colspan color compact coords datetime
    dir disabled enctype for frame headers height href hreflang hspace id ismap label lang
    longdesc maxlength media method multiple name nohref noshade nowrap prompt readonly rel
    rev rows rowspan rules scope selected shape size span src srcset start summary tabindex
    target title type usemap valign value vspace width
    """
)
_FULL_URL = re.compile(
    r"https?://[A-Za-z0-9\-._~%]+(:\d+)?([/?#]([!$&'()*+,\-./0-9:;=?@A-Z_a-z~#]|%[0-9A-Fa-f]{2})*)?"
)
_TAG_URI = re.compile(
    r"tag:([a-z0-9\-._]+@)?[a-z0-9\-.]+,\d{4}(-\d\d(-\d\d)?)?:"
    r"([0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,])*(#.*)?"
)
_URN = re.compile(r"urn:(uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?!uuid:)[a-z0-9-]+:.+)")
_MIME = re.compile(r"[A-Za-z0-9][\w.+-]*/[A-Za-z0-9][\w.+-]*")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_RFC822 = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) "
    r"\d{4} \d\d:\d\d:\d\d [+-]\d{4}"
)
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?(Z|[+-]\d\d:\d\d)")
_BAD = re.compile("[\x7f-\x9f\ufffd\ufdd0-\ufdef]")
_END_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)[^<>]*>")
_ENTITY = re.compile(r"&(#?\w+)")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that a feed breaks, and what broke it."""

    rule: str
    detail: str


def check_feed(content: bytes, url: str, now: datetime) -> list[Fault]:
    """Every fault of an RSS or Atom document that is served at `url`."""
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, huge_tree=True))
    kind = "atom" if root.tag == f"{ATOM}feed" else "rss"
    checks = [*_OF_BOTH, *(_OF_ATOM if kind == "atom" else _OF_RSS)]
    faults = [Fault("ValidatorLimit", f"{len(content):,}")] if len(content) > LARGEST else []
    document = Document(root, url, now)
    return faults + [fault for check in checks for fault in check(document)]


class Document:
    """A feed with the questions that several rules ask of it."""

    def __init__(self, root: Any, url: str, now: datetime) -> None:  # noqa: ANN401
        self.root, self.url, self.now = root, url, now
        self.is_atom = root.tag == f"{ATOM}feed"
        self.top = root if self.is_atom else root.find("channel")

    @property
    def entries(self) -> list[Any]:
        """Entries or items."""
        return list(self.top.findall(f"{ATOM}entry" if self.is_atom else "item"))

    def links(self, rel: str, parent: Any = None) -> list[Any]:  # noqa: ANN401
        """The Atom links of a relation, of the feed or of an entry."""
        place = self.top if parent is None else parent
        return [one for one in place.findall(f"{ATOM}link") if one.get("rel", "alternate") == rel]

    def html(self) -> Iterator[str]:
        """Every text that is HTML, decoded once."""
        for entry in self.entries:
            if self.is_atom:
                found = [*entry.findall(f"{ATOM}content"), *entry.findall(f"{ATOM}summary")]
                yield from (one.text or "" for one in found if one.get("type") == "html")
            else:
                found = [*entry.findall("description"), *entry.findall(f"{CONTENT}encoded")]
                yield from (one.text or "" for one in found)

    def plain(self) -> Iterator[tuple[str, str]]:
        """Every text that must be no HTML, by the name of its element."""
        names = {f"{ATOM}title", f"{ATOM}subtitle", f"{ATOM}name", "title", f"{DC}creator"}
        for element in self.root.iter(*names):
            if element.get("type", "text") == "text":
                yield etree.QName(element).localname, element.text or ""
        if not self.is_atom:
            yield "description", self.top.findtext("description") or ""


def _self_link(document: Document) -> Iterator[Fault]:
    links = document.links("self")
    if len(links) != 1:
        yield Fault("MissingSelf", f"{len(links)} of them")
    elif links[0].get("href") != document.url:
        yield Fault("SelfDoesntMatchLocation", links[0].get("href"))


def _characters(document: Document) -> Iterator[Fault]:
    for element in document.root.iter():
        values = [element.text or "", element.tail or "", *map(str, element.attrib.values())]
        if found := _BAD.search("".join(values)):
            yield Fault("BadCharacters", f"{element.tag}: U+{ord(found[0]):04X}")


def _plain_text(document: Document) -> Iterator[Fault]:
    rule = "ContainsUndeclaredHTML" if document.is_atom else "ContainsHTML"
    for name, text in document.plain():
        entities = [one for one in _ENTITY.findall(text) if one in html5 or not one.isalpha()]
        if _END_TAG.search(text) or entities:
            yield Fault(rule, f"{name}: {text[:80]}")
        if not text.strip():
            yield Fault("NotBlank", name)
        if name in ("name", "creator") and _EMAIL.search(text):
            yield Fault("ContainsEmail", text)


class _Reader(HTMLParser):
    """Collects the faults of one body."""

    def __init__(self) -> None:
        super().__init__()
        self.faults = list[Fault]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ELEMENTS:
            self.faults.append(Fault("SecurityRisk", tag))
        for name, value in attrs:
            if name not in ATTRIBUTES:
                self.faults.append(Fault("SecurityRiskAttr", f"{tag} {name}"))
            if name in ("href", "src", "cite", "longdesc") and value is not None:
                self._check_address(f"{tag} {name}", value)

    def _check_address(self, name: str, value: str) -> None:
        if value.startswith(("mailto:", "tel:")):
            return
        if not value.startswith(("http://", "https://")):
            self.faults.append(Fault("ContainsRelRef", f"{name}: {value[:80]}"))
        elif not value.isascii() or any(char in value for char in ' "<>\\^`{|}'):
            self.faults.append(Fault("InvalidHref", f"{name}: {value[:80]}"))


def _html(document: Document) -> Iterator[Fault]:
    for html in document.html():
        yield from _read_html(html)


@lru_cache(maxsize=4_000)
def _read_html(html: str) -> tuple[Fault, ...]:
    """The faults of one text; it stands in many feeds, so it is read once."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    blank = () if html.strip() else (Fault("NotBlank", "HTML"),)
    return (*blank, *reader.faults)


def _media(document: Document) -> Iterator[Fault]:
    if document.root.find(f".//{MEDIA}group") is not None:
        yield Fault("MediaGroupWithoutAlternatives", "")
    for one in document.root.iter(f"{MEDIA}content"):
        if not _FULL_URL.fullmatch(one.get("url", "")) or not _MIME.fullmatch(one.get("type", "")):
            yield Fault("InvalidMediaContent", str(dict(one.attrib)))
        if one.get("medium") not in ("image", "audio", "video", "document", "executable"):
            yield Fault("InvalidMediaMedium", str(one.get("medium")))
        for name in ("fileSize", "width", "height"):
            if name in one.attrib and not (one.get(name).isdecimal() and int(one.get(name)) > 0):
                yield Fault("InvalidIntegerAttribute", f"{name}={one.get(name)}")


def _entry_ids(document: Document) -> Iterator[Fault]:
    name = f"{ATOM}id" if document.is_atom else "guid"
    ids = [entry.findtext(name) or "" for entry in document.entries]
    if len(set(ids)) < len(ids):
        yield Fault("DuplicateEntries", str(sorted({one for one in ids if ids.count(one) > 1})))
    yield from (Fault("NonASCIIId", one) for one in ids if not one.isascii())


def _archives(document: Document) -> Iterator[Fault]:
    is_archive = document.top.find(f"{HISTORY}archive") is not None
    if is_archive and len(document.links("current")) != 1:
        yield Fault("MissingCurrentInArchive", "")
    if is_archive and not document.links("prev-archive") + document.links("next-archive"):
        yield Fault("ArchiveIncomplete", "")
    for entry in document.entries:
        if any(document.links(rel, entry) for rel in ("prev-archive", "current", "self", "hub")):
            yield Fault("FeedHistoryRelInEntry", "")


def _atom_ids(document: Document) -> Iterator[Fault]:
    for element in document.root.iter(f"{ATOM}id"):
        text = element.text or ""
        if text.startswith("tag:") and not _TAG_URI.fullmatch(text):
            yield Fault("InvalidTAG", text)
        elif text.startswith("urn:") and not _URN.fullmatch(text):
            yield Fault("InvalidURN", text)
        elif text.startswith("http") and not _FULL_URL.fullmatch(text):
            yield Fault("InvalidFullLink", text)
        elif ":" not in text:
            yield Fault("MissingNamespaceAttr", text)


def _atom_links(document: Document) -> Iterator[Fault]:
    for place in (document.top, *document.entries):
        alternates = document.links("alternate", place)
        kinds = [(one.get("type"), one.get("hreflang")) for one in alternates]
        if len(set(kinds)) < len(kinds):
            yield Fault("DuplicateAtomLink", str(kinds))
        if not alternates:
            yield Fault("MissingAlternate", place.findtext(f"{ATOM}id"))
    for link in document.root.iter(f"{ATOM}link"):
        yield from _check_link(link)
        if link.get("href") in link.xpath("ancestor::*/@xml:base"):
            yield Fault("SameDocumentReference", link.get("href"))


def _check_link(link: Any) -> Iterator[Fault]:  # noqa: ANN401
    if not _FULL_URL.fullmatch(link.get("href", "")):
        yield Fault("InvalidLink", str(link.get("href")))
    if "type" in link.attrib and not _MIME.fullmatch(link.get("type")):
        yield Fault("InvalidMIMEType", link.get("type"))
    if link.get("rel") == "enclosure" and "length" in link.attrib and link.get("length") == "0":
        yield Fault("LinkLengthUnknown", link.get("href"))


def _atom_dates(document: Document) -> Iterator[Fault]:
    moments = [entry.findtext(f"{ATOM}updated") for entry in document.entries]
    if len(set(moments)) < len(moments):
        yield Fault("DuplicateUpdated", str({one for one in moments if moments.count(one) > 1}))
    for element in document.root.iter(f"{ATOM}updated", f"{ATOM}published"):
        text = element.text or ""
        if not _RFC3339.fullmatch(text):
            yield Fault("InvalidRFC3339Date", text)
        elif not _is_plausible(datetime.fromisoformat(text), document.now):
            yield Fault("ImplausibleDate", text)


def _atom_content(document: Document) -> Iterator[Fault]:
    if not document.top.get(f"{XML}lang"):
        yield Fault("MissingDCLanguage", "")
    for element in document.root.iter(f"{ATOM}content", f"{ATOM}summary", f"{ATOM}title"):
        if element.get("type", "text") not in ("text", "html"):
            yield Fault("InvalidMIMEType", element.get("type"))
    for entry in document.entries:
        if entry.find(f"{ATOM}content") is None and entry.find(f"{ATOM}summary") is None:
            yield Fault("MissingContentOrSummary", entry.findtext(f"{ATOM}id"))
    for uri in document.root.iter(f"{ATOM}uri"):
        if not _FULL_URL.fullmatch(uri.text or ""):
            yield Fault("InvalidURI", uri.text or "")


def _rss_channel(document: Document) -> Iterator[Fault]:
    for name in ("title", "link", "description"):
        if len(document.top.findall(name)) != 1:
            yield Fault("MissingElement", name)
    if not _LANGUAGE.fullmatch(document.top.findtext("language") or ""):
        yield Fault("MissingDCLanguage", "")
    for name in ("managingEditor", "webMaster", "author"):
        for element in document.root.iter(name):
            yield Fault("InvalidContact", element.text or "")
    for link in document.root.iter("link"):
        if not _FULL_URL.fullmatch(link.text or ""):
            yield Fault("InvalidLink", link.text or "")
    known = {"title", "link", "description", "language", "lastBuildDate", "generator", "docs"}
    for child in document.top.iterchildren(tag=etree.Element):
        if not child.tag.startswith("{") and child.tag not in known | {"item"}:
            yield Fault("UndefinedElement", child.tag)


def _rss_dates(document: Document) -> Iterator[Fault]:
    for element in document.root.iter("pubDate", "lastBuildDate"):
        text = element.text or ""
        if not _RFC822.fullmatch(text):
            yield Fault("InvalidRFC2822Date", text)
        else:
            moment = parsedate_to_datetime(text)
            if not text.startswith(f"{moment:%a}"):
                yield Fault("IncorrectDOW", text)
            if not _is_plausible(moment, document.now):
                yield Fault("ImplausibleDate", text)


def _rss_items(document: Document) -> Iterator[Fault]:
    for item in document.entries:
        tags = [child.tag for child in item]
        for name in ("title", "link", "guid", "pubDate", "description", "enclosure"):
            if tags.count(name) > 1:
                yield Fault("DuplicateElement", name)
        if "guid" not in tags:
            yield Fault("MissingGuid", item.findtext("link"))
        if f"{CONTENT}encoded" in tags:
            at = tags.index(f"{CONTENT}encoded")
            if "description" not in tags[:at]:
                yield Fault("NeedDescriptionBeforeContent", item.findtext("link"))
        guid = item.find("guid")
        if guid.get("isPermaLink", "true") == "true" and not _FULL_URL.fullmatch(guid.text):
            yield Fault("InvalidHttpGUID", guid.text)
        for enclosure in item.findall("enclosure"):
            yield from _check_enclosure(enclosure)


def _check_enclosure(enclosure: Any) -> Iterator[Fault]:  # noqa: ANN401
    if not enclosure.get("length", "").isdecimal():
        yield Fault("UseZeroForUnknown", str(enclosure.get("length")))
    if not _MIME.fullmatch(enclosure.get("type", "")):
        yield Fault("InvalidMIMEType", enclosure.get("type", ""))
    if not _FULL_URL.fullmatch(enclosure.get("url", "")):
        yield Fault("InvalidURLAttribute", enclosure.get("url", ""))


def _is_plausible(moment: datetime, now: datetime) -> bool:
    return datetime(1990, 1, 1, tzinfo=UTC) <= moment <= now + timedelta(hours=1)


Check = Callable[[Document], Iterator[Fault]]
_OF_BOTH: tuple[Check, ...] = (
    _self_link, _characters, _plain_text, _html, _media, _entry_ids, _archives,
)  # fmt: skip
_OF_ATOM: tuple[Check, ...] = (_atom_ids, _atom_links, _atom_dates, _atom_content)
_OF_RSS: tuple[Check, ...] = (_rss_channel, _rss_dates, _rss_items)
