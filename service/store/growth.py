"""How many readers a newsletter won and lost, day by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    Table,
    case,
    func,
    literal,
    select,
    union_all,
)

from service.store.tables import past_consents, subscriptions


@dataclass(frozen=True, slots=True)
class GrowthDay:
    """A day from `begins_at` on: who asked for the newsletter, confirmed it, and left it."""

    begins_at: datetime
    joined: int
    confirmed: int
    left: int


def list_growth(
    connection: Connection, newsletter_id: str, days: Sequence[datetime]
) -> list[GrowthDay]:
    """Count each stretch between two of these moments, which stand in order.

    A day has no other length than from its midnight to the next, so callers name the midnights
    of their zone, and last the end. Who came back counts once more, by what is kept of the
    earlier time.
    """
    counts = {
        name: _count(connection, newsletter_id, name, days)
        for name in ("consent_at", "confirmed_at", "ended_at")
    }
    return [
        GrowthDay(
            begins_at,
            counts["consent_at"].get(number, 0),
            counts["confirmed_at"].get(number, 0),
            counts["ended_at"].get(number, 0),
        )
        for number, begins_at in enumerate(days[:-1])
    ]


def _count(
    connection: Connection, newsletter_id: str, name: str, days: Sequence[datetime]
) -> dict[int, int]:
    """How often the moment of this column lay in each stretch, by the stretch's number."""
    newsletter = subscriptions.c.newsletter_id
    # Looked up for each of them: they are few, and the newsletter's subscriptions are many.
    theirs = (
        select(newsletter)
        .where(subscriptions.c.subscription_id == past_consents.c.subscription_id)
        .scalar_subquery()
    )
    present = _select(subscriptions, name, days).where(newsletter == newsletter_id)
    past = _select(past_consents, name, days).where(theirs == newsletter_id)
    both = union_all(present, past).subquery()
    query = select(both.c.day, func.count()).group_by(both.c.day)
    return {row.day: int(row[1]) for row in connection.execute(query)}


def _select(table: Table, name: str, days: Sequence[datetime]) -> Select[int]:
    moment = table.c[name]
    return select(_number_day(moment, days).label("day")).where(
        moment >= days[0], moment < days[-1]
    )


def _number_day(moment: Column[datetime], days: Sequence[datetime]) -> ColumnElement[int]:
    return _halve(moment, days, 0, len(days) - 1)


def _halve(
    moment: Column[datetime], days: Sequence[datetime], first: int, end: int
) -> ColumnElement[int]:
    """The number of the stretch, by halves: of ninety, seven are looked at and not all."""
    if end - first <= 1:
        return literal(first)
    middle = (first + end) // 2
    return case(
        (moment < days[middle], _halve(moment, days, first, middle)),
        else_=_halve(moment, days, middle, end),
    )
