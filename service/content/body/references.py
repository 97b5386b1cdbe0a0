"""Addresses of other posts, as far as their names alone tell them; no other file is read."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from zoneinfo import ZoneInfo

from service.content.body.cleaning import Addresses
from service.content.generators import Generator, Page, Place, choose_generator
from service.content.generators.base import read_name_date
from service.content.generators.permalinks import escape_path
from service.content.rules import ReadingRules
from service.content.values import FrontMatter, Scalar
from service.errors import ContentError

_FRONTS = tuple(FrontMatter({"categories": [Scalar(term)]}, "", 1) for term in ("a", "b"))
_ANY_DAY = datetime(2001, 2, 3)  # noqa: DTZ001 - a probe: it only must differ from another
_ANY_OTHER_DAY = datetime(1999, 11, 12)  # noqa: DTZ001


def make_addresses(place: Place, generator: Generator, rules: ReadingRules) -> Addresses:
    """Return what the post at `place` can know of its site's addresses."""
    section = "/".join(place.folders)
    content = f"{rules.habits.content_folder}/" if generator.name == "hugo" else ""

    def find_post(name: str) -> str | None:
        return _find_url(f"_posts/{name}.md", generator.name, rules)

    def find_page(path: str) -> str | None:
        written = path.strip("/").removesuffix("/index.md").removesuffix("/_index.md")
        named = written if written.endswith(".md") else f"{written}.md"
        inside = named if "/" in path.strip("/") or path.startswith("/") else f"{section}/{named}"
        return _find_url(content + inside.lstrip("/"), generator.name, rules)

    return Addresses(rules.site_url, find_post, find_page)


def _find_url(path: str, name: str, rules: ReadingRules) -> str | None:
    """Return the address of the file at `path` when any file so named would have it."""
    # Such names begin at the site's root, wherever the folder of posts lies.
    generator = choose_generator(name, replace(rules.habits, below=""), rules.language)
    try:
        place = generator.find_place(path)
        days = _list_days(place, rules.zone)
        probes = {
            generator.compose_path(Page(place, front, title, day, rules.zone, "", rules.permalink))
            for title, day, front in zip(("a", "b"), days, _FRONTS, strict=True)
        }
    except ContentError:
        return None
    if len(probes) > 1:
        return None
    return rules.site_url + escape_path(probes.pop(), is_escaped=False)


def _list_days(place: Place, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return two moments that the post's address must not tell apart."""
    if place.name_date is None:
        return _ANY_DAY, _ANY_OTHER_DAY
    morning = read_name_date(place, zone)
    return morning, datetime.combine(morning, time(13, 14, 15), morning.tzinfo)
