"""Where in its file a quotation stands."""

from __future__ import annotations

import re

from service.content.gate.manuscript import Manuscript, Part, Trouble

_ITEM = "- "


def _match_key(key: str) -> re.Pattern[str]:
    return re.compile(rf"[\"']?{key}[\"']?[ \t]*[:=][ \t]*\S", re.IGNORECASE)


_KEYS = {
    "title": (_match_key("title"),),
    "summary": tuple(_match_key(key) for key in ("excerpt", "summary", "description")),
    "body": (),
}
_MARKS = ("**", "`", "\\")
_SHORTEST = 6


def find_line(manuscript: Manuscript, trouble: Trouble) -> int | None:
    """The line of the file a trouble is on; None where the file does not show it."""
    if trouble.line is not None:
        return trouble.line
    if not manuscript.source:
        return None
    if trouble.part != "body" and (line := find_key_line(manuscript, trouble.part)):
        return line
    return _find_quote(manuscript, trouble.quote, trouble.nth)


def find_key_line(manuscript: Manuscript, part: Part) -> int | None:
    """The line of the front matter that says the title or the summary."""
    for key in _KEYS[part]:
        for number, line in enumerate(manuscript.head, start=1):
            if key.match(line):
                return number
    return None


def _find_quote(manuscript: Manuscript, quote: str, nth: int) -> int | None:
    if not quote:
        return None
    body = manuscript.body
    at = _find_nth(body, quote, nth)
    if at < 0:
        # Emphasis and code marks are gone from what a reader sees.
        body, quote = _drop_marks(body), _drop_marks(quote.removeprefix(_ITEM))
        at = _find_opening(body, quote.split("\n")[0], nth)
    return manuscript.body_line + body.count("\n", 0, at) if at >= 0 else None


def _find_opening(body: str, quote: str, nth: int) -> int:
    length = len(quote)
    while length >= min(_SHORTEST, len(quote)) > 0:
        at = _find_nth(body, quote[:length], nth)
        if at >= 0:
            return at
        length = length // 2
    return -1


def _find_nth(text: str, quote: str, nth: int) -> int:
    at = text.find(quote)
    for _ in range(nth - 1):
        following = text.find(quote, at + 1) if at >= 0 else -1
        if following < 0:
            return at
        at = following
    return at


def _drop_marks(text: str) -> str:
    for mark in _MARKS:
        text = text.replace(mark, "")
    return text
