"""The terms of a rule: how grave what it finds is, and from where on it finds anything."""

from __future__ import annotations

from dataclasses import dataclass, replace

from service.content.gate.manuscript import Trouble
from service.content.gate.settings import NEVER, GateSettings
from service.model.post import Finding, Level

_LONGEST_QUOTE = 80


@dataclass(frozen=True, slots=True)
class Terms:
    """A rule's level, and its thresholds where it has them.

    A threshold is a share (more than 0, at most 1) or a whole number from 1 (`is_count`).
    `hold_from` is in the same measure: what is that large holds whatever the level. A rule
    `of_body` holds what it finds where the full text is mailed.
    """

    level: Level
    threshold: float | None = None
    hold_from: float | None = None
    is_count: bool = False
    of_body: bool = False


def settle_terms(name: str, own: Terms, settings: GateSettings) -> Terms | None:
    """The terms of a rule after what the configuration says; None when it is off.

    A level alone is the whole word: then nothing but the level holds.
    """
    said = settings.rules.get(name)
    usual = Level.HOLD if own.of_body and settings.mails_full_text else own.level
    if said is None:
        return replace(own, level=usual)
    if said.level == "off":
        return None
    is_whole_word = said.level is not None and said.threshold is None and said.hold_from is None
    return replace(
        own,
        level=usual if said.level is None else Level(said.level),
        threshold=own.threshold if said.threshold is None else said.threshold,
        hold_from=NEVER if is_whole_word else said.hold_from or own.hold_from,
    )


def compose_finding(name: str, terms: Terms, trouble: Trouble, line: int | None) -> Finding:
    """What is told of a trouble: the rule, how grave it is there, and the place."""
    is_gross = terms.hold_from is not None and trouble.size >= terms.hold_from
    level = Level.HOLD if is_gross else terms.level
    quote = " ".join(trouble.quote.split())[:_LONGEST_QUOTE]
    return Finding(name, level, trouble.message, line, quote)
