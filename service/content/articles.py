"""Front matter and body to an Article: what its generator would make of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from service.content.article_urls import find_id, find_url, list_former_urls
from service.content.attachments import find_enclosures, find_image
from service.content.authors import list_authors
from service.content.body.cleaning import (
    Addresses,
    Cleaned,
    clean_source,
    drop_invisible,
    split_more,
)
from service.content.body.markdown import read_inline, render_body
from service.content.body.references import make_addresses
from service.content.generators import Dated, Generator, Page, Place
from service.content.generators.base import read_first_date
from service.content.generators.languages import is_spoken
from service.content.rules import ReadingRules
from service.content.site_files import UNKNOWN, Measures, SiteFiles
from service.content.standing import is_draft, is_listed, is_mailable
from service.content.summaries import find_summary
from service.content.titles import find_title
from service.content.values import FrontMatter, list_texts
from service.errors import ContentError
from service.model.languages import read_language
from service.model.post import Article, Finding, Level
from service.model.wording import word

FindAddedAt = Callable[[str], datetime | None]
"""Asked for the time a path was added to its repository, where a post has no other date."""

_MODIFIED_KEYS = (
    "lastmod",
    "last_modified_at",
    "last_modified",
    "lastmodified",
    "last-modified",
    "modified",
    "updateddate",
    "updated_at",
    "updated",
    "date_modified",
)
_EXPIRY_KEYS = ("expirydate", "expires", "unpublishdate")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")


def compose_article(
    place: Place,
    front: FrontMatter,
    generator: Generator,
    rules: ReadingRules,
    find_added_at: FindAddedAt | None = None,
    site_files: SiteFiles | None = None,
) -> Article:
    """Return the article a file holds; raises ContentError where nobody could tell.

    A post without any date is dated by `find_added_at`, if that knows; pictures and sound are
    measured where `site_files` has them.
    """
    head = _read_head(place, front, generator, rules, find_added_at)
    page, dated, url, notes = head.page, head.dated, head.url, head.notes
    front, title = page.front, page.title
    addresses = make_addresses(place, generator, rules)
    cleaned = clean_source(front.body, addresses)
    notes.add_cleaned(cleaned, front.body_line)
    body = render_body(cleaned.source, url, rules.site_url)
    separator = front.text("excerpt_separator") or rules.habits.excerpt_separator
    opening = _render_opening(front, separator, url, addresses)
    summary = drop_invisible(find_summary(front, title, opening, body.html))
    listed = is_listed(front)

    def measure(address: str) -> Measures:
        return site_files.measure(address, place.path, url) if site_files else UNKNOWN

    return Article(
        path=place.path,
        title=title,
        url=url,
        published_at=dated.published_at,
        date_source=dated.source,
        summary=summary,
        html=body.html,
        text=body.text,
        language=_find_language(front, place, rules, title, body.text),
        explicit_id=find_id(front, rules),
        modified_at=notes.read_date(front, _MODIFIED_KEYS, generator, rules),
        expires_at=notes.read_date(front, _EXPIRY_KEYS, generator, rules),
        authors=list_authors(front, rules.author, rules.habits.authors, generator.reads_headers),
        categories=_list_terms(generator.list_categories(place, front)),
        tags=_list_terms(_find_tags(front, generator)),
        image=find_image(front, url, measure),
        enclosures=find_enclosures(front, url, measure),
        former_urls=list_former_urls(front, url, rules.site_url, generator),
        draft=is_draft(front),
        in_feeds=listed and bool(body.html.strip() or summary),
        mailable=listed and is_mailable(front, url),
        pinned=front.flag("pinned") is True,
        warnings=tuple(notes.items),
        site_id=generator.name_entry(page, url, rules.site_url),
    )


def glance_article(
    place: Place, front: FrontMatter, generator: Generator, rules: ReadingRules
) -> Article:
    """Return what tells which feeds an article belongs to; text, summary and files are left out.

    For a body that surely shows something and renders. Raises ContentError where
    `compose_article` would, and says the same as it.
    """
    head = _read_head(place, front, generator, rules, None)
    page, dated, url, notes = head.page, head.dated, head.url, head.notes
    front, title = page.front, page.title
    return Article(
        path=place.path,
        title=title,
        url=url,
        published_at=dated.published_at,
        date_source=dated.source,
        summary="",
        html="",
        text="",
        language=_find_language(front, place, rules, title, ""),
        explicit_id=find_id(front, rules),
        expires_at=notes.read_date(front, _EXPIRY_KEYS, generator, rules),
        authors=list_authors(front, rules.author, rules.habits.authors, generator.reads_headers),
        categories=_list_terms(generator.list_categories(place, front)),
        tags=_list_terms(_find_tags(front, generator)),
        draft=is_draft(front),
        in_feeds=is_listed(front),
        site_id=generator.name_entry(page, url, rules.site_url),
    )


@dataclass(slots=True)
class _Notes:
    """What the reader noticed on its way."""

    items: list[Finding]

    def add_cleaned(self, cleaned: Cleaned, first_line: int) -> None:
        if cleaned.markers:
            line = first_line - 1 + (cleaned.marker_line or 1)
            message = word(
                "{count} stray END marker(s) taken out, what follows is kept",
                count=str(cleaned.markers),
            )
            self.items.append(Finding("stray_marker", Level.WARN, message, line))
        self.items.extend(cleaned.dropped.list_findings(first_line))

    def read_date(
        self, front: FrontMatter, keys: tuple[str, ...], generator: Generator, rules: ReadingRules
    ) -> datetime | None:
        """Read a date a post can do without: an unreadable one is noted, no more."""
        try:
            return read_first_date(front, keys, generator.name, rules.zone)
        except ContentError as error:
            self.items.append(Finding("date", Level.WARN, error.message, error.line))
            return None


@dataclass(frozen=True, slots=True)
class _Head:
    """What is known of an article before its body is read."""

    page: Page
    dated: Dated
    url: str
    notes: _Notes


def _read_head(
    place: Place,
    front: FrontMatter,
    generator: Generator,
    rules: ReadingRules,
    find_added_at: FindAddedAt | None,
) -> _Head:
    front = generator.add_defaults(place, front)
    notes = _Notes(list(front.warnings))
    dated = _find_date(place, front, generator, rules, find_added_at)
    title = find_title(front, place.slug, generator, notes.items)
    slug = front.text("slug") or dated.slug
    page = Page(place, front, title, dated.at, rules.zone, slug, rules.permalink)
    return _Head(page, dated, find_url(page, generator, rules), notes)


def _find_date(
    place: Place,
    front: FrontMatter,
    generator: Generator,
    rules: ReadingRules,
    find_added_at: FindAddedAt | None,
) -> Dated:
    try:
        return generator.find_date(place, front, rules.zone)
    except ContentError as error:
        if error.code != "no_date" or find_added_at is None or is_draft(front):
            raise
        added_at = find_added_at(place.path)
        if added_at is None:
            raise
        return Dated(added_at, "git")


def _render_opening(
    front: FrontMatter, separator: str, url: str, addresses: Addresses
) -> str | None:
    before = split_more(front.body, separator)
    if before is None:
        return None
    return render_body(clean_source(before, addresses).source, url, addresses.site_url).html


def _find_language(
    front: FrontMatter, place: Place, rules: ReadingRules, title: str, text: str
) -> str:
    written = front.text("lang", "language", "locale")
    if _LANGUAGE.fullmatch(written) and (language := read_language(written)):
        return language
    if place.language:
        return place.language
    return place.hint if place.hint and is_spoken(place.hint, title + text) else rules.language


def _find_tags(front: FrontMatter, generator: Generator) -> list[str]:
    zolas = front.values.get("taxonomies")
    for value in (front.values.get("tags"), front.values.get("topics"), zolas):
        written = value.get("tags") if isinstance(value, dict) else value
        terms = list(list_texts(written))
        if terms:
            split = terms if isinstance(written, list) else generator.split_terms(terms[0])
            return [*split, *front.texts("tag")]
    return front.texts("tag")


def _list_terms(terms: list[str]) -> tuple[str, ...]:
    """Return terms in NFC, without marks, empty ones and repeats, in their order."""
    cleaned = (unicodedata.normalize("NFC", drop_invisible(read_inline(term))) for term in terms)
    return tuple(dict.fromkeys(term for term in cleaned if term))
