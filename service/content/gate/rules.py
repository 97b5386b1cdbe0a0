"""The rules that judge a post by itself: their table, and what they find."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from service.content.gate.endings import find_unfinished_body
from service.content.gate.manuscript import Manuscript, Trouble
from service.content.gate.markers import (
    find_body_marker,
    find_damaged_text,
    find_marker,
    find_open_fence,
)
from service.content.gate.placeholders import find_body_placeholder, find_placeholder
from service.content.gate.places import find_line
from service.content.gate.repetition import find_repeated_heading, find_repetition
from service.content.gate.settings import GateSettings
from service.content.gate.summaries import (
    find_empty,
    find_summary_of_title,
    find_unfinished_summary,
)
from service.content.gate.terms import Terms, compose_finding, settle_terms
from service.content.gate.titles import find_cut_title, find_glued_title, find_unfinished_title
from service.content.gate.voice import find_body_voice, find_voice
from service.model.post import Article, Finding, Level


@dataclass(frozen=True, slots=True)
class Rule:
    """A check of a post by itself (its threshold is 0 where the rule has none), and its terms."""

    check: Callable[[Manuscript, float], Trouble | None]
    terms: Terms


def find_findings(
    article: Article, settings: GateSettings, source: str = "", body_line: int = 1
) -> tuple[Finding, ...]:
    """Return what the rules find in an article, at the levels of `settings`.

    `source` is the text of its file (decoded, LF line ends), and `body_line` the line on which
    the body begins: findings get their lines from it, and without it they have none.
    """
    manuscript = Manuscript(article, source, body_line)
    found = (_apply(name, rule, manuscript, settings) for name, rule in OWN_RULES.items())
    return tuple(finding for finding in found if finding is not None)


def _apply(name: str, rule: Rule, manuscript: Manuscript, settings: GateSettings) -> Finding | None:
    terms = settle_terms(name, rule.terms, settings)
    trouble = rule.check(manuscript, terms.threshold or 0) if terms else None
    if terms is None or trouble is None:
        return None
    return compose_finding(name, terms, trouble, find_line(manuscript, trouble))


_HOLD, _WARN = Terms(Level.HOLD), Terms(Level.WARN)
_BODY_WARN = Terms(Level.WARN, of_body=True)

OWN_RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "cut_title": Rule(find_cut_title, _HOLD),
        "unfinished_title": Rule(find_unfinished_title, _WARN),
        "glued_title": Rule(find_glued_title, _WARN),
        "unfinished_summary": Rule(find_unfinished_summary, _WARN),
        "summary_of_title": Rule(find_summary_of_title, _WARN),
        "voice": Rule(find_voice, _HOLD),
        "marker": Rule(find_marker, _HOLD),
        "placeholder": Rule(find_placeholder, _HOLD),
        "empty": Rule(find_empty, _HOLD),
        "body_voice": Rule(find_body_voice, _BODY_WARN),
        "body_marker": Rule(find_body_marker, _BODY_WARN),
        "body_placeholder": Rule(find_body_placeholder, _BODY_WARN),
        "damaged_text": Rule(find_damaged_text, _BODY_WARN),
        "repetition": Rule(find_repetition, Terms(Level.WARN, 0.2, 0.5, of_body=True)),
        "repeated_heading": Rule(
            find_repeated_heading, Terms(Level.WARN, threshold=3, is_count=True)
        ),
        "unfinished_body": Rule(find_unfinished_body, _BODY_WARN),
        "open_fence": Rule(find_open_fence, _BODY_WARN),
    }
)
