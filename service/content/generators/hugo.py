"""Hugo: sections, page bundles, languages by suffix or folder, one term per string."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
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
from service.content.generators.habits import NO_HABITS, Habits, Language
from service.content.generators.hugo_permalinks import fill_tokens, urlize
from service.content.generators.languages import find_folder_language, split_language
from service.content.values import FrontMatter, list_texts, read_flag
from service.model.wording import word

CONFIG_NAMES = (
    "hugo.toml",
    "hugo.yaml",
    "hugo.yml",
    "hugo.json",
    "config.toml",
    "config.yaml",
    "config.yml",
    "config.json",
    "config/_default/hugo.toml",
    "config/_default/hugo.yaml",
    "config/_default/hugo.yml",
    "config/_default/hugo.json",
    "config/_default/config.toml",
    "config/_default/config.yaml",
    "config/_default/config.yml",
    "config/_default/config.json",
)
_SHOWN_KEYS = ("publishdate", "pubdate", "published")
_DATE_KEYS = ("date", *_SHOWN_KEYS, "lastmod", "modified")
_ALIASES = {"publishdate": _SHOWN_KEYS, "lastmod": ("lastmod", "modified"), ":default": _DATE_KEYS}
_NEEDS_NO_ESCAPE = re.compile(r"[A-Za-z0-9!$%&'()*+,\-./:;=@\[\]_~]*")
_GO_ESCAPES = str.maketrans({mark: f"%{ord(mark):02X}" for mark in "!'()*"})


@dataclass(frozen=True, slots=True)
class Hugo:
    """The dialect of Hugo, with the habits of one site; `language` is the publication's."""

    habits: Habits = NO_HABITS
    language: str = ""

    name = "hugo"
    titles_are_html = False
    reads_headers = False
    address_keys = ("url",)

    def is_site(self, root: Path) -> bool:
        """Whether `root` holds a configuration of Hugo beside a content folder."""
        if self.habits.is_known:
            return not self.habits.below
        has_config = any((root / name).is_file() for name in CONFIG_NAMES)
        return (root / "content").is_dir() and (has_config or not any(root.glob("*.md")))

    def enters(self, folder: str, *, is_site: bool) -> bool:
        """Whether posts may lie below: in a site only in its content."""
        way = f"{folder}/"
        return not is_site or any(
            way.startswith(content) or content.startswith(way) for content in self._list_contents()
        )

    def takes(self, path: str, *, is_site: bool) -> bool:
        """Whether the file lies in the site's content."""
        return not is_site or path.startswith(tuple(self._list_contents()))

    def is_bundle(self, names: list[str]) -> bool:
        """Whether there is an `index.md` in any language: then the rest belongs to it."""
        return any(self._split(name.rpartition(".")[0])[0] == "index" for name in names)

    def find_place(self, path: str) -> Place:
        """Say what the path says; a bundle's slug is its folder."""
        inside, spoken = self._enter_content(self.habits.below + path)
        *folders, name = inside.split("/")
        stem, code = self._split(name.rpartition(".")[0])
        if stem == "_index":
            return Place(
                path, tuple(folders), stem, "", why_not=word("_index is a section, not a post")
            )
        if stem == "index" and folders:
            stem = folders.pop()
        code = code or spoken
        return Place(
            path,
            tuple(folders),
            stem,
            stem,
            split_loose_name(stem)[0],
            language=self._find_tag(code),
            prefix=self._find_prefix(code),
            hint="" if self.habits.languages else find_folder_language(folders),
        )

    def _list_contents(self) -> list[str]:
        folders = [language.folder for language in self.habits.languages if language.folder]
        return [f"{folder}/" for folder in [*folders, self.habits.content_folder]]

    def _enter_content(self, path: str) -> tuple[str, str]:
        """Return the path below the content folder, and the language that folder is for."""
        fitting = [lang for lang in self.habits.languages if _is_below(path, lang.folder)]
        if fitting:
            nearest = max(fitting, key=lambda language: len(language.folder))
            return path[len(nearest.folder) + 1 :], nearest.code
        folder = self.habits.content_folder
        if _is_below(path, folder):
            return path[len(folder) + 1 :], self.habits.default_language
        above, found, below = path.partition("content/")
        is_whole = found and (not above or above.endswith("/"))
        return (below if is_whole and not self.habits.is_known else path), ""

    def _split(self, stem: str) -> tuple[str, str]:
        if self.habits.is_known and not self.habits.languages:
            return stem, ""
        return split_language(stem, {language.code for language in self.habits.languages})

    def _find_tag(self, code: str) -> str:
        known: dict[str, Language] = {lang.code: lang for lang in self.habits.languages}
        return known[code.lower()].tag if code.lower() in known else code

    def _find_prefix(self, code: str) -> str:
        if not code:
            return ""
        usual = self.habits.default_language or self.language.partition("-")[0]
        is_usual = code.lower() == usual.lower()
        return "" if is_usual and not self.habits.prefixes_default else code.lower()

    def add_defaults(self, place: Place, front: FrontMatter) -> FrontMatter:  # noqa: ARG002
        """Hugo's cascades are for its templates: nothing is added."""
        return front

    def explain_exclusion(self, place: Place, front: FrontMatter) -> str:
        """Headless bundles, pages that are not rendered, and pages outside any section."""
        if front.flag("headless") or _is_never(_read_build(front).get("render")):
            return word("it has no page of its own (headless, or never rendered)")
        if front.text("type").lower() == "page":
            return word("its type is page")
        is_dated = place.name_date or any(front.scalar(key) for key in _DATE_KEYS)
        return "" if place.folders or is_dated else word("a page in no section, and without a date")

    def find_date(self, place: Place, front: FrontMatter, zone: ZoneInfo) -> Dated:
        """Return `date` or what the site takes for it, not before `publishDate`.

        Without any of them it is midnight of the name's date.
        """
        not_before = read_first_date(front, _SHOWN_KEYS, self.name, zone)
        for key in self.habits.date_keys or (":default",):
            if key == ":filename" and (named := _read_name(place, zone)):
                return Dated(named[0], "name", not_before, slug=named[1])
            keys = _ALIASES.get(key, (key,))
            if dated := read_first_date(front, keys, self.name, zone):
                return Dated(dated, not_before=not_before)
        return Dated(read_name_date(place, zone), "name", not_before)

    def split_terms(self, text: str) -> list[str]:
        """A string is one term."""
        return [text]

    def list_categories(self, place: Place, front: FrontMatter) -> list[str]:  # noqa: ARG002
        """Return `categories`, else `category`."""
        return front.texts("categories") or front.texts("category")

    def compose_path(self, page: Page) -> str:
        """Return the section and the slug, or the site's pattern for the section."""
        section = page.place.folders[0] if page.place.folders else "/"
        pattern = page.permalink or dict(self.habits.permalinks).get(section, "")
        if pattern:
            path = urlize(fill_tokens(pattern, page))
        else:
            path = urlize("/".join([*page.place.folders, page.slug or page.place.slug]))
        path = re.sub(r"/{2,}", "/", f"/{page.place.prefix}/{path}/")
        if {"*", section} & set(self.habits.ugly):
            return f"{path.rstrip('/')}.html"
        return path.rstrip("/") if path.endswith(".html/") else path

    def expand_path(self, page: Page, path: str) -> str:
        """Fill a `url`; without a name of a file at its end it is a folder's."""
        filled = fill_tokens(path, page)
        return filled if filled.endswith("/") or "." in filled else f"{filled}/"

    def name_entry(self, page: Page, url: str, site_url: str) -> str:
        """Return its permalink; Go writes some marks out where anything else has to be."""
        written = page.front.text("url")
        if _NEEDS_NO_ESCAPE.fullmatch(written):
            return url
        return site_url + url[len(site_url) :].translate(_GO_ESCAPES)


def _is_below(path: str, folder: str) -> bool:
    return bool(folder) and path.startswith(f"{folder}/")


def _is_never(value: str | None) -> bool:
    return value in ("never", "false")


def _read_build(front: FrontMatter) -> dict[str, str]:
    """Return what `build` (or, as of old, `_build`) says, in lower case."""
    for key in ("build", "_build"):
        values = front.values.get(key)
        if isinstance(values, dict):
            return {name.lower(): "".join(list_texts(v)).lower() for name, v in values.items()}
    return {}


def is_unlisted(front: FrontMatter) -> bool:
    """Whether Hugo renders the page and lists it nowhere."""
    build = front.values.get("build") or front.values.get("_build")
    written = build.get("list") if isinstance(build, dict) else None
    return "".join(list_texts(written)).lower() == "never" or read_flag(written) is False


def _read_name(place: Place, zone: ZoneInfo) -> tuple[datetime, str] | None:
    """Return the date at the start of a file's name and the slug that follows it."""
    if place.name_date is None:
        return None
    at = read_date(place.name_date, quoted=True, dialect="name", zone=zone)
    return at, place.stem[len(place.name_date) :].strip(" -_")
