"""Lines of plain text that are safe in a subject, a heading and a link."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_MARK_OPENING = "@@kawaraban:"
_QUOTED = str.maketrans({char: f"%{ord(char):02X}" for char in ' "<>`'})
_MARK = re.compile(re.escape(_MARK_OPENING), re.IGNORECASE)

# A line break inside a Japanese paragraph would show as a gap.
_JAPANESE_BREAK = re.compile(r"(?<=[\u3001-\u9fff\uff01-\uff60])\n(?=[\u3001-\u9fff\uff01-\uff60])")

# Joiners belong to emoji and to several scripts; alone between other letters they only hide.
_JOINERS = "\u200c\u200d"

# Three small letters before the point leave "Mr." and "e.g." alone.
_SENTENCE_END = re.compile(r"[。！？．]|(?<=[a-z]{3})[.!?](?=\s)")


def clean_line(text: str) -> str:
    """The text on one line: no control, zero-width or direction characters, none of our marks."""
    spaced = "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text)
    visible = "".join(c for at, c in enumerate(spaced) if not _is_hidden(spaced, at))
    return neutralise_marks(re.sub(" {2,}", " ", visible)).strip()


def clean_url(url: str) -> str:
    """The address without anything that could end it early or pass for one of our marks."""
    solid = "".join(c for c in url if unicodedata.category(c) not in {"Cc", "Cf", "Zl", "Zp"})
    quoted = solid.strip().translate(_QUOTED)
    return _MARK.sub("%40%40kawaraban:", quoted)


def neutralise_marks(text: str) -> str:
    """The text with our own marks spelled so that no reader's values are put there."""
    return _MARK.sub("@ @kawaraban:", text)


def close_japanese_breaks(text: str) -> str:
    """The text without line breaks that stand between two Japanese characters."""
    return _JAPANESE_BREAK.sub("", text)


def count_columns(text: str) -> int:
    """How many columns of a fixed-width screen the text takes (East Asian wide: two)."""
    return len(text) if text.isascii() else sum(map(_count_char, text))


def clip_line(text: str, columns: int) -> str:
    """The text, or its beginning and an ellipsis, in at most so many columns.

    Never cuts inside a Latin word when there is a better place, nor apart a letter and its
    accents.
    """
    if count_columns(text) <= columns:
        return text
    end = _find_end(text, columns - 2)
    word = re.search(r"[^\W_]*\Z", text[:end], re.ASCII)
    if word and word.start() > end // 2 and text[end : end + 1].isascii():
        end = word.start()
    return text[:end].rstrip(" 、,・:：-") + "…"


def clip_sentences(text: str, columns: int) -> str:
    """As many whole sentences as fit, or else the clipped beginning."""
    if count_columns(text) <= columns:
        return text
    head = text[: _find_end(text, columns)]
    last = max((match.end() for match in _SENTENCE_END.finditer(head)), default=0)
    return head[:last] if last > len(head) // 2 else clip_line(text, columns)


def _is_hidden(text: str, at: int) -> bool:
    char = text[at]
    if char in _JOINERS:
        before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
        return not (_may_be_joined(before) and _may_be_joined(after))
    return unicodedata.category(char) in {"Cf", "Cs"}


def _may_be_joined(char: str) -> bool:
    return bool(char) and not char.isascii() and unicodedata.category(char)[0] in "LMS"


def _find_end(text: str, columns: int) -> int:
    used = 0
    for at, char in enumerate(text):
        used += _count_char(char)
        if used > columns:
            return at
    return len(text)


# A text part in full is wrapped character by character, and has few different ones.
@lru_cache(maxsize=8192)
def _count_char(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
