"""An editor's introduction: Markdown to safe HTML and to plain text."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin

import comrak

from service.editions.plain import close_japanese_breaks, neutralise_marks


@dataclass(frozen=True, slots=True)
class Intro:
    """An introduction as HTML and as text, which is not wrapped yet; both may be empty."""

    html: str
    text: str


def render_intro(markdown: str, base_url: str) -> Intro:
    """Render an introduction; raw HTML is left out and relative links become absolute."""
    if not markdown.strip():
        return Intro("", "")
    html = comrak.render_markdown(markdown, _extensions(base_url))
    safe = neutralise_marks(_tidy(html))
    return Intro(safe, neutralise_marks(_read_text(safe)))


def _extensions(base_url: str) -> comrak.ExtensionOptions:
    options = comrak.ExtensionOptions()
    options.strikethrough = True
    options.table = True
    options.cjk_friendly_emphasis = True
    options.link_url_rewriter = lambda url: urljoin(base_url.rstrip("/") + "/", url)
    options.image_url_rewriter = options.link_url_rewriter
    return options


def _tidy(html: str) -> str:
    known = html.replace("<!-- raw HTML omitted -->", "").strip()
    # The mail has its own first heading: the newsletter's name.
    lowered = known.replace("<h1>", "<h2>").replace("</h1>", "</h2>")
    return close_japanese_breaks(lowered)


def _read_text(html: str) -> str:
    reader = _TextReader()
    reader.feed(html)
    reader.close()
    return reader.text


class _TextReader(HTMLParser):
    """Reads the few elements that Markdown makes as lines of text."""

    _BLOCKS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "table"})
    _LINES = frozenset({"li", "tr"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._numbers: list[int] = []
        self._href = ""
        self._link_from = 0

    @property
    def text(self) -> str:
        """What was read, with blank lines between blocks."""
        lines = [line.strip() for line in "".join(self._parts).split("\n")]
        kept = [line for at, line in enumerate(lines) if line or (at and lines[at - 1])]
        return "\n".join(kept).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in {"ul", "ol"}:
            self._numbers.append(int(values.get("start") or 1) if tag == "ol" else 0)
        elif tag == "li":
            self._parts.append(self._make_bullet())
        elif tag == "a":
            self._href, self._link_from = values.get("href") or "", len(self._parts)
        elif tag == "img":
            self._parts.append(values.get("alt") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._end_link()
        elif tag in {"ul", "ol"}:
            self._numbers.pop()
            self._parts.append("" if self._numbers else "\n\n")
        elif tag in {"td", "th"}:
            self._parts.append("  ")
        elif tag in self._LINES:
            self._parts.append("\n")
        elif tag in self._BLOCKS:
            self._parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        self._parts.append(data if data.strip() else " ")

    def _end_link(self) -> None:
        address = self._href.removeprefix("mailto:")
        shown = "".join(self._parts[self._link_from :])
        if address and address != shown:
            self._parts.append(f" {address} ")

    def _make_bullet(self) -> str:
        if not self._numbers or not self._numbers[-1]:
            return "- "
        self._numbers[-1] += 1
        return f"{self._numbers[-1] - 1}. "
