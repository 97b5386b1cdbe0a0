"""The few lines that stand for a post: clean, plain, cut at the end of a sentence."""

from __future__ import annotations

import html as html_entities
import re
import unicodedata
from collections.abc import Iterator

from service.content.body.markdown import read_inline, read_text
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
_WORD = re.compile(r"[^\W_]")
_REPEAT_MIN = 0.8
_LONGEST_TITLE = 400
_LEAST_REST = 12
_LEADING = re.compile(r"^(?:\s{0,9}(?:#{1,6}|[-*+>]|\d{1,3}[.)])\s)+")
_DOTS = re.compile(r"\s?(?:\.{2,}|…+|・・・)$")
_JOINTS = " ,;:、，；：・"
_CLOSERS = "。！？.!?」』）)”〉》】♪☆※～〜"
_JOINER = "\u200d"
_EXTENDS = re.compile("[\u200d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\u3099\u309a]")
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]")
_ADDRESS = re.compile(r"https?://\S+")


def find_summary(front: FrontMatter, title: str, before_more: str | None, html: str) -> str:
    """Return the summary of a post, plain text on one line, "" when it says nothing.

    The first of `excerpt`, `summary`, `description` that says more than the title; else what
    stands before the more-marker (as HTML); else the first paragraph that is not the title, an
    address, a picture, a list or a table; else what was written, or the first line of the text.
    """
    written: list[str] = []
    folded = _fold(title)
    telling = next(
        (text for text in _list_written(front, written) if not _repeats(text, folded)), ""
    )
    opening = " ".join(_list_paragraphs(before_more, title)) if before_more and not telling else ""
    text = telling or opening or next(_list_paragraphs(html, title), "")
    if text:
        return cut_summary(_drop_title(text, folded))
    return cut_summary(next(iter(written), "") or _find_line(html, title))


def _list_written(front: FrontMatter, written: list[str]) -> Iterator[str]:
    """Yield the summaries somebody wrote, adding each to `written`."""
    for key in ("excerpt", "summary", "description"):
        if text := read_written(front.text(key)):
            written.append(text)
            yield text


def read_written(source: str) -> str:
    """Return a summary somebody wrote as plain text: without leading marks, whole to its end.

    One that was cut in the middle of a sentence ends with the sentence before, or with "…".
    """
    text = read_inline(_LEADING.sub("", source))
    if len(text) < _find_limit(text) // 2 or _is_whole(text):
        return text if _WORD.search(text) else ""
    bare = _DOTS.sub("", text)
    end = _find_sentence_end(bare, len(bare))
    return bare[:end].rstrip() if end else bare.rstrip(_JOINTS) + "…"


def cut_summary(text: str) -> str:
    """Return `text` cut at the last sentence that ends within the limit of its script."""
    limit = _find_limit(text)
    if len(text) <= limit:
        return text
    end = _find_sentence_end(text, limit)
    return text[:end].rstrip() if end else _cut_words(text, limit)


def _is_whole(text: str) -> bool:
    """Whether a text ends as one does that was not cut: in a word of Latin, or a full stop."""
    if _DOTS.search(text):
        return False
    if _find_limit(text) == LATIN_LIMIT:
        return text[-1:] not in _JOINTS
    return text[-1:] in _CLOSERS


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
    return head[: find_break(text, len(head))].rstrip(_JOINTS) + "…"


def find_break(text: str, end: int) -> int:
    """Return the last place up to `end` that parts no letter, no emoji and no flag in two."""
    while 0 < end < len(text) and _joins(text, end):
        end -= 1
    return end


def _joins(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    if unicodedata.combining(after) or _EXTENDS.match(after) or before == _JOINER:
        return True
    if not (_FLAG.match(before) and _FLAG.match(after)):
        return False
    start = at
    while start > 0 and _FLAG.match(text[start - 1]):
        start -= 1
    return (at - start) % 2 == 1


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
            text = _read_paragraph(html[start : tag.start()], folded)
            start = -1
            if text and not _repeats(text, folded):
                yield text


def _read_paragraph(inner: str, folded_title: str) -> str:
    if inner.lstrip().startswith("<img") and not read_text(re.sub(r"<img\b[^<>]*>", "", inner)):
        return ""
    text = read_text(inner)
    if _ADDRESS.fullmatch(text):
        return ""
    first, _, rest = text.partition("\n")
    if rest and _repeats(first, folded_title):
        text = rest
    # A line break between two ideographs is no space: Japanese is written without.
    return " ".join(_SOFT_BREAK.sub("", text).split())


def _find_line(html: str, title: str) -> str:
    folded = _fold(title)
    lines = (html_entities.unescape(line).strip("-•# ") for line in read_text(html).split("\n"))
    return next((line for line in lines if _fold(line) and not _repeats(line, folded)), "")


def _drop_title(text: str, folded_title: str) -> str:
    """Return `text` without a beginning that is the title once more, unless that is all."""
    end = 0
    for match in _SENTENCE_END.finditer(text[:_LONGEST_TITLE]):
        head = _fold(text[: match.end()])
        if head and head not in folded_title:
            break
        end = match.end() if head else end
    if folded_title and _fold(text[:_LONGEST_TITLE]).startswith(folded_title):
        end = max(end, _find_folded_end(text, len(folded_title)))
    # Only behind a title are these left over: `.NET` begins with its own point.
    rest = text[end:].lstrip(" 　。.:：|｜-–—?!？！」』）)”\"'") if end else text
    return rest if len(rest) >= _LEAST_REST else text


def _find_folded_end(text: str, length: int) -> int:
    total = 0
    for position, char in enumerate(text):
        if total >= length:
            return position
        total += len(_fold(char))
    return len(text)


def _repeats(text: str, folded_title: str) -> bool:
    folded = _fold(text[:400])
    if not folded or not folded_title:
        return False
    if folded in folded_title:
        return True
    return folded_title in folded and len(folded_title) >= _REPEAT_MIN * len(folded)


def _fold(text: str) -> str:
    return _NOT_WORDS.sub("", unicodedata.normalize("NFKC", text)).casefold()
