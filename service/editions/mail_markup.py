"""A post's elements as mail programs show them: what they lack is said otherwise.

Nothing but the elements and attributes named here comes out, so that no post can bring in what a
mail must not have. Players, frames and forms give way to a link to the post; headings stand below
the mail's own and skip no level; footnotes keep their numbers, for links inside a mail lead nowhere
in many programs; ruby has brackets, which are seen where the element is not known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from types import MappingProxyType

from service.editions.mail_pictures import show_picture, widen_lone_pictures
from service.editions.markup import Element, Node, list_elements, list_texts, read_words
from service.editions.plain import clean_url, close_japanese_breaks

HEADINGS = frozenset({"h3", "h4", "h5", "h6"})

_BLOCKS = HEADINGS | {
    "blockquote", "dd", "div", "dl", "dt", "hr", "li", "ol", "p", "pre", "table", "tbody", "td",
    "tfoot", "th", "thead", "tr", "ul",
}  # fmt: skip
_GONE = frozenset(
    {"base", "button", "canvas", "col", "colgroup", "head", "input", "link", "map", "meta", "rp"}
    | {"script", "select", "source", "style", "template", "textarea", "title", "track", "wbr"}
)
_LINKED = ("applet", "audio", "embed", "form", "iframe", "object", "svg", "video")
_BOXES = (
    *("address", "article", "aside", "center", "details", "div", "figcaption", "figure", "footer"),
    *("header", "hgroup", "main", "nav", "section"),
)
_SOURCE_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_KEPT = frozenset(
    {"blockquote", "br", "code", "dd", "dl", "dt", "em", "hr", "li", "ol", "s", "small", "strong"}
    | {"sub", "sup", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul"}
)
_PLAINER = {
    "b": "strong", "mark": "strong", "i": "em", "cite": "em", "dfn": "em", "var": "em",
    "kbd": "code", "samp": "code", "tt": "code", "strike": "s", "del": "s", "ins": "u",
}  # fmt: skip
_LINKS = ("https://", "http://", "mailto:", "tel:")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_NUMBER = re.compile(r"[0-9]{1,4}")
_VALUES = {
    "lang": _LANGUAGE,
    "dir": re.compile("ltr|rtl|auto"),
    "align": re.compile("left|center|right"),
    **dict.fromkeys(("colspan", "rowspan", "start", "value"), _NUMBER),
}
_ALLOWED = {
    "td": ("align", "colspan", "rowspan"), "th": ("align", "colspan", "rowspan"),
    "ol": ("start",), "li": ("value",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wording:
    """Where the post is on the web, and what is said in place of what a mail cannot show.

    `see_there` is the words of a link to the post, `picture` those of a picture that has none.
    """

    url: str
    title: str
    see_there: str
    picture: str


def make_mailable(nodes: Sequence[Node], wording: Wording) -> list[Element]:
    """The tree as mail programs show it: blocks only, without a title that the mail has said."""
    _empty_title(nodes, wording.title)
    return _Converter(wording).convert_flow(nodes)


def wrap_loose(nodes: Iterable[Node]) -> Iterator[Element]:
    """The blocks, and paragraphs of what stands between them."""
    for are_blocks, run in groupby(nodes, _is_block):
        members = list(run)
        if are_blocks:
            yield from (one for one in members if isinstance(one, Element))
        elif _shows(members):
            yield Element("p", {}, members)


def _empty_title(nodes: Sequence[Node], title: str) -> None:
    """Leave nothing in a first heading that is the title; nobody misses an empty one."""
    headings = (one for one in list_elements(nodes) if one.tag in _SOURCE_HEADINGS)
    first = next(headings, None)
    words = " ".join(title.split())
    if first and words and read_words([first]) == words and read_words(nodes).startswith(words):
        first.children = []


def _is_block(node: Node) -> bool:
    return isinstance(node, Element) and (node.tag in _BLOCKS or any(map(_is_block, node.children)))


def _shows(nodes: Sequence[Node]) -> bool:
    has_words = any(text.strip() for text in list_texts(nodes))
    return has_words or any(one.tag == "img" for one in list_elements(nodes))


def _are_notes(section: Element) -> bool:
    ids = (one.attributes.get("id", "") for one in list_elements(section.children))
    return any(one.startswith("fn-") for one in ids)


def _keep_attributes(node: Element) -> dict[str, str]:
    names = ("lang", "dir", *_ALLOWED.get(node.tag, ()))
    written = ((name, node.attributes.get(name, "").strip()) for name in names)
    return {name: value for name, value in written if _VALUES[name].fullmatch(value)}


@dataclass(slots=True)
class _Converter:
    """One post under way: which headings it is below, and whether inside a link."""

    wording: Wording
    levels: list[int] = field(default_factory=list)
    in_link: bool = False

    def convert_flow(self, nodes: Iterable[Node]) -> list[Element]:
        blocks = list(wrap_loose(self.convert_all(nodes)))
        for block in blocks:
            widen_lone_pictures(block, self.wording.picture)
        return blocks

    def convert_all(self, nodes: Iterable[Node]) -> list[Node]:
        return [made for node in nodes for made in self._convert(node)]

    def _convert(self, node: Node) -> Sequence[Node]:
        if isinstance(node, str):
            return [close_japanese_breaks(node)]
        if node.tag in _GONE:
            return []
        special = _SPECIAL.get(node.tag)
        return special(self, node) if special else self._convert_plainly(node)

    def _convert_plainly(self, node: Element) -> Sequence[Node]:
        tag, attributes = _PLAINER.get(node.tag, node.tag), _keep_attributes(node)
        children = self.convert_all(node.children)
        if tag not in _KEPT and not attributes:
            return children
        return [Element(tag if tag in _KEPT else "span", attributes, children)]

    def open_box(self, node: Element) -> Sequence[Node]:
        """What is in it, one block after the other; a box stays only for its language."""
        blocks = self.convert_flow(node.children)
        if node.tag == "figcaption":
            for block in blocks:
                block.attributes["class"] = "caption"
        if node.tag == "section" and _are_notes(node):
            blocks = [Element("hr"), *blocks]
        attributes = _keep_attributes(node)
        return [Element("div", attributes, [*blocks])] if attributes and blocks else blocks

    def link_to_post(self, _: Element) -> Sequence[Node]:
        return [self._link(f"▶ {self.wording.see_there}")]

    def convert_heading(self, node: Element) -> Sequence[Node]:
        children = self.convert_all(node.children)
        if not _shows(children):
            return []
        level = int(node.tag[1])
        self.levels = [one for one in self.levels if one < level] + [level]
        # The newsletter's name is the first, the post's title the second.
        tag = f"h{min(2 + len(self.levels), 6)}"
        return [Element(tag, _keep_attributes(node), children)]

    def convert_paragraph(self, node: Element) -> Sequence[Node]:
        children = self.convert_all(node.children)
        if any(map(_is_block, children)):
            return list(wrap_loose(children))
        return [Element("p", _keep_attributes(node), children)] if _shows(children) else []

    def convert_quotation(self, node: Element) -> Sequence[Node]:
        blocks = self.convert_flow(node.children)
        return [Element("blockquote", _keep_attributes(node), [*blocks])] if blocks else []

    def convert_summary(self, node: Element) -> Sequence[Node]:
        return [Element("p", {}, [Element("strong", {}, self.convert_all(node.children))])]

    def convert_code(self, node: Element) -> Sequence[Node]:
        lines = "".join(_read_code(node.children)).strip("\n")
        return [Element("pre", {}, [lines])] if lines.strip() else []

    def convert_link(self, node: Element) -> Sequence[Node]:
        href = node.attributes.get("href", "").strip()
        if href.startswith("#fnref"):
            return []
        if self.in_link or not href.lower().startswith(_LINKS):
            return self.convert_all(node.children)
        self.in_link = True
        children = self.convert_all(node.children)
        self.in_link = False
        return [Element("a", {"href": clean_url(href)}, children)] if _shows(children) else children

    def convert_image(self, node: Element) -> Sequence[Node]:
        shown = show_picture(node)
        if shown is None:
            return []
        return [self._link(shown) if isinstance(shown, str) else shown]

    def convert_short_quotation(self, node: Element) -> Sequence[Node]:
        return ["“", *self.convert_all(node.children), "”"]

    def convert_ruby(self, node: Element) -> Sequence[Node]:
        children: list[Node] = []
        for child in node.children:
            if isinstance(child, Element) and child.tag == "rt":
                reading = Element("rt", {}, self.convert_all(child.children))
                children += [Element("rp", {}, ["（"]), reading, Element("rp", {}, ["）"])]
            else:
                children += self._convert(child)
        return [Element("ruby", _keep_attributes(node), children)]

    def convert_table(self, node: Element) -> Sequence[Node]:
        captions = [one for one in node.children if isinstance(one, Element)]
        said = [one.children for one in captions if one.tag == "caption"]
        heads = [Element("p", {"class": "caption"}, self.convert_all(one)) for one in said]
        rows = [one for one in captions if one.tag != "caption"]
        table = Element("table", _keep_attributes(node), self.convert_all(rows))
        # What scrolls must be within reach of a keyboard.
        return [*heads, Element("div", {"class": "table", "tabindex": "0"}, [table])]

    def _link(self, words: str) -> Node:
        return words if self.in_link else Element("a", {"href": self.wording.url}, [words])


def _read_code(nodes: Iterable[Node]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield node
        else:
            yield "\n" if node.tag == "br" else "".join(_read_code(node.children))


_SPECIAL: Mapping[str, Callable[[_Converter, Element], Sequence[Node]]] = MappingProxyType(
    {
        **dict.fromkeys(_BOXES, _Converter.open_box),
        **dict.fromkeys(_LINKED, _Converter.link_to_post),
        **dict.fromkeys(_SOURCE_HEADINGS, _Converter.convert_heading),
        "a": _Converter.convert_link,
        "blockquote": _Converter.convert_quotation,
        "img": _Converter.convert_image,
        "p": _Converter.convert_paragraph,
        "pre": _Converter.convert_code,
        "q": _Converter.convert_short_quotation,
        "ruby": _Converter.convert_ruby,
        "summary": _Converter.convert_summary,
        "table": _Converter.convert_table,
    }
)
