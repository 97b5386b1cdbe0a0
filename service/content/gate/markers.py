"""Marks of tools and notations that a reader was never meant to see."""

from __future__ import annotations

import re

from service.content.gate.manuscript import Manuscript, Trouble
from service.content.gate.windows import list_windows

_END = r"(?:---|—)[ \t]{0,8}END[ \t]{0,8}(?:---|—)"
# Two asterisks are a power, a glob or a keyword argument beside ASCII, emphasis elsewhere.
_STARS = r"(?<![*\\0-9A-Za-z_/(, ])\*\*(?![*/])|(?<!\*)\*\*(?=[^\x00-\x7f])|^\*\*(?=\S)"
_MAILED = re.compile(
    rf"{_END}|{_STARS}|(?:^|\s)#{{2,6}}\s|```|~~~|\{{%|%\}}|\{{\{{|\}}\}}|\{{:\s?[.#]"
    r"|^\W{0,3}(?:title|excerpt|meta[_ ]description|タイトル)\s?[:：]|\bexcerpt:"
    r"|^\s*[\[{]\s*[\"{]|\"\w{1,40}\"\s?:\s?[\"\[{]",
    re.IGNORECASE,
)
_BODY = re.compile(
    rf"{_END}|{_STARS}|^#{{1,6}}(?:[ \t]+\S|[^\x00-\x7f])|```",
    re.MULTILINE,
)
_SIGNS = ("**", "END", "\n#")
_FENCE = re.compile(r"^[ \t]*(?:[-*+>][ \t]+)?(`{3,}|~{3,})([^\n]*)$", re.MULTILINE)


def find_marker(manuscript: Manuscript, _: float) -> Trouble | None:
    """A leaked marker in the title or summary: END, title:, **, ##, a fence, Liquid, JSON."""
    for part, text in manuscript.mailed:
        found = _MAILED.search(text)
        if found:
            mark = found.group().strip()
            return Trouble(f"the {part} shows a leaked {mark!r}", part, _quote(text, found))
    return None


def find_body_marker(manuscript: Manuscript, _: float) -> Trouble | None:
    """A leaked marker in the text, outside of code."""
    article = manuscript.article
    found = _search_body(article.text)
    if found and "<code" in article.html:
        found = _search_body(manuscript.prose)
    if found is None:
        return None
    mark = found.group().strip()
    return Trouble(f"the text shows a leaked {mark!r}", "body", _quote(found.string, found))


def _search_body(text: str) -> re.Match[str] | None:
    windows = (window for sign in _SIGNS for window in list_windows(text, sign))
    found = (_BODY.search(window.lstrip("\n")) for window in windows)
    return next((match for match in found if match), None)


def find_damaged_text(manuscript: Manuscript, _: float) -> Trouble | None:
    """Text that was cut inside a character; in code it may be meant."""
    if "\ufffd" not in manuscript.article.text:
        return None
    prose = manuscript.prose
    at = prose.find("\ufffd")
    if at < 0:
        return None
    times = prose.count("\ufffd")
    message = f"the text was cut inside a character (U+FFFD) {times} time(s)"
    return Trouble(message, "body", prose[max(0, at - 20) : at + 1].split("\n")[-1])


def find_open_fence(manuscript: Manuscript, _: float) -> Trouble | None:
    """A block of code that is never closed, so that the rest of the post is code."""
    source = manuscript.source
    if "<pre" not in manuscript.article.html:
        return None
    body = source.split("\n", manuscript.body_line - 1)[-1]
    opened: re.Match[str] | None = None
    for fence in _FENCE.finditer(body):
        mark, info = fence.group(1), fence.group(2)
        if opened is None:
            # A backtick among the words after it makes it code inside a line.
            opened = fence if "`" not in info else None
        elif mark.startswith(opened.group(1)) and not info.strip():
            opened = None
    if opened is None:
        return None
    line = manuscript.body_line + body.count("\n", 0, opened.start(1))
    return Trouble("a block of code is never closed", "body", opened.group().strip(), line=line)


def _quote(text: str, found: re.Match[str]) -> str:
    start = max(text.rfind("\n", 0, found.start()) + 1, found.start() - 20)
    return text[start : found.end() + 30].strip().split("\n")[0]
