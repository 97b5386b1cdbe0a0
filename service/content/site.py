"""What a site says about itself in its own configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from service.content.bounded_yaml import read_yaml
from service.content.frontmatter import read_toml
from service.content.generators.hugo import CONFIG_NAMES
from service.content.values import Scalar, Value, read_flag
from service.errors import ContentError

_MAX_CONFIG = 1_000_000
_LEVELS_UP = 6


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


def find_site(folder: Path) -> SiteFacts:
    """Return the facts of the nearest Jekyll or Hugo site at or above `folder`, else generic.

    Raises ContentError naming the configuration file that cannot be read.
    """
    for root in [folder, *folder.absolute().parents][: _LEVELS_UP + 1]:
        if (root / "_config.yml").is_file():
            return _read_jekyll(root)
        config = next((root / name for name in CONFIG_NAMES if (root / name).is_file()), None)
        if config is not None and (facts := _read_hugo(root, config)):
            return facts
        if (root / ".git").exists():
            break
    if (folder / "_posts").is_dir() or folder.name == "_posts":
        posts = folder if folder.name == "_posts" else folder / "_posts"
        return SiteFacts("jekyll", posts.parent, (posts,))
    return SiteFacts("generic", folder, (folder,))


def _read_jekyll(root: Path) -> SiteFacts:
    values = _load(root / "_config.yml")
    posts = root / _text(values, "collections_dir") / "_posts"
    base = _text(values, "baseurl").strip("/")
    url = _text(values, "url").rstrip("/")
    return SiteFacts(
        generator="jekyll",
        root=root,
        content_paths=(posts if posts.is_dir() else root,),
        title=_text(values, "title", "name"),
        url=f"{url}/{base}" if url and base else url,
        description=_text(values, "description"),
        language=_text(values, "lang", "language", "locale").replace("_", "-"),
        timezone=_text(values, "timezone") or None,
        permalink=_text(values, "permalink") or None,
        future=read_flag(values.get("future")),
        author=_find_author(values),
    )


def _read_hugo(root: Path, config: Path) -> SiteFacts | None:
    values = _load(config)
    content = root / (_text(values, "contentdir") or "content")
    if not content.is_dir() or "base_url" in values:
        # `config.toml` is a common name: without Hugo's own words it is somebody else's.
        return None
    params = _mapping(values, "params")
    return SiteFacts(
        generator="hugo",
        root=root,
        content_paths=(content,),
        title=_text(values, "title"),
        url=_text(values, "baseurl").rstrip("/"),
        description=_text(values, "description") or _text(params, "description"),
        language=_text(values, "languagecode", "locale", "defaultcontentlanguage"),
        timezone=_text(values, "timezone") or None,
        permalink=_find_permalink(_mapping(values, "permalinks")),
        future=read_flag(values.get("buildfuture")),
        author=_find_author(values) or _find_author(params),
    )


def _load(path: Path) -> dict[str, Value]:
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_CONFIG).decode("utf-8-sig").replace("\r\n", "\n")
        values = read_toml(text) if path.suffix == ".toml" else read_yaml(text)[0]
    except ContentError as error:
        raise ContentError("site", f"{path}: {error.message}", error.line) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError("site", f"{path} cannot be read: {error}") from error
    if not isinstance(values, dict):
        return {}
    return {key.lower(): value for key, value in values.items()}


def _text(values: Mapping[str, Value], *keys: str) -> str:
    found = (values.get(key) for key in keys)
    return next((v.text.strip() for v in found if isinstance(v, Scalar) and v.text.strip()), "")


def _mapping(values: Mapping[str, Value], key: str) -> dict[str, Value]:
    value = values.get(key)
    return {name.lower(): item for name, item in value.items()} if isinstance(value, dict) else {}


def _find_author(values: Mapping[str, Value]) -> str:
    return _text(values, "author") or _text(_mapping(values, "author"), "name")


def _find_permalink(values: dict[str, Value]) -> str | None:
    """Return the pattern for posts; a site with several keeps its sections' own out of reach."""
    pages = _mapping(values, "page") or values
    patterns = {v.text for v in pages.values() if isinstance(v, Scalar)}
    return patterns.pop() if len(patterns) == 1 else None
