"""Text that stands in a post more than once."""

from __future__ import annotations

import html as html_entities
import re
from collections import Counter

from service.content.gate.manuscript import Manuscript, Trouble

_LONG = 25
"""Characters from which a sentence is long: shorter ones may well be said again."""

_FEWEST = 4
_HEADING = re.compile(r"<(h[1-6])\b[^<>]*>(.*?)</\1>", re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_LONG_HEADING = 8


def find_repetition(manuscript: Manuscript, threshold: float) -> Trouble | None:
    """Long sentences that were said before in the same post.

    Its size is the share of the whole text that stands there before word for word, paragraph
    by paragraph: a text may say many a sentence twice and still tell a whole article.
    """
    text = manuscript.article.text
    sentences = _list_sentences(text)
    share = _measure(sentences)
    if share >= threshold and "<code" in manuscript.article.html:
        # Lines of code may well come again.
        text = manuscript.prose
        sentences = _list_sentences(text)
        share = _measure(sentences)
    if share < threshold:
        return None
    size = _measure_text(text)
    message = (
        f"{share:.0%} of the long sentences stand there before, and {size:.0%} of the text "
        "in whole paragraphs"
    )
    return Trouble(message, "body", _find_first_repeat(sentences), nth=2, size=size)


def find_repeated_heading(manuscript: Manuscript, threshold: float) -> Trouble | None:
    """A long heading that comes again and again; how often is its size."""
    html = manuscript.article.html
    if html.count("</h") < threshold:
        return None
    headings = Counter(_TAG.sub("", inner).strip() for _, inner in _HEADING.findall(html))
    repeated = [
        (heading, times)
        for heading, times in headings.items()
        if times >= threshold and len(heading) >= _LONG_HEADING
    ]
    if not repeated:
        return None
    most = max(times for _, times in repeated)
    heading = html_entities.unescape(repeated[0][0])
    message = f"{len(repeated)} heading(s) come again, up to {most} times"
    return Trouble(message, "body", heading, nth=2, size=most)


def _list_sentences(text: str) -> list[str]:
    # Questions stay with what follows them: fewer cuts are quicker, and as telling.
    plain = (
        text.replace("\n", "。") if "。" in text else text.replace(". ", "\n").replace("\n", "。")
    )
    return [
        sentence for part in plain.split("。") if len(part) >= _LONG and (sentence := part.strip())
    ]


def _measure(sentences: list[str]) -> float:
    """Which share of the sentences came before; 0 where there are too few to tell."""
    if len(sentences) < _FEWEST:
        return 0
    return (len(sentences) - len(set(sentences))) / len(sentences)


def _measure_text(text: str) -> float:
    """Which share of the text are paragraphs that came before, or sentences within one."""
    lines = text.split("\n")
    seen: set[str] = set()
    repeated = 0
    for line in lines:
        length = len(line)
        if length < _LONG:
            continue
        if line in seen:
            repeated += length
            continue
        seen.add(line)
        # Two long sentences and what parts them are longer than this.
        if length > 2 * _LONG:
            repeated += _count_repeated(line)
    whole = len(text) - len(lines) + 1
    return repeated / whole if whole else 0


def _count_repeated(line: str) -> int:
    """How many characters of a line are sentences that it said before."""
    parts = line.split("。" if "。" in line else ". ")
    if len(parts) < 2:
        return 0
    sentences = [
        sentence for part in parts if len(part) >= _LONG and (sentence := part.strip())
    ]
    distinct = set(sentences)
    if len(distinct) == len(sentences):
        return 0
    return sum(map(len, sentences)) - sum(map(len, distinct))


def _find_first_repeat(sentences: list[str]) -> str:
    seen: set[str] = set()
    for sentence in sentences:
        if sentence in seen:
            return sentence
        seen.add(sentence)
    return ""
