"""What the words of the mail are that tells editors what needs them, and its commands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from service.model.condition import Condition


@dataclass(frozen=True, slots=True)
class FormWords:
    """One thing: what it is, and what is to be said of it; a line filled with nothing is gone."""

    what: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConditionWords:
    """One condition: how it is called for one thing and for many, and what to do."""

    one: str
    many: str
    says: str = ""


@dataclass(frozen=True, slots=True)
class AlertWords:
    """The words of one language; {names} are filled from the values of each thing.

    `rules` are the names of rules and faults in this language; a fault without one is told in
    the words of the program that found it.
    """

    subject_one: str
    subject_many: str
    preheader: str
    heading_one: str
    heading_many: str
    before: str
    older: str
    more: str
    counted: str
    quoted: str
    quoted_at: str
    by_hand: str
    why: str
    conditions: Mapping[Condition, ConditionWords]
    forms: Mapping[str, FormWords]
    rules: Mapping[str, str]


_EDITION = "kawaraban editions"

COMMANDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "send_hold": ("kawaraban doctor --release-hold",),
        "account": ("kawaraban doctor --resume-account {account}",),
        "signups": ("kawaraban subscribers waiting",),
        "unmade": (f"{_EDITION} approve {{edition}}", f"{_EDITION} cancel {{edition}}"),
        "overdue": (
            f"{_EDITION} preview {{edition}}",
            f"{_EDITION} approve {{edition}}",
            f"{_EDITION} cancel {{edition}}",
        ),
        "paused": (f"{_EDITION} resume {{edition}}", f"{_EDITION} cancel {{edition}}"),
        "goes": (f"{_EDITION} preview {{edition}}", f"{_EDITION} hold {{edition}}"),
        "asks": (f"{_EDITION} preview {{edition}}", f"{_EDITION} approve {{edition}}"),
        "held": ("kawaraban posts release {path}",),
        "mass": ("kawaraban posts release --mass",),
        "late": ("kawaraban posts release {path}",),
    }
)
"""What settles a thing, by its form; the values of the thing fill them, quoted for a shell."""

LISTED_BY: Mapping[Condition, str] = MappingProxyType(
    {
        Condition.UNKNOWN: "kawaraban unknown list",
        Condition.SIGNUPS: "kawaraban subscribers waiting",
        Condition.QUARANTINED: "kawaraban posts list --state quarantined",
        Condition.HELD: "kawaraban posts list --state held",
        Condition.FILTER: "kawaraban check",
    }
)
"""What lists all the things of a condition that a mail only counts."""
