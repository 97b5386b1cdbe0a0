"""A plain folder of Markdown files, and the generators that have no dialect of their own yet."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from service.content.dates import read_date
from service.content.generators.base import (
    Page,
    Place,
    read_first_date,
    read_name_date,
    split_name,
)
from service.content.generators.permalinks import fill_pattern, list_date_values, slugify
from service.content.values import FrontMatter

_DATE_KEYS = ("date", "pubdate", "publishdate", "published_at", "published", "created")
_DATED_PATH = re.compile(r"/?(?:[^/]+/)*?(\d{4})/(\d{1,2})/(\d{1,2})/")
_KEPT = "._~!$&'()+,;=@"


class Generic:
    """The dialect of no generator in particular."""

    name = "generic"
    titles_are_html = True
    reads_headers = True

    def is_site(self, root: Path) -> bool:  # noqa: ARG002
        """A plain folder is never more than its posts."""
        return False

    def enters(self, folder: str, *, is_site: bool) -> bool:  # noqa: ARG002
        """Any folder may hold posts, except drafts."""
        return folder.rpartition("/")[2] != "_drafts"

    def takes(self, path: str, *, is_site: bool) -> bool:  # noqa: ARG002
        """Any Markdown file may be a post."""
        return True

    def is_bundle(self, names: list[str]) -> bool:  # noqa: ARG002
        """Every file is its own post."""
        return False

    def find_place(self, path: str) -> Place:
        """Say what the path says; `index.md` goes by its folder's name."""
        *folders, name = path.split("/")
        stem = name.rpartition(".")[0]
        if stem == "index" and folders:
            stem = folders.pop()
        name_date, slug = split_name(stem)
        return Place(path, tuple(folders), stem, slug, name_date)

    def find_date(self, place: Place, front: FrontMatter, zone: ZoneInfo) -> datetime:
        """Return the first date key, else the name's date, else the one in a `path` key."""
        dated = read_first_date(front, _DATE_KEYS, self.name, zone)
        if dated:
            return dated
        in_path = _DATED_PATH.match(front.text("path", "permalink"))
        if place.name_date is None and in_path:
            text = "-".join(in_path.groups())
            return read_date(text, quoted=True, dialect=self.name, zone=zone)
        return read_name_date(place, zone)

    def split_terms(self, text: str) -> list[str]:
        """Split on commas; a string without one is one term."""
        return text.split(",")

    def list_categories(self, place: Place, front: FrontMatter) -> list[str]:  # noqa: ARG002
        """Return `categories`, else `category`."""
        terms = front.texts("categories") or front.texts("category")
        return [part for term in terms for part in self.split_terms(term)]

    def compose_path(self, page: Page) -> str:
        """Fill the configured pattern, else follow folders and file name."""
        slug = page.front.text("slug") or page.place.slug
        title = slugify(slug, _KEPT, cased=True)
        folders = "/".join(slugify(folder, _KEPT, cased=True) for folder in page.place.folders)
        stem = slugify(page.front.text("slug") or page.place.stem, _KEPT, cased=True)
        if not page.permalink:
            return fill_pattern("/:path/:name/", {"path": folders, "name": stem})
        values = {
            **list_date_values(page.published_at),
            "title": title,
            "slug": slugify(slug),
            "name": stem,
            "filename": stem,
            "path": folders,
            "sections": folders,
            "section": folders.partition("/")[0],
            "categories": "/".join(slugify(category) for category in page.categories),
        }
        return fill_pattern(page.permalink, values)
