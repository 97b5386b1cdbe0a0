"""What a Jekyll site says in `_config.yml` about its posts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from service.content.authors import list_authors
from service.content.generators import Habits
from service.content.generators.habits import Collection, Default
from service.content.sites.files import find_table, find_text, load_settings, lower_keys
from service.content.values import FrontMatter, Value, read_flag
from service.errors import ContentError
from service.model.post import Author

CONFIG_NAMES = ("_config.yml", "_config.yaml", "_config.toml")
_HONOURED = frozenset(
    {
        "author", "authors", "categories", "category", "hidden", "image", "lang", "language",
        "layout", "locale", "permalink", "published", "robots", "sitemap", "tags",
    }
)  # fmt: skip
_AUTHOR_FILES = ("_data/authors.yml", "_data/authors.yaml", "_data/authors.json")
_MANY = 500


def read_habits(root: Path, values: Mapping[str, Value], below: str) -> Habits:
    """Return the habits of the site at `root` whose configuration is `values`."""
    return Habits(
        is_known=True,
        below=below,
        collections_folder=find_text(values, "collections_dir").strip("/"),
        collections=tuple(_list_collections(values)),
        defaults=tuple(_list_defaults(values)),
        authors=tuple(_list_known_authors(root)),
        excerpt_separator=find_text(values, "excerpt_separator"),
    )


def find_permalink(values: Mapping[str, Value]) -> str:
    """Return the pattern of posts: their collection's own one, else the site's."""
    posts = find_table(find_table(values, "collections"), "posts")
    return find_text(posts, "permalink") or find_text(values, "permalink")


def find_posts(root: Path, values: Mapping[str, Value]) -> Path:
    """Return the folder to read: `_posts`, or the whole site when posts lie elsewhere too."""
    home = root / find_text(values, "collections_dir").strip("/")
    others = (home / f"_{collection.label}" for collection in _list_collections(values))
    nested = (path for path in home.glob("*/_posts") if path.parent.name[0] not in "._")
    if not (home / "_posts").is_dir() or any(_is_dated(path) for path in others) or any(nested):
        return root
    return home / "_posts"


def _is_dated(folder: Path) -> bool:
    """Whether a collection's folder begins with files named after a day."""
    names = sorted(path.name for _, path in zip(range(_MANY), folder.glob("*.m*"), strict=False))
    return any(name[:4].isdecimal() and name[4:5] == "-" for name in names)


def _list_collections(values: Mapping[str, Value]) -> Iterator[Collection]:
    """Yield the collections but posts that are written out."""
    written = values.get("collections")
    for label, about in written.items() if isinstance(written, dict) else ():
        if label != "posts" and isinstance(about, dict) and read_flag(about.get("output")):
            yield Collection(label, find_text(about, "permalink"))


def _list_defaults(values: Mapping[str, Value]) -> Iterator[Default]:
    written = values.get("defaults")
    for item in written if isinstance(written, list) else ():
        if not isinstance(item, dict):
            continue
        scope, added = find_table(item, "scope"), lower_keys(find_table(item, "values"))
        kept = {key: value for key, value in added.items() if key in _HONOURED}
        if kept:
            yield Default(find_text(scope, "path"), find_text(scope, "type"), kept)


def _list_known_authors(root: Path) -> Iterator[tuple[str, Author]]:
    """Yield those in `_data/authors.yml` by their key; an unreadable file names nobody."""
    path = next((root / name for name in _AUTHOR_FILES if (root / name).is_file()), None)
    try:
        people = load_settings(path) if path else {}
    except ContentError:
        return
    for key, about in people.items():
        if isinstance(about, dict):
            named = {**about, "name": about.get("name") or about.get("display_name")}
            found = list_authors(FrontMatter({"author": named}, "", 1), "")
            yield from ((key, author) for author in found)
