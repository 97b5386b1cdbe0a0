"""What of the conditions that hold is due to be told: the new once a day, never all again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from service.editions.alert import MOST_LISTED
from service.model.condition import Condition, Item, Part

ONE_BY_ONE = frozenset(
    {
        Condition.SEND_HOLD,
        Condition.ACCOUNT,
        Condition.FOLDER,
        Condition.PULL,
        Condition.UNMADE,
        Condition.OVERDUE,
        Condition.PAUSED,
        Condition.APPROVAL,
    }
)
"""Conditions that do not wait for one another: each of their things is told on its own day."""

Told = Mapping[tuple[str, str], date]
"""On which day somebody was last told of a thing: a condition and the thing's key."""


def select_parts(
    found: Mapping[Condition, Sequence[Item]], told: Told, today: date
) -> tuple[Part, ...]:
    """What to tell today of what holds, to somebody who was told this before."""
    parts = (_select_part(condition, items, told, today) for condition, items in found.items())
    return tuple(part for part in parts if part is not None)


def list_settled(
    found: Mapping[Condition, Sequence[Item]], told: Told, today: date
) -> list[tuple[str, str]]:
    """What does not hold any more and may be forgotten.

    What was told today stays until the day is over: it still counts as this day's mail.
    """
    hold = {(condition.value, item.key) for condition, items in found.items() for item in items}
    return [thing for thing, day in told.items() if thing not in hold and day != today]


def name_things(part: Part) -> list[tuple[str, str]]:
    """What the things of a part are remembered by."""
    return [(part.condition.value, item.key) for item in part.items]


def _select_part(
    condition: Condition, items: Sequence[Item], told: Told, today: date
) -> Part | None:
    days = {key: day for (of, key), day in told.items() if of == condition}
    if condition in ONE_BY_ONE:
        items = [item for item in items if days.get(item.key) != today]
    elif today in days.values():
        return None
    due = tuple(item for item in items if item.blocks or item.key not in days)
    if not due:
        return None
    older = 0 if condition in ONE_BY_ONE else len(items) - len(due)
    return Part(condition, due, older, is_summary=not days and len(due) > MOST_LISTED)
