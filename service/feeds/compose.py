"""A feed as all three formats show it: complete, clean, and with nothing left to decide."""

from __future__ import annotations

import re
import uuid
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from service.feeds.clean import clean_text, clean_texts
from service.feeds.dressing import dress_html
from service.feeds.paths import encode_url
from service.model.feed import CustomFeed, Entry, Feed, FeedKey, FeedKind, FeedSettings
from service.model.languages import name_language
from service.model.post import Author, Body, Enclosure, Image, Post
from service.model.publication import Publication

_NO_BODY = Body(html="", text="")

_BEFORE_ANY_POST = datetime(2000, 1, 1, tzinfo=UTC)
"""When an empty feed was updated: a format asks for a date, and now is never one.

No earlier, because validators find dates from before there were feeds implausible.
"""

_ADDRESS = re.compile(r"([^@\s]+)@[^@\s]+\.[^@\s]+")
_CHARACTERS = r"(?:[A-Za-z0-9\-._~:/?@!$&'()*+,;=]|%[0-9A-Fa-f]{2})"
_URI = re.compile(
    r"tag:(?:[a-z0-9\-._]+@)?[a-z0-9\-.]+,\d{4}(?:-\d\d(?:-\d\d)?)?:@*(?:#@*)?"
    r"|urn:uuid:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
    r"|urn:(?!uuid:)[a-z0-9][a-z0-9\-]{1,31}:@+"
    r"|https?://[A-Za-z0-9\-._]+(?::\d+)?(?:[/?]@*)?(?:#@*)?"
    r"|(?!tag:|urn:|https?:)[A-Za-z][A-Za-z0-9+.\-]*:@+".replace("@*", f"{_CHARACTERS}*").replace(
        "@+", f"{_CHARACTERS}+"
    )
)
"""What an entry may be known by: URIs, those of the common kinds as their own rules want them."""

_ID_NAMESPACE = uuid.UUID("6b6f4f2e-3c58-5d0b-9a7e-4b7261776172")
"""Drawn once; with another one every derived id would change, and readers see all posts anew."""


@dataclass(frozen=True, slots=True)
class Links:
    """Where the archives of a feed are; see Feed for what "" means."""

    older_url: str = ""
    current_url: str = ""


NO_LINKS = Links()


def compose_feed(
    key: FeedKey,
    pairs: Iterable[tuple[Post, Body | None]],
    publication: Publication,
    settings: FeedSettings,
    links: Links = NO_LINKS,
) -> Feed:
    """The feed of these posts in this order; a post without a body is shown by its summary."""
    clean = clean_texts(publication)
    language = key.name if key.kind is FeedKind.LANGUAGE else clean.language
    entries = tuple(
        _compose_entry(clean_texts(post), clean_texts(body or _NO_BODY), clean, language)
        for post, body in pairs
    )
    return Feed(
        key=key,
        title=find_title(key, clean, settings),
        description=_one_line(clean.description) or _name_of(clean),
        site_url=encode_url(clean.url),
        language=language,
        author=_without_address(clean.author) or _name_of(clean),
        updated_at=find_updated_at(entry.post for entry in entries),
        entries=entries,
        # Nobody need be told of archives: whoever follows the feed has seen it all.
        hubs=() if links.current_url else tuple(encode_url(hub) for hub in settings.hubs),
        service_url=encode_url(clean.service_url),
        has_pages=settings.has_pages,
        older_url=links.older_url,
        current_url=links.current_url,
        is_styled=settings.has_stylesheet,
    )


def find_updated_at(posts: Iterable[Post]) -> datetime:
    """When a feed of these posts was updated; entries say the same of themselves."""
    return max(map(_find_updated_at, posts), default=_BEFORE_ANY_POST)


def find_title(key: FeedKey, publication: Publication, settings: FeedSettings) -> str:
    """What a feed is called, in itself and in every list of feeds."""
    title = _name_of(publication)
    if key.kind in (FeedKind.SITE, FeedKind.ARCHIVE, FeedKind.EDITIONS):
        return title
    if key.kind is FeedKind.LANGUAGE:
        return f"{title} | {name_language(key.name)}"
    if key.kind is not FeedKind.CUSTOM:
        return f"{title} | {clean_text(key.name)}"
    custom = next(one for one in settings.custom if one.path == key.name)
    return custom.title or " | ".join([title, *list_conditions(custom)])


def list_conditions(feed: CustomFeed) -> list[str]:
    """What a custom feed chooses by, a phrase for each condition."""
    return [", ".join(names) for _, names in feed.conditions]


def _name_of(publication: Publication) -> str:
    return _one_line(publication.title) or publication.url


def _compose_entry(post: Post, body: Body, publication: Publication, language: str) -> Entry:
    published_at = _tell_plainly(post.published_at)
    url = encode_url(post.url)
    uid = _as_uri(post.uid)
    title = _one_line(post.title) or _one_line(post.summary)[:80] or url or uid
    shown = replace(
        post,
        uid=uid,
        title=title,
        url=url,
        language=post.language or publication.language,
        published_at=published_at,
        updated_at=_find_updated_at(post),
        authors=_list_authors(post, publication),
        categories=_drop_blank(post.categories),
        tags=_drop_blank(post.tags),
        image=_encode_image(post.image) if post.image else None,
        enclosures=tuple(_encode_enclosure(enclosure) for enclosure in post.enclosures),
    )
    html = dress_html(body.html, shown, language)
    # An entry with nothing in it is a fault to some; with neither text nor summary it says what
    # it is about.
    summary = post.summary if html or post.summary.strip() else title
    return Entry(replace(shown, summary=summary), replace(body, html=html))


def _find_updated_at(post: Post) -> datetime:
    """The second of it, and below the second a number of the entry's own, the same for ever.

    Posts of one day or one import share their second, and validators want no two entries updated
    at the same moment: readers sort by it.
    """
    moment = max(_tell_plainly(post.published_at), _tell_plainly(post.updated_at))
    own = zlib.crc32(_as_uri(clean_text(post.uid)).encode())
    return moment.replace(microsecond=own % 1_000_000)


def _tell_plainly(moment: datetime) -> datetime:
    # RFC 822 and RFC 3339 know offsets in whole minutes only; local mean times have seconds.
    offset = moment.utcoffset() or timedelta(0)
    whole = moment.replace(microsecond=0)
    return whole.astimezone(UTC) if offset.total_seconds() % 60 else whole


def _as_uri(uid: str) -> str:
    # Atom wants an IRI as id. An explicit id that is none gets one derived from it alone.
    return uid if _URI.fullmatch(uid) else uuid.uuid5(_ID_NAMESPACE, uid).urn


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _drop_blank(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if name.strip())


def _list_authors(post: Post, publication: Publication) -> tuple[Author, ...]:
    named = tuple(
        Author(_without_address(author.name), url=_encode_page(author.url))
        for author in post.authors
        if author.name.strip()
    )
    name = _without_address(publication.author) or _name_of(publication)
    return named or (Author(name),)


def _without_address(name: str) -> str:
    # Where a mail address stands for a name, what is before its @ does as well, and harms nobody.
    return _ADDRESS.sub(r"\1", _one_line(name))


def _encode_page(url: str | None) -> str | None:
    return encode_url(url) if url and url.startswith(("https://", "http://")) else None


def _encode_image(image: Image) -> Image:
    return replace(image, url=encode_url(image.url))


def _encode_enclosure(enclosure: Enclosure) -> Enclosure:
    return replace(enclosure, url=encode_url(enclosure.url))
