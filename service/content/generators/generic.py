"""A plain folder of Markdown files, and the generators that have no dialect of their own yet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from service.content.dates import read_date
from service.content.generators.base import (
    Dated,
    Page,
    Place,
    read_first_date,
    read_name_date,
    split_loose_name,
)
from service.content.generators.habits import NO_HABITS, Habits
from service.content.generators.languages import find_folder_language, split_language
from service.content.generators.permalinks import fill_pattern, list_date_values, slugify
from service.content.values import FrontMatter, list_texts
from service.model.wording import word

_SHOWN_KEYS = ("publishdate", "published_at")
_DATE_KEYS = ("date", "pubdate", *_SHOWN_KEYS, "published", "created", "created_at")
_DATED_PATH = re.compile(r"(?:^|/)(\d{4})/(\d{1,2})/(\d{1,2})(?:/|$)")
_KEPT = "._~!$&'()+,;=@"
_NEVER = frozenset({"_drafts", "_includes", "_layouts", "_data", "_site", "_templates"})


@dataclass(frozen=True, slots=True)
class Generic:
    """The dialect of no generator in particular; `language` is the publication's."""

    habits: Habits = NO_HABITS
    language: str = ""

    name = "generic"
    titles_are_html = True
    reads_headers = True
    address_keys = ("permalink", "url", "path")

    def is_site(self, root: Path) -> bool:  # noqa: ARG002
        """A plain folder is never more than its posts."""
        return False

    def enters(self, folder: str, *, is_site: bool) -> bool:  # noqa: ARG002
        """Any folder may hold posts, except drafts and templates."""
        return folder.rpartition("/")[2] not in _NEVER

    def takes(self, path: str, *, is_site: bool) -> bool:  # noqa: ARG002
        """Any Markdown file may be a post."""
        return True

    def is_bundle(self, names: list[str]) -> bool:  # noqa: ARG002
        """Every file is its own post."""
        return False

    def find_place(self, path: str) -> Place:
        """Say what the path says; `index.md` goes by its folder's name."""
        *folders, name = path.split("/")
        stem, language = split_language(name.rpartition(".")[0])
        if stem == "index" and folders:
            stem = folders.pop()
        name_date, slug = split_loose_name(stem)
        is_usual = language.lower() == self.language.partition("-")[0].lower()
        return Place(
            path,
            tuple(folders),
            stem,
            slug,
            name_date,
            language=language,
            prefix="" if is_usual else language.lower(),
            hint=find_folder_language(folders),
            why_not=word("its name begins with an underscore") if stem.startswith("_") else "",
        )

    def add_defaults(self, place: Place, front: FrontMatter) -> FrontMatter:  # noqa: ARG002
        """A plain folder has no configuration."""
        return front

    def explain_exclusion(self, place: Place, front: FrontMatter) -> str:
        """Pages, files that are not written out, and what is neither dated nor said."""
        if front.text("type").lower() == "page":
            return word("its type is page")
        if front.flag("permalink") is False or front.flag("render") is False:
            return word("it has no page of its own (permalink or render is false)")
        is_dated = place.name_date or any(front.scalar(key) for key in _DATE_KEYS)
        if is_dated or _DATED_PATH.search(_read_path(place, front)):
            return ""
        if front.text("layout").lower() == "page":
            return word("its layout is page, and it has no date")
        is_blank = not front.text("title") and not front.body.strip()
        return word("it has neither title, nor date, nor text") if is_blank else ""

    def find_date(self, place: Place, front: FrontMatter, zone: ZoneInfo) -> Dated:
        """Return the first date key, else the name's date, else the one in the path."""
        not_before = read_first_date(front, _SHOWN_KEYS, self.name, zone)
        dated = read_first_date(front, _DATE_KEYS, self.name, zone)
        if dated:
            return Dated(dated, not_before=not_before)
        in_path = _DATED_PATH.search(_read_path(place, front))
        if place.name_date is None and in_path:
            text = "-".join(in_path.groups())
            at = read_date(text, quoted=True, dialect=self.name, zone=zone)
            return Dated(at, "path", not_before)
        return Dated(read_name_date(place, zone), "name", not_before)

    def split_terms(self, text: str) -> list[str]:
        """Split on commas; a string without one is one term."""
        return text.split(",")

    def list_categories(self, place: Place, front: FrontMatter) -> list[str]:  # noqa: ARG002
        """Return `categories`, else `category`, else those among Zola's taxonomies."""
        own = front.values.get("taxonomies")
        zolas = list(list_texts(own.get("categories"))) if isinstance(own, dict) else []
        for key in ("categories", "category"):
            terms = front.texts(key)
            if terms:
                is_list = isinstance(front.values.get(key), list)
                return terms if is_list else self.split_terms(terms[0])
        return zolas

    def compose_path(self, page: Page) -> str:
        """Fill the configured pattern, else follow folders and file name."""
        pattern = page.permalink or "/:path/:name/"
        return f"/{page.place.prefix}{fill_pattern(pattern, _list_values(page))}".replace("//", "/")

    def expand_path(self, page: Page, path: str) -> str:
        """Return the address; Zola's `path` is always a folder's."""
        is_zolas = not page.front.text("permalink", "url")
        return f"{path}/" if is_zolas and not path.endswith("/") else path

    def name_entry(self, page: Page, url: str, site_url: str) -> str:  # noqa: ARG002
        """Return its address."""
        return url


def _read_path(place: Place, front: FrontMatter) -> str:
    """Return where a date may stand: in an address, or in the folders."""
    return front.text("path", "permalink") or "/".join(place.folders)


def _list_values(page: Page) -> dict[str, str]:
    place = page.place
    folders = "/".join(slugify(folder, _KEPT, cased=True) for folder in place.folders)
    stem = slugify(page.slug or place.stem, _KEPT, cased=True)
    return {
        **list_date_values(page.local_at),
        "title": slugify(page.slug or place.slug, _KEPT, cased=True),
        "slug": slugify(page.slug or place.slug),
        "name": stem,
        "filename": stem,
        "path": folders,
        "sections": folders,
        "section": folders.partition("/")[0],
        "categories": "/".join(slugify(term) for term in page.front.texts("categories")),
    }
