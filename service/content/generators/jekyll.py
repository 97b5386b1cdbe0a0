"""Jekyll 4: `_posts`, dates in names, permalink styles, tags split on spaces."""

from __future__ import annotations

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

_KEPT_IN_TITLES = "._~!$&'()+,;=@"
_STYLES = {
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
    "none": "/:categories/:title:output_ext",
}


class Jekyll:
    """The dialect of Jekyll."""

    name = "jekyll"
    titles_are_html = True
    reads_headers = False

    def is_site(self, root: Path) -> bool:
        """Whether `root` holds a `_posts` folder or a `_config.yml`."""
        return (root / "_posts").is_dir() or (root / "_config.yml").is_file()

    def enters(self, folder: str, *, is_site: bool) -> bool:
        """Whether posts may lie below: never in drafts, in a site only outside `_` folders."""
        name = folder.rpartition("/")[2]
        if name in ("_drafts", "_site", "vendor"):
            return False
        inside = "_posts" in folder.split("/")
        return not (is_site and name.startswith("_") and not inside)

    def takes(self, path: str, *, is_site: bool) -> bool:
        """Whether the file is a post by its place: in a site, those in a `_posts` folder."""
        return not is_site or "_posts" in path.split("/")[:-1]

    def is_bundle(self, names: list[str]) -> bool:  # noqa: ARG002
        """Jekyll has no bundles."""
        return False

    def find_place(self, path: str) -> Place:
        """Say what the path says; folders above `_posts` are categories."""
        *folders, name = path.split("/")
        stem = name.rpartition(".")[0]
        name_date, slug = split_name(stem)
        above = folders[: folders.index("_posts")] if "_posts" in folders else []
        why_not = "" if name_date else "Jekyll's posts are named YYYY-MM-DD-title"
        return Place(path, tuple(above), stem, slug, name_date, why_not=why_not)

    def find_date(self, place: Place, front: FrontMatter, zone: ZoneInfo) -> datetime:
        """Return `date:`, else midnight of the name's date."""
        return read_first_date(front, ("date",), self.name, zone) or read_name_date(place, zone)

    def split_terms(self, text: str) -> list[str]:
        """Split on commas where there are any, else on white space."""
        return text.split(",") if "," in text else text.split()

    def list_categories(self, place: Place, front: FrontMatter) -> list[str]:
        """Return the folders above `_posts`, then `category`, then `categories`."""
        written = front.values.get("categories")
        terms = front.texts("categories")
        split = (
            terms
            if isinstance(written, list)
            else [part for term in terms for part in self.split_terms(term)]
        )
        return [*place.folders, *front.texts("category"), *split]

    def compose_path(self, page: Page) -> str:
        """Fill the site's permalink pattern; dates are those of the site's zone."""
        pattern = _STYLES.get(page.permalink or "date", page.permalink)
        slug = page.front.text("slug") or page.place.slug
        categories = [category.lower() for category in page.categories]
        title = slugify(slug, _KEPT_IN_TITLES, cased=True)
        values = {
            **list_date_values(page.published_at),
            "title": title,
            "slug": slugify(slug),
            "name": slugify(page.place.stem),
            "basename": page.place.stem,
            "categories": "/".join(categories),
            "slugified_categories": "/".join(slugify(category) for category in categories),
            "collection": "posts",
            "path": title,
            "output_ext": ".html",
        }
        return fill_pattern(pattern, values)
