"""What a Hugo site says in its configuration about its posts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from service.content.generators import Habits
from service.content.generators.habits import Language
from service.content.generators.hugo import CONFIG_NAMES
from service.content.sites.files import find_table, find_text, load_settings, lower_keys
from service.content.values import Scalar, Value, list_texts, read_flag

_PARTS = ("languages", "permalinks", "params", "frontmatter")
_SUFFIXES = (".toml", ".yaml", ".yml", ".json")


def load_config(root: Path) -> dict[str, Value] | None:
    """Return the site's configuration, with the parts that lie in files of their own.

    None when there is none. Raises ContentError naming the file that cannot be read.
    """
    path = next((root / name for name in CONFIG_NAMES if (root / name).is_file()), None)
    folder = root / "config" / "_default"
    if path is None and not folder.is_dir():
        return None
    values = load_settings(path) if path else {}
    for part in _PARTS:
        files = (folder / f"{part}{suffix}" for suffix in _SUFFIXES)
        if found := next((file for file in files if file.is_file()), None):
            values[part] = {**find_table(values, part), **load_settings(found)}
    return values or None


def read_habits(values: Mapping[str, Value], below: str) -> Habits:
    """Return the habits of the site whose configuration is `values`."""
    content = _clean_folder(find_text(values, "contentdir")) or "content"
    languages = tuple(_list_languages(values))
    usual = find_text(values, "defaultcontentlanguage").lower() or "en"
    return Habits(
        is_known=True,
        below=below,
        content_folder=content,
        permalinks=tuple(_list_permalinks(find_table(values, "permalinks"))),
        ugly=tuple(_list_ugly(values.get("uglyurls"))),
        date_keys=tuple(text.lower() for text in _list_date_keys(values)),
        languages=languages,
        default_language=usual if languages else "",
        prefixes_default=bool(read_flag(values.get("defaultcontentlanguageinsubdir"))),
    )


def find_default_language(values: Mapping[str, Value]) -> dict[str, Value]:
    """Return what the site says of its default language alone: its title, its code."""
    usual = find_text(values, "defaultcontentlanguage").lower() or "en"
    return find_table(find_table(values, "languages"), usual)


def _list_languages(values: Mapping[str, Value]) -> Iterator[Language]:
    for code, about in find_table(values, "languages").items():
        table = lower_keys(about) if isinstance(about, dict) else {}
        if read_flag(table.get("disabled")):
            continue
        tag = find_text(table, "locale", "languagecode") or code
        yield Language(code, tag.replace("_", "-"), _clean_folder(find_text(table, "contentdir")))


def _list_permalinks(written: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    """Yield the patterns of pages by section, from either of the two ways to write them."""
    pages = written.get("page")
    for section, pattern in (pages if isinstance(pages, dict) else written).items():
        if isinstance(pattern, Scalar):
            yield section, pattern.text


def _list_ugly(written: Value) -> Iterator[str]:
    if read_flag(written):
        yield "*"
    elif isinstance(written, dict):
        yield from (section for section, is_ugly in written.items() if read_flag(is_ugly))


def _list_date_keys(values: Mapping[str, Value]) -> list[str]:
    return list(list_texts(find_table(values, "frontmatter").get("date")))


def _clean_folder(written: str) -> str:
    return written.replace("\\", "/").removeprefix("./").strip("/")
