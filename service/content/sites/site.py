"""What a site says about itself in its own configuration."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from service.content.generators import NO_HABITS, Habits
from service.content.sites import hugo, jekyll
from service.content.sites.files import find_author, find_table, find_text, load_settings
from service.content.values import Value, read_flag

_LEVELS_UP = 6
_USUAL_FOLDERS = ("docs", "site", "website", "blog", "www", "src")


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """A site beside or above a folder of posts; what it does not say is "" or None."""

    generator: str
    root: Path
    content_paths: tuple[Path, ...]
    title: str = ""
    url: str = ""
    description: str = ""
    language: str = ""
    timezone: str | None = None
    permalink: str | None = None
    future: bool | None = None
    author: str = ""
    habits: Habits = NO_HABITS


def find_site(folder: Path) -> SiteFacts:
    """Return the facts of the nearest Jekyll or Hugo site at or above `folder`, else generic.

    A repository that keeps its site in `docs` or the like has that one. Raises ContentError
    naming the configuration file that cannot be read.
    """
    for root in _list_roots(folder):
        if facts := _read_site(root, folder):
            return facts
    if (folder / "_posts").is_dir() or folder.name == "_posts":
        posts = folder if folder.name == "_posts" else folder / "_posts"
        return SiteFacts("jekyll", posts.parent, (posts,))
    for name in _USUAL_FOLDERS:
        if not (folder / name).is_dir():
            continue
        if facts := _read_site(folder / name, folder):
            return facts
        if (folder / name / "_posts").is_dir():
            return SiteFacts("jekyll", folder / name, (folder / name / "_posts",))
    return SiteFacts("generic", folder, (folder,))


def find_habits(folder: Path, generator: str) -> Habits:
    """Return how the site that the folder of posts belongs to has `generator` read them.

    Nothing when the site is another generator's. Raises ContentError as `find_site` does.
    """
    facts = find_site(folder)
    return facts.habits if facts.generator == generator else NO_HABITS


def _list_roots(folder: Path) -> Iterator[Path]:
    for root in [folder, *folder.absolute().parents][: _LEVELS_UP + 1]:
        yield root
        if (root / ".git").exists():
            return


def _read_site(root: Path, folder: Path) -> SiteFacts | None:
    """Return the facts of the site at `root`, whose posts are asked for in `folder`."""
    for name in jekyll.CONFIG_NAMES:
        if (root / name).is_file():
            written = load_settings(root / name)
            return _describe_jekyll(root, written, _find_way(root, folder))
    values = hugo.load_config(root)
    return _describe_hugo(root, values, _find_way(root, folder)) if values else None


def _find_way(root: Path, folder: Path) -> str:
    """Return how to get from the site's root to the folder of posts, "" where it is no way."""
    way = PurePath(os.path.relpath(folder.absolute(), root.absolute())).as_posix()
    return "" if way == "." or way.startswith("..") else f"{way}/"


def _describe_jekyll(root: Path, values: dict[str, Value], below: str) -> SiteFacts:
    base = find_text(values, "baseurl").strip("/")
    url = find_text(values, "url").rstrip("/")
    return SiteFacts(
        generator="jekyll",
        root=root,
        content_paths=(jekyll.find_posts(root, values),),
        title=find_text(values, "title", "name"),
        url=f"{url}/{base}" if url and base else url,
        description=find_text(values, "description"),
        language=find_text(values, "lang", "language", "locale").replace("_", "-"),
        timezone=find_text(values, "timezone") or None,
        permalink=jekyll.find_permalink(values) or None,
        future=read_flag(values.get("future")),
        author=find_author(values),
        habits=jekyll.read_habits(root, values, below),
    )


def _describe_hugo(root: Path, values: dict[str, Value], below: str) -> SiteFacts | None:
    habits = hugo.read_habits(values, below)
    contents = {habits.content_folder, *(lang.folder for lang in habits.languages if lang.folder)}
    present = [PurePath(name) for name in contents if (root / name).is_dir()]
    outer = [name for name in present if not set(name.parents) & set(present)]
    if not present or "base_url" in values:
        # `config.toml` is a common name: without Hugo's own words it is somebody else's.
        return None
    usual = hugo.find_default_language(values)
    params = find_table(values, "params")
    language = find_text(usual, "locale", "languagecode") or find_text(
        values, "locale", "languagecode", "defaultcontentlanguage"
    )
    return SiteFacts(
        generator="hugo",
        root=root,
        content_paths=(root / outer[0] if len(outer) == 1 else root,),
        title=find_text(values, "title") or find_text(usual, "title"),
        url=find_text(values, "baseurl").rstrip("/"),
        description=find_text(values, "description") or find_text(params, "description"),
        language=language.replace("_", "-"),
        timezone=find_text(values, "timezone") or find_text(usual, "timezone") or None,
        future=read_flag(values.get("buildfuture")),
        author=find_author(values) or find_author(params),
        habits=habits,
    )
