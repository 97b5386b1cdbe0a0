"""The gate: what must not leave by mail unseen. Feeds stay faithful, mail waits."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from service.content.gate.comparing import COMPARISONS
from service.content.gate.footprint import find_places
from service.content.gate.judging import judge_reading, make_outline
from service.content.gate.neighbours import Neighbours
from service.content.gate.rules import OWN_RULES, find_findings
from service.content.gate.settings import LEVELS, NEVER, GateSettings, RuleSettings
from service.content.gate.terms import Terms

RULES: Mapping[str, Terms] = MappingProxyType(
    {name: rule.terms for name, rule in OWN_RULES.items()}
    | {name: rule.terms for name, rule in COMPARISONS.items()}
)
"""Every rule by name, with the terms it has unless told otherwise."""

__all__ = [
    "LEVELS",
    "NEVER",
    "RULES",
    "GateSettings",
    "Neighbours",
    "RuleSettings",
    "Terms",
    "find_findings",
    "find_places",
    "judge_reading",
    "make_outline",
]
