"""Jekyll 4: `_posts`, dates in names, permalink styles, tags split on spaces."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from zoneinfo import ZoneInfo

from service.content.generators.base import (
    Dated,
    Page,
    Place,
    read_first_date,
    read_name_date,
    split_name,
)
from service.content.generators.habits import NO_HABITS, Default, Habits
from service.content.generators.languages import find_folder_language, split_language
from service.content.generators.permalinks import (
    fill_pattern,
    list_date_values,
    normalise_path,
    slugify,
)
from service.content.values import FrontMatter, Value, list_texts
from service.model.wording import word

_KEPT_IN_TITLES = "._~!$&'()+,;=@"
_STYLES = {
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
    "none": "/:categories/:title:output_ext",
}
_NEVER = frozenset({"_drafts", "_site", "vendor"})
_POSTS = re.compile(r"_posts(?:[-_.][a-z]{2})?")


@dataclass(frozen=True, slots=True)
class Jekyll:
    """The dialect of Jekyll, with the habits of one site."""

    habits: Habits = NO_HABITS
    language: str = ""

    name = "jekyll"
    titles_are_html = True
    reads_headers = False
    address_keys = ("permalink",)

    def is_site(self, root: Path) -> bool:
        """Whether `root` holds a `_posts` folder or a `_config.yml`."""
        return (root / "_posts").is_dir() or (root / "_config.yml").is_file()

    def enters(self, folder: str, *, is_site: bool) -> bool:
        """Whether posts may lie below: never in drafts, in a site only outside `_` folders."""
        name = folder.rpartition("/")[2]
        if name in _NEVER:
            return False
        return not (is_site and name.startswith("_") and self._find_top(folder.split("/")) < 0)

    def takes(self, path: str, *, is_site: bool) -> bool:
        """Whether the file is a post by its place: in a site, those of a collection."""
        return not is_site or self._find_top(path.split("/")[:-1]) >= 0

    def is_bundle(self, names: list[str]) -> bool:  # noqa: ARG002
        """Jekyll has no bundles."""
        return False

    def find_place(self, path: str) -> Place:
        """Say what the path says; folders above `_posts` are categories."""
        *folders, name = (self.habits.below + path).split("/")
        stem = name.rpartition(".")[0]
        name_date, slug = split_name(stem)
        at = self._find_top(folders)
        collection = folders[at][1:] if at >= 0 else "posts"
        above = [folder for folder in folders[: max(at, 0)] if folder not in self._outer()]
        is_post = collection == "posts"
        return Place(
            path,
            tuple(above) if is_post else (),
            stem if is_post else "/".join([*folders[at + 1 :], stem]),
            slug.rstrip("."),
            name_date,
            language=split_language(stem)[1],
            hint=find_folder_language(folders[max(at, 0) :]),
            collection=collection,
            why_not=""
            if name_date or not is_post
            else word("Jekyll's posts are named YYYY-MM-DD-title"),
        )

    def _find_top(self, folders: list[str]) -> int:
        """Return which of `folders` is the collection's own, -1 for none."""
        labels = {f"_{collection.label}" for collection in self.habits.collections}
        found = (at for at, name in enumerate(folders) if _POSTS.fullmatch(name) or name in labels)
        return next(found, -1)

    def _outer(self) -> list[str]:
        return self.habits.collections_folder.split("/")

    def add_defaults(self, place: Place, front: FrontMatter) -> FrontMatter:
        """Return the front matter with the `defaults:` whose scope the file is in."""
        path = self.habits.below + place.path
        fitting = [d for d in self.habits.defaults if _is_in_scope(path, place.collection, d)]
        added: dict[str, Value] = {}
        for default in sorted(fitting, key=lambda d: (d.path.count("/") + bool(d.path), d.kind)):
            added.update(default.values)
        if not added:
            return front
        return replace(front, values={**added, **_join_categories(added, front.values)})

    def explain_exclusion(self, place: Place, front: FrontMatter) -> str:
        """A collection's documents without a date are pages; whatever is in `_posts` is a post."""
        if place.collection == "posts" or place.name_date or front.scalar("date"):
            return ""
        return word(
            "it has no date: a page of the collection {collection}", collection=place.collection
        )

    def find_date(self, place: Place, front: FrontMatter, zone: ZoneInfo) -> Dated:
        """Return `date:`, else midnight of the name's date; not before `publishDate:`."""
        not_before = read_first_date(front, ("publishdate",), self.name, zone)
        dated = read_first_date(front, ("date",), self.name, zone)
        if dated:
            return Dated(dated, not_before=not_before)
        return Dated(read_name_date(place, zone), "name", not_before)

    def split_terms(self, text: str) -> list[str]:
        """Split on commas where there are any, else on white space."""
        return text.split(",") if "," in text else text.split()

    def list_categories(self, place: Place, front: FrontMatter) -> list[str]:
        """Return the folders above `_posts`, then `categories`, then `category`."""
        written = front.values.get("categories")
        terms = front.texts("categories")
        if not isinstance(written, list):
            terms = [part for term in terms for part in self.split_terms(term)]
        return [*place.folders, *terms, *front.texts("category")]

    def compose_path(self, page: Page) -> str:
        """Fill the permalink pattern of the site, or of the collection."""
        return self.expand_path(page, self._find_pattern(page))

    def expand_path(self, page: Page, path: str) -> str:
        """Fill a pattern; dates are those of the site's zone."""
        return _settle(fill_pattern(path, self._list_values(page)))

    def name_entry(self, page: Page, url: str, site_url: str) -> str:
        """Return the absolute `post.id` that jekyll-feed writes: no suffix, no slash at its end.

        It is the folder of the address and the slug, which is not the address where a permalink
        says otherwise (Jekyll's Document#id, and the filter absolute_url).
        """
        folder = url[len(site_url) :].rstrip("/").rpartition("/")[0]
        slug = (page.front.text("slug") or page.place.slug).lstrip("/")
        return site_url + normalise_path(f"{folder}/{slug}")

    def _find_pattern(self, page: Page) -> str:
        style = page.permalink or "date"
        label = page.place.collection
        if label == "posts":
            return _STYLES.get(style, style)
        own = next((c.permalink for c in self.habits.collections if c.label == label), "")
        if own:
            return _STYLES.get(own, own)
        if style == "pretty" or style.endswith("/"):
            return "/:collection/:path/"
        is_named = style in ("date", "ordinal", "none") or style.endswith(":output_ext")
        return "/:collection/:path:output_ext" if is_named else "/:collection/:path"

    def _list_values(self, page: Page) -> dict[str, str]:
        slug = page.slug or page.place.slug
        categories = [category.lower() for category in _list_raw(page.place, page.front)]
        return {
            **list_date_values(page.local_at),
            "title": slugify(slug, _KEPT_IN_TITLES, cased=True),
            "slug": slugify(slug),
            "name": slugify(page.place.stem.rpartition("/")[2]),
            "basename": page.place.stem.rpartition("/")[2],
            "categories": "/".join(dict.fromkeys(categories)),
            "slugified_categories": "/".join(dict.fromkeys(map(slugify, categories))),
            "collection": page.place.collection,
            "path": page.place.stem.rstrip("."),
            "output_ext": ".html",
        }


def _is_in_scope(path: str, collection: str, default: Default) -> bool:
    if default.kind not in ("", collection):
        return False
    scope = default.path.strip("/")
    if "*" not in scope:
        return not scope or path == scope or path.startswith(f"{scope}/")
    parts = path.split("/")
    heads = ("/".join(parts[:end]) for end in range(1, len(parts) + 1))
    return any(fnmatchcase(head, scope) for head in heads)


def _join_categories(added: dict[str, Value], written: dict[str, Value]) -> dict[str, Value]:
    """Return what is written; categories do not replace the added ones but join them."""
    if not added.get("categories") or not written.get("categories"):
        return written
    joined = [*_split(added["categories"]), *_split(written["categories"])]
    return {**written, "categories": list(joined)}


def _split(value: Value) -> list[Value]:
    return value if isinstance(value, list) else [value]


def _list_raw(place: Place, front: FrontMatter) -> list[str]:
    """Return the categories as Jekyll itself splits them: on white space alone."""
    written = front.values.get("categories")
    terms = list(list_texts(written))
    if not isinstance(written, list):
        terms = [part for term in terms for part in term.split()]
    return [*place.folders, *terms, *front.texts("category")]


def _settle(path: str) -> str:
    # What Jekyll does to every address it makes; what climbs was refused before.
    return re.sub(r"/{2,}", "/", path.replace("..", "/").replace("./", ""))
