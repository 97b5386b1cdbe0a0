"""Text cleaned at the door, and the generators' own marks taken out of a Markdown source."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_PLANES = "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
_FORBIDDEN = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\ufdd0-\ufdef\ud800-\udfff{_PLANES}]")
_CONTROL_BYTES = bytes(byte for byte in range(0x20) if byte not in b"\t\n\r")
_NON_CHARACTER_BYTES = (b"\xbf\xbe", b"\xbf\xbf", b"\xef\xb7")
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]")

# At the start or the end of a line; in the middle of one it may be a quotation.
_MARKER = re.compile(
    r"^[ \t]*---[ \t]{0,8}END[ \t]{0,8}---|---[ \t]{0,8}END[ \t]{0,8}---[ \t]*$", re.MULTILINE
)
_MORE = re.compile(r"<!--[ \t]*more[ \t]*-->", re.IGNORECASE)
_TOC = re.compile(
    r"^[ \t]*(?:[*+-]|\d+\.)[ \t][^\n]*\n[ \t]*\{:[ \t]*toc[^}\n]{0,80}\}", re.MULTILINE
)
# Every pattern here is linear on hostile text: runs are anchored or bounded.
_ATTRIBUTES = re.compile(r"(?<![ \t])[ \t]*\{:[^{}\n]{0,300}\}")
_HEADING_ID = re.compile(
    r"^(#{1,6}[ \t][^\n]{0,300}?)[ \t]{0,8}\{[#.][^{}\n]{1,200}\}[ \t]*$", re.MULTILINE
)
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})", re.MULTILINE)
_RAW = re.compile(r"\{%-?\s{0,9}(raw|endraw)\s{0,9}-?%\}")
# A non-character: the door lets none in, so it can stand for a brace on the way.
_BRACE = "\ufdd0"
_HIGHLIGHT = re.compile(
    r"\{(?:%|\{[<%])-?\s{0,9}(end|/)?\s{0,9}highlight(?:\s{1,9}([\w+-]{1,40}))?[^%<>{}\n]{0,200}(?:%\}|[>%]\}\})"
)
_WORD = re.compile(r"[\w-]+")
_QUOTED = re.compile(r"""(?<!\w)(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)'|(\S+))|["']([^"']*)["']""")
_LONGEST_TAG = 4_000
_LOOK_BACK = 1_000


def clean_text(text: str) -> str:
    """Drop the characters XML forbids (controls, non-characters, lone surrogates)."""
    return _FORBIDDEN.sub("", text) if _FORBIDDEN.search(text) else text


def may_need_cleaning(raw: bytes) -> bool:
    """Whether valid UTF-8 may hold characters XML forbids; ten times as fast as looking."""
    if len(raw.translate(None, _CONTROL_BYTES)) != len(raw):
        return True
    return any(mark in raw for mark in _NON_CHARACTER_BYTES)


def drop_invisible(text: str) -> str:
    """Drop zero-width spaces and overrides of direction; joiners and marks stay."""
    return _INVISIBLE.sub("", text)


def split_more(source: str) -> str | None:
    """Return what stands before the author's more-marker, None where there is none."""
    found = _MORE.search(source)
    return source[: found.start()] if found else None


@dataclass(slots=True)
class Cleaned:
    """A source without the generators' marks; what was taken out, counted by name."""

    source: str
    markers: int = 0
    marker_line: int | None = None
    dropped: dict[str, int] = field(default_factory=dict)


def clean_source(source: str, site_url: str) -> Cleaned:
    """Take Liquid, shortcodes, kramdown attributes, comments and END markers out of `source`.

    Code keeps its text (only raw marks go), nothing is executed, inner text is kept.
    """
    cleaned = Cleaned(source)
    if not any(mark in source for mark in ("{%", "{{", "{:", "{#", "<!--", "END")):
        return cleaned
    _count_markers(cleaned)
    tags = _Tags(site_url, cleaned.dropped)
    source = _guard_raw(source) if "{%" in source else source
    if "highlight" in source:
        source = _HIGHLIGHT.sub(_open_fence, source)
    parts = (part if is_code else _clean_prose(part, tags) for is_code, part in _split_code(source))
    cleaned.source = "".join(parts).replace(_BRACE, "{")
    return cleaned


def _guard_raw(source: str) -> str:
    """Drop raw marks; the braces between them are hidden until everything else is done."""
    first, *rest = _RAW.split(source)
    kept = [first]
    for mark, text in zip(rest[::2], rest[1::2], strict=True):
        kept.append(text.replace("{", _BRACE) if mark == "raw" else text)
    return "".join(kept)


def _open_fence(found: re.Match[str]) -> str:
    return "\n```\n" if found.group(1) else f"\n```{found.group(2) or ''}"


def _count_markers(cleaned: Cleaned) -> None:
    found = list(_MARKER.finditer(cleaned.source))
    cleaned.markers = len(found)
    if found:
        cleaned.marker_line = cleaned.source.count("\n", 0, found[0].start()) + 1


def _clean_prose(text: str, tags: _Tags) -> str:
    text = tags.take_out(text, "<!--", "-->", lambda _tag: "", longest=len(text))
    text = tags.take_out(text, "{{", "}}", tags.read_output)
    text = tags.take_out(text, "{%", "%}", tags.read_liquid)
    text = _MARKER.sub("", text)
    if "{:" in text:
        text = _ATTRIBUTES.sub("", _TOC.sub("", text))
    return _HEADING_ID.sub(r"\1", text) if "{#" in text else text


def _split_code(source: str) -> Iterator[tuple[bool, str]]:
    """Yield (is code, text) parts; a fence left open runs to the end, as in CommonMark."""
    position, opened = 0, ""
    for fence in _FENCE.finditer(source):
        mark = fence.group(1)
        if not opened:
            yield False, source[position : fence.start()]
            position, opened = fence.start(), mark
        elif mark[0] == opened[0] and len(mark) >= len(opened) and _is_bare(source, fence.end()):
            yield True, source[position : fence.end()]
            position, opened = fence.end(), ""
    yield bool(opened), source[position:]


def _is_bare(source: str, position: int) -> bool:
    end = source.find("\n", position)
    return not source[position : None if end < 0 else end].strip()


class _Tags:
    """Finds tags in one pass over the text, however hostile, and says what replaces them."""

    def __init__(self, site_url: str, dropped: dict[str, int]) -> None:
        parts = urlsplit(site_url)
        self._origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
        self._base = parts.path.rstrip("/")
        self._dropped = dropped

    def take_out(
        self,
        text: str,
        opener: str,
        closer: str,
        read: Callable[[str], str | None],
        longest: int = _LONGEST_TAG,
    ) -> str:
        """Replace each tag by what `read` says (None: leave it as it stands)."""
        kept: list[str] = []
        position, end = 0, -1
        start = text.find(opener)
        while start >= 0:
            if end < start + len(opener):
                end = text.find(closer, start + len(opener))
            if end < 0:
                break
            is_tag = end - start < longest and not _is_inline_code(text, start)
            replacement = read(text[start + len(opener) : end]) if is_tag else None
            if replacement is not None:
                kept += (text[position:start], replacement)
                position = end + len(closer)
                start = text.find(opener, position)
            else:
                start = text.find(opener, start + len(opener))
        return "".join([*kept, text[position:]])

    def read_liquid(self, tag: str) -> str:
        """Say what a Liquid tag becomes: nothing, whatever it was."""
        self._count(tag.lstrip("- "))
        return ""

    def read_output(self, tag: str) -> str | None:
        """Say what an output or a shortcode becomes: an address, a picture, or nothing."""
        if tag[:1] in ("<", "%"):
            return self._read_shortcode(tag[1:].rstrip(">%"))
        value, *filters = (part.strip() for part in tag.strip("-").split("|"))
        known = {"site.url": self._origin, "site.baseurl": self._base}
        if value in known:
            return known[value]
        if filters and filters[-1] in ("relative_url", "absolute_url", "url"):
            return self._base + value.strip("\"'")
        self._count(value)
        return ""

    def _read_shortcode(self, tag: str) -> str:
        words = tag.strip().split(None, 1)
        name, rest = (words[0] if words else ""), (words[1] if len(words) > 1 else "")
        values = {
            key or "_": a or b or c or bare for key, a, b, c, bare in _QUOTED.findall(rest[:500])
        }
        first = values.get("id") or values.get("_") or rest.strip()
        if name == "figure" and values.get("src"):
            return f"![{values.get('alt') or values.get('caption', '')}]({values['src']})"
        if name == "youtube" and _WORD.fullmatch(first):
            return f"<https://www.youtube.com/watch?v={first}>"
        if name == "vimeo" and _WORD.fullmatch(first):
            return f"<https://vimeo.com/{first}>"
        if not name.startswith("/"):
            self._count(name)
        return ""

    def _count(self, name: str) -> None:
        found = _WORD.search(name)
        key = found.group()[:40] if found else "?"
        self._dropped[key] = self._dropped.get(key, 0) + 1


def _is_inline_code(text: str, position: int) -> bool:
    line = text.rfind("\n", max(0, position - _LOOK_BACK), position) + 1
    start = max(line, position - _LOOK_BACK)
    return text.count("`", start, position) % 2 == 1
