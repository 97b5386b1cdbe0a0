"""How strict the gate is: a level and thresholds for each rule that shall not have its own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

LEVELS = ("hold", "warn", "off")
NEVER = math.inf
"""A `hold_from` that nothing reaches."""


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """What is said of one rule; None leaves the rule's own.

    `level` is hold, warn or off. From `threshold` on the rule finds something, and from
    `hold_from` on it holds whatever its level is.
    """

    level: str | None = None
    threshold: float | None = None
    hold_from: float | None = None


@dataclass(frozen=True, slots=True)
class GateSettings:
    """What is said of the rules that shall not keep their own terms, by name.

    Where a newsletter `mails_full_text`, what is wrong with a body is wrong with what is mailed.
    """

    rules: Mapping[str, RuleSettings] = field(default_factory=dict)
    mails_full_text: bool = False

    @property
    def facts(self) -> list[list[object]]:
        """All of it as plain values in a fixed order: other facts make other findings."""
        said: list[list[object]] = [
            [name, one.level, one.threshold, one.hold_from]
            for name, one in sorted(self.rules.items())
        ]
        return [*said, ["mails_full_text"]] if self.mails_full_text else said
