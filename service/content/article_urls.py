"""Where an article is, where it was before, and the id its author gave it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from service.content.body.markdown import make_absolute
from service.content.generators import Generator, Page
from service.content.generators.permalinks import check_permalink, escape_path
from service.content.identity import write_explicit_id
from service.content.rules import ReadingRules
from service.content.values import FrontMatter
from service.errors import ContentError

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:.")
_LONGEST_URL = 2_000


def find_url(page: Page, generator: Generator, rules: ReadingRules) -> str:
    """Return the address of a page; raises ContentError for one that cannot be used."""
    path = _find_path(page, generator, rules)
    if len(path) > _LONGEST_URL:
        raise ContentError(
            "permalink",
            "its address is longer than {most} characters",
            most=_LONGEST_URL,
        )
    return rules.site_url + path


def find_id(front: FrontMatter, rules: ReadingRules) -> str | None:
    """Return the id its author gave it, as an IRI: `12` becomes a tag URI of the site."""
    written = write_explicit_id(front.text("id", "guid"))
    if not written or _IRI.match(written):
        return written or None
    host = urlsplit(rules.site_url).hostname or "localhost"
    # A tag URI names a year; this one is fixed, because an id must never change.
    return write_explicit_id(f"tag:{host},2026:id/{written}")


def list_former_urls(
    front: FrontMatter, url: str, site_url: str, generator: Generator
) -> tuple[str, ...]:
    """Return where the front matter says that the article was before, without where it is."""
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
        raise ContentError(
            "permalink", "the permalink is a template: '{written}'", written=written[:60]
        )
    path = check_permalink(written, rules.site_url)
    return escape_path(generator.expand_path(page, path), is_escaped=True)


def _below(reference: str) -> str:
    # An alias is written from the site's root, which may itself lie below the host's.
    return reference if "://" in reference else reference.lstrip("/")
