"""A post in full, for mail: made fit for mail programs, and as much of it as there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from service.editions.mail_lines import write_lines
from service.editions.mail_markup import HEADINGS, Wording, make_mailable
from service.editions.markup import Element, Node, read_beginning, write_markup

_MOST_READ = 400_000
"""Characters of a body that are looked at: several times what a mail has room for."""

_DIVISIBLE = frozenset({"blockquote", "div", "dl", "li", "ol", "table", "tbody", "ul"})
"""Elements that may end before the last of what is in them."""


@dataclass(frozen=True, slots=True)
class Story:
    """A post's body made fit for mail; `is_whole` unless it is too long to be looked at."""

    blocks: tuple[Element, ...]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class FullText:
    """As much of a story as fits, as safe HTML and as wrapped text; both may be empty."""

    html: str
    text: str
    is_whole: bool


def read_story(html: str, wording: Wording) -> Story:
    """The story that a stored body tells (sanitised HTML, links absolute)."""
    nodes, is_whole = read_beginning(html, _MOST_READ)
    return Story(tuple(make_mailable(nodes, wording)), is_whole)


def cut_story(story: Story, room: int) -> FullText:
    """Whole paragraphs, items and rows of the story from its beginning, in `room` bytes of HTML."""
    taken, is_all = _take(story.blocks, room)
    blocks = [one for one in taken if isinstance(one, Element)]
    html = "\n".join(write_markup([block]) for block in blocks)
    return FullText(html, write_lines(blocks), is_all and story.is_whole)


def _take(nodes: Sequence[Node], room: int) -> tuple[list[Node], bool]:
    taken: list[Node] = []
    for node in nodes:
        size = _measure(node)
        if size > room:
            return _drop_last_headings([*taken, *_take_part(node, room)]), False
        taken.append(node)
        room -= size
    return taken, True


def _take_part(node: Node, room: int) -> list[Node]:
    if not isinstance(node, Element) or node.tag not in _DIVISIBLE:
        return []
    shell = replace(node, children=[])
    part, _ = _take(node.children, room - _measure(shell))
    is_empty = not any(isinstance(one, Element) for one in part)
    return [] if is_empty else [replace(node, children=part)]


def _drop_last_headings(nodes: list[Node]) -> list[Node]:
    """Nothing would stand below them any more."""
    while nodes and (isinstance(nodes[-1], str) or nodes[-1].tag in HEADINGS):
        nodes.pop()
    return nodes


def _measure(node: Node) -> int:
    return len(write_markup([node]).encode()) + 1
