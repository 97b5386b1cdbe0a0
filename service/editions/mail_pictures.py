"""A post's pictures as mail shows them: no wider than it is, with words, and none that counts."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from service.editions.entries import PICTURE_WIDTH
from service.editions.markup import Element, Node, list_elements, read_words
from service.editions.plain import clean_line, clean_url

_SMALLEST = 3
_TALLEST = 2 * PICTURE_WIDTH
_WEB = ("https://", "http://")
_DRAWN = (".svg", ".svgz")
"""Drawings, which hardly any mail program shows."""


def show_picture(image: Element) -> Node | None:
    """The picture, its words where mail programs do not show it; None where there is nothing.

    What is smaller than a letter counts readers, and is left out.
    """
    values = image.attributes
    source = clean_url(values.get("src", ""))
    alt = clean_line(values.get("alt") or values.get("title") or "")
    width, height = (_read_size(values.get(side, "")) for side in ("width", "height"))
    if any(size is not None and size < _SMALLEST for size in (width, height)):
        return None
    if not source.startswith(_WEB) or urlsplit(source).path.lower().endswith(_DRAWN):
        return alt or None
    return Element("img", {"src": source, "alt": alt, **_measure(width, height)})


def widen_lone_pictures(block: Element, words: str) -> None:
    """Give pictures that have a paragraph to themselves a width, and words if they have none."""
    if block.tag != "p" or read_words([block]):
        return
    for image in _list_images(block.children):
        image.attributes["alt"] = image.attributes["alt"] or words
        if "width" not in image.attributes:
            # As wide as it is, but never wider than the mail, where styles are read; the number
            # is for programs that read none.
            image.attributes |= {"width": str(PICTURE_WIDTH), "class": "wide"}


def _list_images(nodes: Iterable[Node]) -> list[Element]:
    return [one for one in list_elements(nodes) if one.tag == "img"]


def _measure(width: int | None, height: int | None) -> dict[str, str]:
    """What fits into a mail, in the same proportion."""
    if width is None:
        return {}
    if width <= PICTURE_WIDTH:
        return {"width": str(width)} | ({"height": str(height)} if height else {})
    shrunk = round(height * PICTURE_WIDTH / width) if height else 0
    fits = 0 < shrunk <= _TALLEST
    return {"width": str(PICTURE_WIDTH)} | ({"height": str(shrunk)} if fits else {})


def _read_size(written: str) -> int | None:
    number = written.strip().removesuffix("px")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 6 else None
