"""Text cleaned at the door, and the generators' own marks taken out of a Markdown source."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from service.content.body.components import replace_components
from service.content.body.directives import has_spaced_link, replace_directives
from service.content.body.formulas import hide_formulas
from service.content.body.hidden import Hidden, count_lines, hide_code
from service.content.body.kramdown import drop_attributes
from service.content.body.liquid import FindPost, Liquid, drop_vanishing, hide_highlighted, hide_raw
from service.content.body.shortcodes import FindPage, Shortcodes, show_escaped, unescape_code
from service.content.body.tally import Tally

_PLANES = "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
_FORBIDDEN = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\ufdd0-\ufdef\ud800-\udfff{_PLANES}]")
_CONTROL_BYTES = bytes(byte for byte in range(0x20) if byte not in b"\t\n\r")
_PLANE_BYTES = (b"\xf0", b"\xf1", b"\xf2", b"\xf3", b"\xf4")
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]")

# At the start or the end of a line; in the middle of one it may be a quotation.
_MARKER = re.compile(
    r"^[ \t]*---[ \t]{0,8}END[ \t]{0,8}---|---[ \t]{0,8}END[ \t]{0,8}---[ \t]*$", re.MULTILINE
)
_MORE = re.compile(
    r"<!--[ \t]{0,9}more\b[^<>\n]{0,200}-->|\{/\*[ \t]*truncate[ \t]*\*/\}", re.IGNORECASE
)
_RAW_HTML = re.compile(
    r"<(script|style|iframe|object|embed|applet|form|input|button|select|svg|canvas|frame|"
    r"frameset|template|dialog|portal|base|meta|link)\b",
    re.IGNORECASE,
)
_CODE_ADDRESS = re.compile(
    r"(?:\]\(|=|<)\s{0,9}[\"'<]?\s{0,9}(javascript|vbscript|data|file):", re.IGNORECASE
)
_UNCLOSED = re.compile(r"\{[{%]")


def clean_text(text: str) -> str:
    """Drop the characters XML forbids (controls, non-characters, lone surrogates)."""
    if text.isprintable() or not _FORBIDDEN.search(text):
        return text
    return _FORBIDDEN.sub("", text)


def has_controls(raw: bytes) -> bool:
    """Whether bytes hold control characters that XML forbids; ten times as fast as a pattern."""
    return len(raw.translate(None, _CONTROL_BYTES)) != len(raw)


def may_hold_non_characters(raw: bytes, text: str) -> bool:
    """Whether valid UTF-8, decoded as `text`, may hold non-characters; as fast as that goes."""
    if "\ufffe" in text or "\uffff" in text or b"\xef\xb7" in raw:
        return True
    # To look for one byte or character is many times as fast as to look for two.
    is_beyond = any(lead in raw for lead in _PLANE_BYTES)
    return is_beyond and (b"\xbf\xbe" in raw or b"\xbf\xbf" in raw)


def drop_invisible(text: str) -> str:
    """Drop zero-width spaces and overrides of direction; joiners and marks stay."""
    return _INVISIBLE.sub("", text)


def split_more(source: str, separator: str = "") -> str | None:
    """Return what stands before the author's more-marker, None where there is none.

    `separator` is a site's or a post's own one (Jekyll's excerpt_separator).
    """
    if separator.strip() and separator in source:
        return source.partition(separator)[0]
    may_be = ("<" in source and "<!--" in source) or ("{" in source and "{/*" in source)
    found = _MORE.search(source) if may_be else None
    return source[: found.start()] if found else None


@dataclass(slots=True)
class Cleaned:
    """A source without the generators' marks; what was taken out is counted in `dropped`."""

    source: str
    markers: int = 0
    marker_line: int | None = None
    dropped: Tally = field(default_factory=Tally)


def find_nothing(_name: str) -> None:
    """Know no other post."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a site is, and what can be told of its pages' addresses from their names alone."""

    site_url: str
    find_post: FindPost = find_nothing
    find_page: FindPage = find_nothing


def clean_source(source: str, addresses: Addresses) -> Cleaned:
    """Take Liquid, shortcodes, MDX, directives, attributes, comments and END markers out.

    `source` was cleaned at the door. Code keeps its text (only raw marks go), nothing is
    executed, inner text is kept, formulas become code.
    """
    cleaned = Cleaned(source)
    if not _may_hold_marks(source):
        return cleaned
    hidden = Hidden()
    text = hide_code(hide_raw(source) if "{%" in source else source, hidden)
    text = _drop_markers(text, cleaned)
    text = _hide_samples(text, hidden)
    if "<" in text or "{" in text:
        text = _drop_tags(text, addresses, cleaned.dropped)
    text = replace_components(text, cleaned.dropped)
    text = drop_attributes(replace_directives(text, cleaned.dropped))
    _count_html(text, cleaned.dropped)
    cleaned.source = unescape_code(hidden.put_back(text))
    return cleaned


def _may_hold_marks(source: str) -> bool:
    # Most posts hold none; to look for single characters costs next to nothing.
    if any(sign in source for sign in "<{$@") or ("\\" in source and "\\\\" in source):
        return True
    if ":" in source and (":::" in source or "script:" in source or "data:" in source):
        return True
    if ("!" in source and "[!" in source) or ("=" in source and " =" in source):
        return True
    if "]" in source and _holds_brackets(source):
        return True
    return "END" in source or "import " in source or has_spaced_link(source)


def _holds_brackets(source: str) -> bool:
    # To part a text at one character and look beside each is quicker than to look for two.
    if any(part.endswith("*") for part in source.split("[")[:-1]):
        return True
    return any(part.endswith(("toc", "TOC")) for part in source.split("]")[:-1])


def _drop_markers(text: str, cleaned: Cleaned) -> str:
    """Take the markers out, looking only at the lines that say END: it is in few of them."""
    kept: list[str] = []
    position = 0
    at = text.find("END")
    while at >= 0:
        start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
        end = len(text) if end < 0 else end
        line, markers = _MARKER.subn("", text[start:end])
        if markers:
            cleaned.marker_line = cleaned.marker_line or count_lines(text, start) + 1
            cleaned.markers += markers
            kept += (text[position:start], line)
            position = end
        at = text.find("END", end)
    return "".join([*kept, text[position:]]) if kept else text


def _hide_samples(text: str, hidden: Hidden) -> str:
    if "{" in text and ("highlight" in text or "codeblock" in text):
        text = hide_highlighted(text, hidden)
    if "$" in text or "\\" in text:
        text = hide_formulas(text, hidden)
    return show_escaped(text, hidden) if "/*" in text else text


def _drop_tags(text: str, addresses: Addresses, tally: Tally) -> str:
    if "<!" in text or "<?" in text or "{%" in text:
        text = drop_vanishing(text, tally)
    if "{{" in text:
        text = Shortcodes(tally, addresses.find_page).replace(text)
    if "{{" not in text and "{%" not in text:
        return text
    liquid = Liquid(addresses.site_url, tally, addresses.find_post)
    text = liquid.replace_tags(liquid.replace_outputs(text))
    return _UNCLOSED.sub(lambda mark: _drop_unclosed(mark, tally), text)


def _drop_unclosed(mark: re.Match[str], tally: Tally) -> str:
    tally.add("template_tag", f"{mark.group()} left open", mark.string, mark.start())
    return ""


def _count_html(text: str, tally: Tally) -> None:
    if "<" in text:
        for tag in _RAW_HTML.finditer(text):
            name = tag.group(1).lower()
            rule = "iframe" if name == "iframe" else "raw_html"
            tally.add(rule, name, text, tag.start())
    if "<" in text or "script:" in text or "data:" in text:
        for address in _CODE_ADDRESS.finditer(text):
            tally.add("address", address.group(1).lower(), text, address.start())
