"""Front matter and body to an Article: what its generator would make of them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import unquote, urlsplit

from service.content.attachments import find_enclosures, find_image
from service.content.authors import list_authors
from service.content.cleaning import Cleaned, clean_source, drop_invisible, split_more
from service.content.generators import Generator, Page, Place
from service.content.generators.base import read_first_date
from service.content.generators.permalinks import check_permalink, escape_path
from service.content.identity import write_explicit_id
from service.content.markdown import make_absolute, read_inline, render_body
from service.content.rules import ReadingRules
from service.content.summaries import find_summary
from service.content.titles import find_title
from service.content.values import FrontMatter
from service.errors import ContentError
from service.model.post import Article, Finding, Level

_MODIFIED_KEYS = ("lastmod", "last_modified_at", "modified", "updateddate", "updated")
_EXPIRY_KEYS = ("expirydate", "expires", "unpublishdate")
_ADDRESS_KEYS = {"jekyll": ("permalink",), "hugo": ("url",)}
_ANY_ADDRESS_KEYS = ("permalink", "url", "path")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")


def is_draft(front: FrontMatter) -> bool:
    """Whether the file says, in the words of any generator, that it is not published."""
    if front.flag("draft") or front.flag("published") is False:
        return True
    return front.text("status").lower() in ("draft", "unpublished", "private")


def compose_article(
    place: Place, front: FrontMatter, generator: Generator, rules: ReadingRules
) -> Article:
    """Return the article a file holds; raises ContentError where nobody could tell."""
    notes = _Notes(list(front.warnings))
    published_at = generator.find_date(place, front, rules.zone)
    title = find_title(front, place.slug, generator, notes.items)
    categories = _list_terms(generator.list_categories(place, front))
    page = Page(
        place, front, title, published_at.astimezone(rules.zone), categories, rules.permalink
    )
    url = rules.site_url + _find_path(page, generator, rules)
    cleaned = clean_source(front.body, rules.site_url)
    notes.add_cleaned(cleaned, front.body_line)
    body = render_body(cleaned.source, url, rules.site_url)
    summary = find_summary(front, title, _render_opening(front, url, rules), body.html)
    is_hidden = front.flag("hidden") is True or front.text("status").lower() == "hidden"
    return Article(
        path=place.path,
        title=title,
        url=url,
        published_at=published_at,
        summary=summary,
        html=body.html,
        text=body.text,
        language=_find_language(front, place, rules),
        explicit_id=write_explicit_id(front.text("id", "guid")) or None,
        modified_at=notes.read_date(front, _MODIFIED_KEYS, generator, rules),
        expires_at=notes.read_date(front, _EXPIRY_KEYS, generator, rules),
        authors=list_authors(front, rules.author),
        categories=categories,
        tags=_list_terms(_find_tags(front, generator)),
        image=find_image(front, url),
        enclosures=find_enclosures(front, url),
        former_urls=_list_former(front, url, rules.site_url),
        draft=is_draft(front),
        in_feeds=not is_hidden and bool(body.html or summary),
        mailable=not is_hidden and _is_mailable(front, url),
        pinned=front.flag("pinned") is True,
        warnings=tuple(notes.items),
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
        if cleaned.dropped:
            names = ", ".join(f"{name} x{n}" for name, n in sorted(cleaned.dropped.items())[:8])
            message = f"template tags dropped: {names}"
            self.items.append(Finding("template_tag", Level.WARN, message))

    def read_date(
        self, front: FrontMatter, keys: tuple[str, ...], generator: Generator, rules: ReadingRules
    ) -> datetime | None:
        """Read a date a post can do without: an unreadable one is noted, no more."""
        try:
            return read_first_date(front, keys, generator.name, rules.zone)
        except ContentError as error:
            self.items.append(Finding("date", Level.WARN, error.message, error.line))
            return None


def _find_path(page: Page, generator: Generator, rules: ReadingRules) -> str:
    keys = _ADDRESS_KEYS.get(generator.name, _ANY_ADDRESS_KEYS)
    written = page.front.text(*keys)
    if not written:
        return escape_path(generator.compose_path(page), is_escaped=False)
    path = check_permalink(written, rules.site_url)
    if ":" in path and generator.name == "jekyll":
        path = generator.compose_path(replace(page, permalink=path))
    return escape_path(path, is_escaped=True)


def _render_opening(front: FrontMatter, url: str, rules: ReadingRules) -> str | None:
    before = split_more(front.body)
    if before is None:
        return None
    return render_body(clean_source(before, rules.site_url).source, url, rules.site_url).html


def _find_language(front: FrontMatter, place: Place, rules: ReadingRules) -> str:
    written = front.text("lang", "language", "locale")
    if _LANGUAGE.fullmatch(written):
        return written.replace("_", "-")
    return place.language or rules.language


def _find_tags(front: FrontMatter, generator: Generator) -> list[str]:
    for key in ("tags", "topics"):
        terms = front.texts(key)
        if terms:
            is_list = isinstance(front.values.get(key), list)
            return terms if is_list else generator.split_terms(terms[0])
    return front.texts("tag")


def _list_terms(terms: list[str]) -> tuple[str, ...]:
    """Return terms in NFC, without marks, empty ones and repeats, in their order."""
    cleaned = (unicodedata.normalize("NFC", drop_invisible(read_inline(term))) for term in terms)
    return tuple(dict.fromkeys(term for term in cleaned if term))


def _list_former(front: FrontMatter, url: str, site_url: str) -> tuple[str, ...]:
    written = [*front.texts("redirect_from"), *front.texts("aliases")]
    former = (make_absolute(_below(reference), site_url + "/") for reference in written)
    return tuple(dict.fromkeys(address for address in former if address and address != url))


def _below(reference: str) -> str:
    # An alias is written from the site's root, which may itself lie below the host's.
    return reference if "://" in reference else reference.lstrip("/")


def _is_mailable(front: FrontMatter, url: str) -> bool:
    if front.flag("mail") is False or front.flag("sitemap") is False:
        return False
    if "noindex" in front.text("robots").lower() or front.flag("noindex"):
        return False
    canonical = front.text("canonical_url", "canonical")
    target = make_absolute(canonical, url) if canonical else ""
    return not target or _same_page(target, url)


def _same_page(one: str, other: str) -> bool:
    first, second = urlsplit(one), urlsplit(other)
    if first.netloc and second.netloc and first.netloc.lower() != second.netloc.lower():
        return False
    return _plain_path(first.path) == _plain_path(second.path)


def _plain_path(path: str) -> str:
    return unquote(path).removesuffix("index.html").removesuffix(".html").rstrip("/")
