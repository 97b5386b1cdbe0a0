"""Summaries that say nothing, nothing new, or half a sentence."""

from __future__ import annotations

import re
import unicodedata

from service.content.gate.manuscript import Manuscript, Trouble
from service.model.wording import word

# A headline may end on nearly anything, so a particle counts only after a whole sentence.
_OPEN_END = re.compile(
    r"[、，,]$|[。！？!?].*(?:[がをに]|(?<![とでに])は)$|\s(?:the|a|an|of|and|or|with|for|to|from|by)$"
)
_NOT_WORDS = re.compile(r"[\W_]+")


def find_empty(manuscript: Manuscript, _: float) -> Trouble | None:
    """A post that says nothing: neither a summary nor a text with a letter in it."""
    article = manuscript.article
    if any(char.isalnum() for char in article.summary):
        return None
    if any(char.isalnum() for char in article.text):
        return None
    return Trouble(word("there is neither a summary nor a text"), "summary")


def find_unfinished_summary(manuscript: Manuscript, _: float) -> Trouble | None:
    """A summary that stops in the middle of a sentence."""
    summary = manuscript.article.summary
    if not _OPEN_END.search(summary):
        return None
    return Trouble(word("the summary stops in the middle of a sentence"), "summary", summary[-30:])


def find_summary_of_title(manuscript: Manuscript, _: float) -> Trouble | None:
    """A summary that only says the title again."""
    article = manuscript.article
    if len(article.summary) > 2 * len(article.title):
        return None
    summary, title = _fold(article.summary), _fold(article.title)
    if not summary or summary not in title:
        return None
    return Trouble(
        word("the summary only says the title again"), "summary", manuscript.article.summary
    )


def _fold(text: str) -> str:
    return _NOT_WORDS.sub("", unicodedata.normalize("NFKC", text)).casefold()
