"""All that is said of a file that was read: by its reader, by the gate, and beside the others."""

from __future__ import annotations

from dataclasses import replace

from service.content.gate.comparing import compare_post
from service.content.gate.neighbours import Neighbours
from service.content.gate.settings import GateSettings
from service.model.post import Article, Finding, Level, Outline, Reading


def judge_reading(
    reading: Reading, neighbours: Neighbours, settings: GateSettings
) -> tuple[Finding, ...]:
    """Return the notes of the reader, then what the gate's rules find; nothing without an article.

    `neighbours` are all posts there will be, the article among them.
    """
    article = reading.article
    if article is None:
        return ()
    compared = compare_post(make_outline(article), reading.places, neighbours, settings)
    found = (*article.warnings, *reading.findings, *compared)
    # What is never mailed cannot be held back from mail, nor released.
    return found if article.mailable else tuple(replace(one, level=Level.WARN) for one in found)


def make_outline(article: Article) -> Outline:
    """What of an article others are compared with."""
    return Outline(
        path=article.path,
        title=article.title,
        url=article.url,
        summary=article.summary,
        published_at=article.published_at,
        former_urls=article.former_urls,
    )
