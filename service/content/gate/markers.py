"""Marks of tools and notations that a reader was never meant to see."""

from __future__ import annotations

import re

from service.content.gate.manuscript import Manuscript, Trouble
from service.content.gate.windows import holds, list_windows
from service.model.wording import word

_END = r"(?:---|—)[ \t]{0,8}END[ \t]{0,8}(?:---|—)"
# Two asterisks are a power, a glob or a keyword argument beside ASCII, emphasis elsewhere.
_STARS = r"(?<![*\\0-9A-Za-z_/(, ])\*\*(?![*/])|(?<!\*)\*\*(?=[^\x00-\x7f])|^\*\*(?=\S)"
_MAILED = re.compile(
    rf"{_END}|{_STARS}|(?:^|\s)#{{2,6}}\s|```|~~~|\{{%|%\}}|\{{\{{|\}}\}}|\{{:\s?[.#]"
    r"|^\W{0,3}(?:title|excerpt|meta[_ ]description|タイトル)\s?[:：]|\bexcerpt:"
    r"|^\s*[\[{]\s*[\"{]|\"\w{1,40}\"\s?:\s?[\"\[{]",
    re.IGNORECASE,
)
_MAY_MARK = re.compile(r"[—*#`~{}:：\[]|---")
_BODY = re.compile(
    rf"{_END}|{_STARS}|^#{{1,6}}(?:[ \t]+\S|[^\x00-\x7f])|```",
    re.MULTILINE,
)
_SIGNS = (("**", "*"), ("END", "E"), ("\n#", "#"))
_FENCE = re.compile(r"^[ \t]*(?:[-*+>][ \t]+)?(`{3,}|~{3,})([^\n]*)$", re.MULTILINE)


def find_marker(manuscript: Manuscript, _: float) -> Trouble | None:
    """A leaked marker in the title or summary: END, title:, **, ##, a fence, Liquid, JSON."""
    for part, text in manuscript.mailed:
        found = _MAILED.search(text) if _MAY_MARK.search(text) else None
        if found and not (part == "summary" and _is_code(manuscript, found)):
            mark = found.group().strip()
            return Trouble(
                word("the {part} shows a leaked '{mark}'", part=part, mark=mark),
                part,
                _quote(text, found),
            )
    return None


def _is_code(manuscript: Manuscript, found: re.Match[str]) -> bool:
    """Whether the words around a mark stand in the text only because code is shown there."""
    if "<code" not in manuscript.article.html:
        return False
    start, end = max(0, found.start() - 10), found.end() + 10
    words = "".join(found.string[start:end].split())
    text, prose = ("".join(shown.split()) for shown in (manuscript.article.text, manuscript.prose))
    return words in text and words not in prose


def find_body_marker(manuscript: Manuscript, _: float) -> Trouble | None:
    """A leaked marker in the text, outside of code."""
    article = manuscript.article
    found = _search_body(article.text)
    if found and "<code" in article.html:
        found = _search_body(manuscript.prose)
    if found is None:
        return None
    mark = found.group().strip()
    return Trouble(
        word("the text shows a leaked '{mark}'", mark=mark), "body", _quote(found.string, found)
    )


def _search_body(text: str) -> re.Match[str] | None:
    signs = (sign for sign, rare in _SIGNS if holds(text, sign, rare))
    windows = (window for sign in signs for window in list_windows(text, sign))
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
    message = word("the text was cut inside a character (U+FFFD) {times} time(s)", times=str(times))
    return Trouble(message, "body", prose[max(0, at - 20) : at + 1].split("\n")[-1])


def find_open_fence(manuscript: Manuscript, _: float) -> Trouble | None:
    """A block of code that is never closed, so that the rest of the post is code."""
    body = manuscript.body
    may_be = "`" in body or "~" in body
    if not may_be or "<pre" not in manuscript.article.html:
        return None
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
    return Trouble(
        word("a block of code is never closed"), "body", opened.group().strip(), line=line
    )


def _quote(text: str, found: re.Match[str]) -> str:
    start = max(text.rfind("\n", 0, found.start()) + 1, found.start() - 20)
    return text[start : found.end() + 30].strip().split("\n")[0]
