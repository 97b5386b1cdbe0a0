"""A post's elements as lines of the text part: every word of them, and every address once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from service.editions.mail_markup import HEADINGS, wrap_loose
from service.editions.markup import Element, Node
from service.editions.plain import neutralise_marks
from service.editions.wrapping import TEXT_COLUMNS, wrap_text

_SPACES = re.compile(r"[ \t\n\r\f]+")
_AROUND_BREAK = re.compile(r" ?\n ?")
_NARROWEST = 24
_FIRST_HEADING, _OTHER_HEADINGS = "■ ", "□ "
_RULE = "* * *"


def write_lines(blocks: Iterable[Element]) -> str:
    """The text of a post that was made fit for mail; addresses stand below, by number."""
    writer = _Writer()
    text = "\n\n".join(writer.write_blocks(blocks, TEXT_COLUMNS))
    notes = "\n".join(f"[{number}] {address}" for address, number in writer.addresses.items())
    return neutralise_marks("\n\n".join(filter(None, (text, notes))))


@dataclass(slots=True)
class _Writer:
    """One text under way, with the number of each address in it."""

    addresses: dict[str, int] = field(default_factory=dict)

    def write_blocks(self, nodes: Iterable[Node], columns: int) -> list[str]:
        room = max(columns, _NARROWEST)
        written = (self._write_block(block, room) for block in wrap_loose(nodes))
        return [text for text in written if text.strip()]

    def _write_block(self, block: Element, columns: int) -> str:
        tag, inside = block.tag, block.children
        if tag == "pre":
            return "\n".join(f"    {line}".rstrip() for line in read_code(inside).split("\n"))
        if tag == "hr":
            return _RULE
        if tag == "blockquote":
            return _begin_lines("> ", "> ", self._join(inside, columns - 2))
        if tag in {"ul", "ol"}:
            return "\n".join(self._write_items(block, columns))
        if tag == "dl":
            return "\n".join(self._write_terms(inside, columns))
        if tag == "table":
            return "\n".join(self._write_rows(inside, columns))
        if tag in HEADINGS:
            mark = _FIRST_HEADING if tag == "h3" else _OTHER_HEADINGS
            return wrap_text(mark + self._write_words(inside), columns)
        if tag == "p":
            return wrap_text(self._write_words(inside), columns)
        return self._join(inside, columns)

    def _join(self, nodes: Iterable[Node], columns: int) -> str:
        return "\n\n".join(self.write_blocks(nodes, columns))

    def _write_items(self, block: Element, columns: int) -> list[str]:
        number = int(block.attributes.get("start") or 1)
        written = []
        for item in block.children:
            if not isinstance(item, Element):
                continue
            number = int(item.attributes.get("value") or number)
            bullet = f"{number}. " if block.tag == "ol" else "- "
            text = self._write_item(item, columns - len(bullet))
            written.append(_begin_lines(bullet, " " * len(bullet), text))
            number += 1
        return written

    def _write_item(self, item: Element, columns: int) -> str:
        """A list in an item follows it at once, as nobody would leave a line between them."""
        written = ""
        for block in wrap_loose(item.children):
            text = self._write_block(block, max(columns, _NARROWEST))
            between = "\n" if block.tag in {"ul", "ol"} else "\n\n"
            written += between * bool(written) + text
        return written

    def _write_terms(self, nodes: Iterable[Node], columns: int) -> list[str]:
        written = []
        for node in nodes:
            if isinstance(node, Element):
                indent = "  " if node.tag == "dd" else ""
                text = self._join(node.children, columns - len(indent))
                written.append(_begin_lines(indent, indent, text))
        return written

    def _write_rows(self, nodes: Iterable[Node], columns: int) -> list[str]:
        rows: list[str] = []
        for node in nodes:
            if not isinstance(node, Element):
                continue
            if node.tag == "tr":
                cells = [one for one in node.children if isinstance(one, Element)]
                row = " | ".join(" ".join(self._write_words([one]).split()) for one in cells)
                rows.append(wrap_text(row, columns))
            else:
                rows += self._write_rows(node.children, columns)
        return rows

    def _write_words(self, nodes: Iterable[Node]) -> str:
        said = "".join(map(self._write_inline, nodes))
        return _AROUND_BREAK.sub("\n", said).strip()

    def _write_inline(self, node: Node) -> str:
        if isinstance(node, str):
            return _SPACES.sub(" ", node)
        if node.tag == "br":
            return "\n"
        if node.tag == "img":
            return node.attributes.get("alt", "")
        said = "".join(map(self._write_inline, node.children))
        if node.tag == "a":
            return said + self._note(node.attributes["href"], said)
        if node.tag == "s" and said.strip():
            return f"~~{said}~~"
        return f"^{said}" if node.tag == "sup" and said.isdecimal() else said

    def _note(self, href: str, said: str) -> str:
        """The number of an address; nothing where the words are the address."""
        address = href.removeprefix("mailto:")
        if " ".join(said.split()) == address:
            return ""
        return f" [{self.addresses.setdefault(address, len(self.addresses) + 1)}]"


def read_code(nodes: Sequence[Node]) -> str:
    """The text of a block of code, with its line breaks."""
    return "".join(node for node in nodes if isinstance(node, str))


def _begin_lines(first: str, others: str, text: str) -> str:
    lines = text.split("\n")
    begun = [first + lines[0], *(others + line for line in lines[1:])]
    return "\n".join(line.rstrip() for line in begun)
