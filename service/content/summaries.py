"""The few lines that stand for a post: clean, plain, cut at the end of a sentence."""

from __future__ import annotations

import html as html_entities
import re
import unicodedata
from collections.abc import Iterator

from service.content.markdown import read_inline, read_text
from service.content.values import FrontMatter

CJK_LIMIT, LATIN_LIMIT = 160, 300
_BLOCK = re.compile(
    r"<(/?)(p|ul|ol|dl|blockquote|table|pre|section|div|details|figure|aside|nav|video|audio)\b[^<>]*>"
)
_SENTENCE_END = re.compile(r"[。！？][」』）”]?|[.!?][\"')\]]?(?=\s|$)")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af]")
_SOFT_BREAK = re.compile(
    "(?<=[\u3001-\u30ff\u3400-\u9fff\uff01-\uff60])\n(?=[\u3001-\u30ff\u3400-\u9fff\uff01-\uff60])"
)
_PAIRS = (("「", "」"), ("『", "』"), ("（", "）"), ("(", ")"), ("“", "”"))
_NOT_WORDS = re.compile(r"[\W_]+")
_REPEAT_MIN = 0.8


def find_summary(front: FrontMatter, title: str, before_more: str | None, html: str) -> str:
    """Return the summary of a post, plain text on one line, "" when it says nothing.

    The first of `excerpt`, `summary`, `description`; else what stands before the
    more-marker (as HTML); else the first paragraph that is not the title, a picture, a list
    or a table; else the first line of the text.
    """
    written = read_inline(front.text("excerpt", "summary", "description"))
    if written:
        return cut_summary(written)
    if before_more is not None:
        opening = " ".join(_list_paragraphs(before_more, title))
        if opening:
            return cut_summary(opening)
    paragraph = next(_list_paragraphs(html, title), "")
    return cut_summary(paragraph or _find_line(html, title))


def cut_summary(text: str) -> str:
    """Return `text` cut at the last sentence that ends within the limit of its script."""
    limit = _find_limit(text)
    if len(text) <= limit:
        return text
    end = _find_sentence_end(text, limit)
    return text[:end].rstrip() if end else _cut_words(text, limit)


def _find_limit(text: str) -> int:
    opening = text[:LATIN_LIMIT]
    return CJK_LIMIT if len(_CJK.findall(opening)) * 4 > len(opening) else LATIN_LIMIT


def _find_sentence_end(text: str, limit: int) -> int:
    """Return where the last sentence within `limit` ends, outside quotes where it can be."""
    found = (match.end() for match in _SENTENCE_END.finditer(text[: limit + 1]))
    ends = [end for end in found if limit // 4 <= end <= limit]
    closed = [end for end in ends if _is_closed(text[:end])]
    return max(closed or ends, default=0)


def _is_closed(text: str) -> bool:
    return all(text.count(opener) == text.count(closer) for opener, closer in _PAIRS)


def _cut_words(text: str, limit: int) -> str:
    head = text[:limit]
    if limit == LATIN_LIMIT and " " in head[limit // 2 :]:
        head = head.rpartition(" ")[0]
    while head and unicodedata.combining(text[len(head)]):
        head = head[:-1]
    return head.rstrip(" ,;:、，；：") + "…"


def _list_paragraphs(html: str, title: str) -> Iterator[str]:
    folded = _fold(title)
    depth, start = 0, -1
    for tag in _BLOCK.finditer(html):
        closes, name = tag.group(1), tag.group(2)
        if name != "p":
            depth = max(0, depth - 1) if closes else depth + 1
        elif depth == 0 and not closes:
            start = tag.end()
        elif depth == 0 and start >= 0:
            text = _read_paragraph(html[start : tag.start()])
            start = -1
            if text and not _repeats(text, folded):
                yield text


def _read_paragraph(inner: str) -> str:
    if inner.lstrip().startswith("<img") and not read_text(re.sub(r"<img\b[^<>]*>", "", inner)):
        return ""
    # A line break between two ideographs is no space: Japanese is written without.
    return " ".join(_SOFT_BREAK.sub("", read_text(inner)).split())


def _find_line(html: str, title: str) -> str:
    folded = _fold(title)
    lines = (html_entities.unescape(line).strip("-•# ") for line in read_text(html).split("\n"))
    return next((line for line in lines if _fold(line) and not _repeats(line, folded)), "")


def _repeats(text: str, folded_title: str) -> bool:
    folded = _fold(text[:400])
    if not folded or not folded_title:
        return False
    if folded in folded_title:
        return True
    return folded_title in folded and len(folded_title) >= _REPEAT_MIN * len(folded)


def _fold(text: str) -> str:
    return _NOT_WORDS.sub("", unicodedata.normalize("NFKC", text)).casefold()
