"""The HTML of a mail, taken apart into pieces that can be left out or put in, and joined again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser

_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)


@dataclass(slots=True)
class Element:
    """One element: its pieces are those from `first` to `last`; `parent` is None for the root."""

    tag: str
    values: Mapping[str, str]
    first: int
    last: int
    parent: Element | None

    @property
    def classes(self) -> frozenset[str]:
        """The names in its class."""
        return frozenset(self.values.get("class", "").split())

    @property
    def href(self) -> str:
        """Where it leads, "" for what is no link."""
        return self.values.get("href", "")


@dataclass(frozen=True, slots=True)
class TakenApart:
    """A mail in pieces as they were written, comments left out, and its elements in order."""

    pieces: tuple[str, ...]
    elements: tuple[Element, ...]

    def join(self, without: Iterable[Element], instead: Mapping[int, str]) -> str:
        """The mail without these elements; `instead` puts HTML in the place of a piece."""
        kept: list[str | None] = list(self.pieces)
        for element in without:
            kept[element.first : element.last + 1] = [None] * (element.last + 1 - element.first)
        return "".join(instead.get(at, piece or "") for at, piece in enumerate(kept))


def take_apart(html: str) -> TakenApart:
    """Take the HTML of a mail apart, however broken it is."""
    reader = _PieceReader()
    reader.feed(html)
    reader.close()
    return reader.finish()


class _PieceReader(HTMLParser):
    """Keeps every tag as it stands in the source, and every text as it reads."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._pieces: list[str] = []
        self._elements: list[Element] = []
        self._open: list[Element] = []

    def finish(self) -> TakenApart:
        """What was read; an element that never ended ends with the mail."""
        for element in self._open:
            element.last = len(self._pieces) - 1
        return TakenApart(tuple(self._pieces), tuple(self._elements))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at, parent = len(self._pieces), self._open[-1] if self._open else None
        # Of an attribute written twice a browser takes the first.
        values = {name: value or "" for name, value in reversed(attrs)}
        element = Element(tag, values, at, at, parent)
        self._elements.append(element)
        self._pieces.append(self.get_starttag_text() or "")
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if all(element.tag != tag for element in self._open):
            return
        last = len(self._pieces)
        self._pieces.append(f"</{tag}>")
        while (element := self._open.pop()).tag != tag:
            element.last = last - 1
        element.last = last

    def handle_data(self, data: str) -> None:
        is_code = bool(self._open) and self._open[-1].tag in {"script", "style"}
        self._pieces.append(data if is_code else escape(data, quote=False))

    def handle_decl(self, decl: str) -> None:
        self._pieces.append(f"<!{decl}>")
