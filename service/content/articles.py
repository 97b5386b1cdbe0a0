"""Front matter and body to an Article: what its generator would make of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from service.content.attachments import find_enclosures, find_image
from service.content.authors import list_authors
from service.content.body.cleaning import (
    Addresses,
    Cleaned,
    clean_source,
    drop_invisible,
    split_more,
)
from service.content.body.markdown import make_absolute, read_inline, render_body
from service.content.body.references import make_addresses
from service.content.generators import Dated, Generator, Page, Place
from service.content.generators.base import read_first_date
from service.content.generators.languages import is_spoken
from service.content.generators.permalinks import check_permalink, escape_path
from service.content.identity import write_explicit_id
from service.content.rules import ReadingRules
from service.content.site_files import UNKNOWN, Measures, SiteFiles
from service.content.standing import is_draft, is_listed, is_mailable
from service.content.summaries import find_summary
from service.content.titles import find_title
from service.content.values import FrontMatter, list_texts
from service.errors import ContentError
from service.model.languages import read_language
from service.model.post import Article, Finding, Level

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
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:.")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_LONGEST_URL = 2_000


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
    front = generator.add_defaults(place, front)
    notes = _Notes(list(front.warnings))
    dated = _find_date(place, front, generator, rules, find_added_at)
    title = find_title(front, place.slug, generator, notes.items)
    slug = front.text("slug") or dated.slug
    page = Page(place, front, title, dated.at, rules.zone, slug, rules.permalink)
    url = _find_url(page, generator, rules)
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
        explicit_id=_find_id(front, rules),
        modified_at=notes.read_date(front, _MODIFIED_KEYS, generator, rules),
        expires_at=notes.read_date(front, _EXPIRY_KEYS, generator, rules),
        authors=list_authors(front, rules.author, rules.habits.authors, generator.reads_headers),
        categories=_list_terms(generator.list_categories(place, front)),
        tags=_list_terms(_find_tags(front, generator)),
        image=find_image(front, url, measure),
        enclosures=find_enclosures(front, url, measure),
        former_urls=_list_former(front, url, rules.site_url, generator),
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
    front = generator.add_defaults(place, front)
    notes = _Notes([])
    dated = _find_date(place, front, generator, rules, None)
    title = find_title(front, place.slug, generator, notes.items)
    slug = front.text("slug") or dated.slug
    page = Page(place, front, title, dated.at, rules.zone, slug, rules.permalink)
    url = _find_url(page, generator, rules)
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
        explicit_id=_find_id(front, rules),
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
            message = f"{cleaned.markers} stray END marker(s) taken out, what follows is kept"
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


def _find_url(page: Page, generator: Generator, rules: ReadingRules) -> str:
    path = _find_path(page, generator, rules)
    if len(path) > _LONGEST_URL:
        raise ContentError("permalink", f"its address is longer than {_LONGEST_URL} characters")
    return rules.site_url + path


def _find_path(page: Page, generator: Generator, rules: ReadingRules) -> str:
    scalar = page.front.scalar(*generator.address_keys)
    if scalar is None:
        return escape_path(generator.compose_path(page), is_escaped=False)
    try:
        return _read_path(page, scalar.text.strip(), generator, rules)
    except ContentError as error:
        raise ContentError(error.code, error.message, scalar.line) from error


def _read_path(page: Page, written: str, generator: Generator, rules: ReadingRules) -> str:
    if "{{" in written or "{%" in written:
        raise ContentError("permalink", f"the permalink is a template: {written[:60]!r}")
    path = check_permalink(written, rules.site_url)
    return escape_path(generator.expand_path(page, path), is_escaped=True)


def _find_id(front: FrontMatter, rules: ReadingRules) -> str | None:
    """Return the id its author gave it, as an IRI: `12` becomes a tag URI of the site."""
    written = write_explicit_id(front.text("id", "guid"))
    if not written or _IRI.match(written):
        return written or None
    host = urlsplit(rules.site_url).hostname or "localhost"
    # A tag URI names a year; this one is fixed, because an id must never change.
    return write_explicit_id(f"tag:{host},2026:id/{written}")


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


def _list_former(
    front: FrontMatter, url: str, site_url: str, generator: Generator
) -> tuple[str, ...]:
    written = [*front.texts("redirect_from"), *front.texts("aliases")]
    # Hugo's aliases without a slash lie beside the page, all others below the site's root.
    beside = url.rstrip("/").rpartition("/")[0] + "/"
    former = (
        make_absolute(reference, beside)
        if generator.name == "hugo" and not reference.startswith("/")
        else make_absolute(_below(reference), site_url + "/")
        for reference in written
    )
    return tuple(dict.fromkeys(address for address in former if address and address != url))


def _below(reference: str) -> str:
    # An alias is written from the site's root, which may itself lie below the host's.
    return reference if "://" in reference else reference.lstrip("/")
