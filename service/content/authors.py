"""Who wrote a post: a string, a list, or a list of mappings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.content.markdown import make_absolute, read_inline
from service.content.values import FrontMatter, Scalar, Value
from service.model.post import Author

_KEYS = ("authors", "author", "by")
_WITH_EMAIL = re.compile(r"([^<>]+?)\s*<([^<>@\s]+@[^<>@\s]+)>")


def list_authors(front: FrontMatter, fallback: str) -> tuple[Author, ...]:
    """Return the authors a post names, else the publication's own, else nobody."""
    for key in _KEYS:
        authors = tuple(dict.fromkeys(_read_authors(front.values.get(key))))
        if authors:
            return authors
    return (Author(fallback),) if fallback else ()


def _read_authors(value: Value) -> Iterator[Author]:
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, Scalar) and item.text.strip():
            yield from _read_name(item.text.strip())
        elif isinstance(item, dict):
            yield from _read_mapping(item)


def _read_name(text: str) -> Iterator[Author]:
    found = _WITH_EMAIL.fullmatch(text[:500])
    if found:
        yield Author(found.group(1), found.group(2))
    elif name := read_inline(text[:500]):
        yield Author(name)


def _read_mapping(values: dict[str, Value]) -> Iterator[Author]:
    name = read_inline(_text(values, "name"))
    if name:
        url = make_absolute(_text(values, "url"), "") or None
        yield Author(name, _text(values, "email") or None, url)


def _text(values: dict[str, Value], key: str) -> str:
    value = values.get(key)
    return value.text.strip() if isinstance(value, Scalar) else ""
