"""A post's HTML as a tree, and a tree as HTML again: what is written was named or escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser

from service.editions.plain import neutralise_marks

_VOID = frozenset({"br", "col", "embed", "hr", "img", "input", "source", "track", "wbr"})
_HOLDERS = frozenset(
    {"", "article", "blockquote", "details", "div", "dl", "figure", "main", "ol", "section"}
    | {"table", "tbody", "ul"}
)
_DEEPEST = 150
"""Elements nested deeper than this give their contents to the one above."""


@dataclass(slots=True)
class Element:
    """An element with what is in it; `tag` and the attributes' names in small letters."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)


Node = Element | str
"""An element, or text as a reader sees it."""


def read_markup(html: str) -> list[Node]:
    """The tree of sanitised HTML; what is not closed ends with what it stands in."""
    reader = _TreeReader()
    reader.feed(html)
    reader.close()
    return reader.root.children


def read_beginning(html: str, length: int) -> tuple[list[Node], bool]:
    """The tree of so many characters, without the element they end in, and whether that is all."""
    if len(html) <= length:
        return read_markup(html), True
    reader = _TreeReader()
    reader.feed(html[:length])
    reader.drop_unfinished()
    return reader.root.children, False


def write_markup(nodes: Iterable[Node]) -> str:
    """The tree as HTML, in which nothing can pass for one of our marks."""
    return neutralise_marks("".join(_write(node) for node in nodes))


def read_words(nodes: Iterable[Node]) -> str:
    """The text in a tree, on one line."""
    return " ".join("".join(list_texts(nodes)).split())


def list_texts(nodes: Iterable[Node]) -> Iterator[str]:
    """Every text in a tree, in order."""
    for node in nodes:
        if isinstance(node, str):
            yield node
        else:
            yield from list_texts(node.children)


def list_elements(nodes: Iterable[Node]) -> Iterator[Element]:
    """Every element of a tree, each before those in it."""
    for node in nodes:
        if isinstance(node, Element):
            yield node
            yield from list_elements(node.children)


def _write(node: Node) -> str:
    if isinstance(node, str):
        return escape(node, quote=False)
    values = "".join(f' {name}="{escape(value)}"' for name, value in node.attributes.items())
    if node.tag in _VOID:
        return f"<{node.tag}{values}>"
    # The first line break in a <pre> belongs to nobody: parsers drop it.
    opening = f"<{node.tag}{values}>" + "\n" * (node.tag == "pre")
    return f"{opening}{''.join(map(_write, node.children))}</{node.tag}>"


class _TreeReader(HTMLParser):
    """Puts every element into the one that is open."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if len(self._open) > _DEEPEST:
            return
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        depths = [at for at, element in enumerate(self._open) if element.tag == tag]
        if depths:
            del self._open[depths[-1] :]

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)

    def drop_unfinished(self) -> None:
        """Take out what is open, but for elements that hold others, and text that stands alone."""
        holders = next(
            (at for at, one in enumerate(self._open) if one.tag not in _HOLDERS), len(self._open)
        )
        held = self._open[holders - 1].children
        if held and (holders < len(self._open) or isinstance(held[-1], str)):
            held.pop()
