"""Who wrote a post: a string, a list, or a list of mappings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from service.content.body.markdown import make_absolute, read_inline
from service.content.values import FrontMatter, Scalar, Value
from service.model.post import Author

_KEYS = ("authors", "author", "by")
_WITH_EMAIL = re.compile(r"([^<>]+?)\s*<([^<>@\s]+@[^<>@\s]+)>")


def list_authors(
    front: FrontMatter,
    fallback: str,
    known: Sequence[tuple[str, Author]] = (),
    splits_names: bool = False,
) -> tuple[Author, ...]:
    """Return the authors a post names, else the publication's own, else nobody.

    `known` are the site's authors by the key that posts name them by. `splits_names` reads
    `authors: A; B` and `authors: A, B` as two, the way Pelican does.
    """
    by_key = dict(known)
    for key in _KEYS:
        value = front.values.get(key)
        if splits_names and key == "authors" and isinstance(value, Scalar):
            value = [
                Scalar(name) for name in re.split(";" if ";" in value.text else ",", value.text)
            ]
        read = (by_key.get(author.name, author) for author in _read_authors(value))
        if authors := tuple(dict.fromkeys(read)):
            return authors
    return (by_key.get(fallback, Author(fallback)),) if fallback else ()


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
        url = make_absolute(_text(values, "url"), "")
        # What only the site's own pages could resolve is no address to a feed.
        yield Author(name, _text(values, "email") or None, url if ":" in url else None)


def _text(values: dict[str, Value], key: str) -> str:
    value = values.get(key)
    return value.text.strip() if isinstance(value, Scalar) else ""
