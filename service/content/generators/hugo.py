"""Hugo: sections, page bundles, languages by suffix, one term per string."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from service.content.generators.base import (
    Page,
    Place,
    read_first_date,
    read_name_date,
    split_name,
)
from service.content.generators.permalinks import fill_pattern, list_date_values, slugify
from service.content.values import FrontMatter

CONFIG_NAMES = (
    "hugo.toml",
    "hugo.yaml",
    "hugo.yml",
    "config.toml",
    "config.yaml",
    "config.yml",
    "config/_default/hugo.toml",
    "config/_default/hugo.yaml",
    "config/_default/config.toml",
    "config/_default/config.yaml",
)
_LANGUAGE = re.compile(r"(.+)\.([a-z]{2}(?:-[A-Za-z]{2,4})?)")
_LANGUAGES = frozenset({
    "af", "ar", "az", "be", "bg", "bn", "bs", "ca", "cs", "cy", "da", "de", "el", "en", "eo",
    "es", "et", "eu", "fa", "fi", "fr", "ga", "gl", "gu", "he", "hi", "hr", "hu", "hy", "id",
    "is", "it", "ja", "ka", "kk", "km", "kn", "ko", "ky", "lo", "lt", "lv", "mk", "ml", "mn",
    "mr", "ms", "my", "nb", "ne", "nl", "nn", "no", "pa", "pl", "pt", "ro", "ru", "si", "sk",
    "sl", "sq", "sr", "sv", "sw", "ta", "te", "th", "tl", "tr", "uk", "ur", "uz", "vi", "zh",
})  # fmt: skip
_DATE_KEYS = ("date", "publishdate", "pubdate", "published")
_KEPT = "._~+@"


class Hugo:
    """The dialect of Hugo."""

    name = "hugo"
    titles_are_html = False
    reads_headers = False

    def is_site(self, root: Path) -> bool:
        """Whether `root` holds a configuration of Hugo beside a content folder."""
        has_config = any((root / name).is_file() for name in CONFIG_NAMES)
        return (root / "content").is_dir() and (has_config or not any(root.glob("*.md")))

    def enters(self, folder: str, *, is_site: bool) -> bool:
        """Whether posts may lie below: in a site only in its content."""
        return not is_site or folder.partition("/")[0] == "content"

    def takes(self, path: str, *, is_site: bool) -> bool:
        """Whether the file lies in the site's content."""
        return not is_site or path.startswith("content/")

    def is_bundle(self, names: list[str]) -> bool:
        """Whether there is an `index.md` in any language: then the rest belongs to it."""
        return any(_split_language(name.rpartition(".")[0])[0] == "index" for name in names)

    def find_place(self, path: str) -> Place:
        """Say what the path says; a bundle's slug is its folder."""
        *folders, name = path.split("/")
        if "content" in folders:
            folders = folders[folders.index("content") + 1 :]
        stem, language = _split_language(name.rpartition(".")[0])
        if stem == "_index":
            return Place(path, tuple(folders), stem, "", why_not="_index is a section, not a post")
        if stem == "index" and folders:
            stem = folders.pop()
        name_date, _ = split_name(stem)
        return Place(path, tuple(folders), stem, stem, name_date, language)

    def find_date(self, place: Place, front: FrontMatter, zone: ZoneInfo) -> datetime:
        """Return `date` (not before `publishDate`), else midnight of the name's date."""
        dated = read_first_date(front, _DATE_KEYS, self.name, zone) or read_name_date(place, zone)
        not_before = read_first_date(front, ("publishdate",), self.name, zone)
        return max(dated, not_before) if not_before else dated

    def split_terms(self, text: str) -> list[str]:
        """A string is one term."""
        return [text]

    def list_categories(self, place: Place, front: FrontMatter) -> list[str]:  # noqa: ARG002
        """Return `categories`, else `category`."""
        return front.texts("categories") or front.texts("category")

    def compose_path(self, page: Page) -> str:
        """Return the section and the slug, or the pattern of the site's permalinks."""
        sections = "/".join(_urlize(folder) for folder in page.place.folders)
        slug = _urlize(page.front.text("slug") or page.place.slug)
        if not page.permalink:
            return fill_pattern("/:sections/:slug/", {"sections": sections, "slug": slug})
        title = _urlize(page.front.text("slug") or page.title)
        values = {
            **list_date_values(page.published_at),
            "section": sections.partition("/")[0],
            "sections": sections,
            "title": _urlize(page.title),
            "slug": title,
            "filename": _urlize(page.place.stem),
            "contentbasename": _urlize(page.place.stem),
            "slugorfilename": slug,
            "slugorcontentbasename": slug,
        }
        return fill_pattern(page.permalink, values)


def _split_language(stem: str) -> tuple[str, str]:
    found = _LANGUAGE.fullmatch(stem)
    if found and found.group(2)[:2] in _LANGUAGES:
        return found.group(1), found.group(2)
    return stem, ""


def _urlize(text: str) -> str:
    return slugify(text, _KEPT)
