"""A feed as all three formats show it: complete, clean, and with nothing left to decide."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape

from service.feeds.clean import clean_text, clean_texts
from service.feeds.paths import encode_url
from service.model.feed import Entry, Feed, FeedKey, FeedKind
from service.model.languages import find_direction
from service.model.post import Author, Body, Enclosure, Image, Post
from service.model.publication import Publication

_NO_BODY = Body(html="", text="")

_BEFORE_ANY_POST = datetime(1970, 1, 1, tzinfo=UTC)
"""When an empty feed was updated: a format asks for a date, and now is never one."""

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[!-~]+")

_ID_NAMESPACE = uuid.UUID("6b6f4f2e-3c58-5d0b-9a7e-4b7261776172")
"""Drawn once; with another one every derived id would change, and readers see all posts anew."""


def compose_feed(
    key: FeedKey,
    pairs: Iterable[tuple[Post, Body | None]],
    publication: Publication,
    hubs: tuple[str, ...],
) -> Feed:
    """The feed of these posts in this order; a post without a body is shown by its summary."""
    clean = clean_texts(publication)
    entries = tuple(
        _compose_entry(clean_texts(post), clean_texts(body or _NO_BODY), clean)
        for post, body in pairs
    )
    return Feed(
        key=key,
        title=_title_of(key, clean),
        description=clean.description or _name_of(clean),
        site_url=encode_url(clean.url),
        language=clean.language,
        author=clean.author or _name_of(clean),
        updated_at=max((entry.post.updated_at for entry in entries), default=_BEFORE_ANY_POST),
        entries=entries,
        hubs=tuple(encode_url(hub) for hub in hubs),
        service_url=encode_url(clean.service_url),
    )


def _title_of(key: FeedKey, publication: Publication) -> str:
    title = _name_of(publication)
    return title if key.kind is FeedKind.SITE else f"{title} | {clean_text(key.name)}"


def _name_of(publication: Publication) -> str:
    return publication.title or publication.url


def _compose_entry(post: Post, body: Body, publication: Publication) -> Entry:
    published_at = _tell_plainly(post.published_at)
    url = encode_url(post.url)
    uid = _as_uri(post.uid)
    shown = replace(
        post,
        uid=uid,
        title=_one_line(post.title) or _one_line(post.summary)[:80] or url or uid,
        url=url,
        language=post.language or publication.language,
        published_at=published_at,
        updated_at=max(published_at, _tell_plainly(post.updated_at)),
        authors=_list_authors(post, publication),
        image=Image(encode_url(post.image.url), post.image.type) if post.image else None,
        enclosures=tuple(_encode_enclosure(enclosure) for enclosure in post.enclosures),
    )
    led = _lead_with_image(body, shown.image)
    return Entry(shown, _mark_direction(led, shown.language, publication.language))


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


def _list_authors(post: Post, publication: Publication) -> tuple[Author, ...]:
    named = tuple(
        Author(author.name, url=encode_url(author.url) if author.url else None)
        for author in post.authors
        if author.name.strip()
    )
    return named or (Author(publication.author or _name_of(publication)),)


def _encode_enclosure(enclosure: Enclosure) -> Enclosure:
    return replace(enclosure, url=encode_url(enclosure.url))


def _lead_with_image(body: Body, image: Image | None) -> Body:
    # Some readers show only pictures of the body, others only media:content: they get both.
    if image is None or not body.html or _shows(body.html, image.url):
        return body
    return replace(body, html=f'<p><img src="{escape(image.url)}" alt=""></p>\n{body.html}')


def _mark_direction(body: Body, language: str, feed_language: str) -> Body:
    # A reader lays out what it shows in its own direction, whatever the feed's language says.
    direction = find_direction(language)
    if not body.html or (direction == "ltr" and find_direction(feed_language) == "ltr"):
        return body
    marked = f'<div lang="{escape(language)}" dir="{direction}">\n{body.html}</div>\n'
    return replace(body, html=marked)


def _shows(html: str, url: str) -> bool:
    return url in html or escape(url) in html
