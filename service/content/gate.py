"""The gate: what must not leave by mail unseen. Feeds stay faithful, mail waits."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from service.model.post import Article, Finding, Level

LEVELS = ("hold", "warn", "off")
_MARKER = re.compile(r"(?:---|—)\s*END\s*(?:---|—)")


@dataclass(frozen=True, slots=True)
class GateSettings:
    """A level (`hold`, `warn` or `off`) for each rule that shall not have its own."""

    levels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """A named check: what it says about an article (None: nothing), and how grave it is."""

    level: Level
    check: Callable[[Article], str | None]


def find_findings(article: Article, settings: GateSettings) -> tuple[Finding, ...]:
    """Return what the gate's rules find in `article`, at the levels of `settings`."""
    found = ((name, rule.level, rule.check(article)) for name, rule in RULES.items())
    return tuple(
        Finding(name, Level(level), message)
        for name, own_level, message in found
        if message and (level := settings.levels.get(name, own_level)) != "off"
    )


def _check_cut_title(article: Article) -> str | None:
    for name, text in (("title", article.title), ("summary", article.summary)):
        if "\ufffd" in text:
            return f"the {name} was cut inside a character (U+FFFD)"
    return None


def _check_marker(article: Article) -> str | None:
    for name, text in (("title", article.title), ("summary", article.summary)):
        if _MARKER.search(text):
            return f"the {name} shows a stray END marker"
    return None


def _check_body_marker(article: Article) -> str | None:
    return "the body shows a stray END marker" if _MARKER.search(article.text) else None


def _check_empty(article: Article) -> str | None:
    if article.summary.strip() or article.text.strip():
        return None
    return "there is neither a summary nor a text"


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "cut_title": Rule(Level.HOLD, _check_cut_title),
        "marker": Rule(Level.HOLD, _check_marker),
        "body_marker": Rule(Level.WARN, _check_body_marker),
        "empty": Rule(Level.HOLD, _check_empty),
    }
)
