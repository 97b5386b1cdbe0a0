"""What needs a person: conditions, and the things each of them is true of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from service.model.post import Finding


class Condition(StrEnum):
    """What may need a person, the gravest first."""

    SEND_HOLD = "send-hold"
    ACCOUNT = "account"
    FOLDER = "folder"
    PULL = "pull"
    UNKNOWN = "unknown"
    SIGNUPS = "signups"
    UNMADE = "unmade"
    OVERDUE = "overdue"
    PAUSED = "paused"
    APPROVAL = "approval"
    QUARANTINED = "quarantined"
    HELD = "held"
    FILTER = "filter"
    WEBHOOK = "webhook"


Values = Mapping[str, str | int | datetime]
"""What fills the words for a thing; moments are aware."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a condition is true of.

    `key` is the same as long as it is the same thing. `form` names the words for it, which
    `values` fill. `rule` is what it is counted under when
    there are too many to list. What `blocks` is told again every day until it is settled.
    It `stands_for` so many posts that are told of as one.
    """

    key: str
    form: str
    values: Values
    findings: tuple[Finding, ...] = ()
    rule: str = ""
    blocks: bool = False
    stands_for: int = 1


@dataclass(frozen=True, slots=True)
class Part:
    """What one mail says of one condition: the things listed, and how many were told before.

    When `is_summary`, the things are counted by their rules and not listed.
    """

    condition: Condition
    items: tuple[Item, ...]
    older: int = 0
    is_summary: bool = False
