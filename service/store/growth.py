"""How many readers a newsletter won and lost, day by day."""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import CTE, Connection, Integer, column, func, select, values

from service.store.tables import Instant, past_consents, subscriptions


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
    joined, confirmed, left = (
        _count(connection, newsletter_id, name, days)
        for name in ("consent_at", "confirmed_at", "ended_at")
    )
    return [
        GrowthDay(begins_at, joined[number], confirmed[number], left[number])
        for number, begins_at in enumerate(days[:-1])
    ]


def _count(
    connection: Connection, newsletter_id: str, name: str, days: Sequence[datetime]
) -> Counter[int]:
    """How often the moment of this column lay in each stretch, by the stretch's number."""
    stretches, moment = _name_stretches(days), subscriptions.c[name]
    # A search for each stretch: in the index of a newsletter its moments lie side by side.
    within = (
        select(func.count())
        .where(
            subscriptions.c.newsletter_id == newsletter_id,
            moment >= stretches.c.begins_at,
            moment < stretches.c.ends_at,
        )
        .scalar_subquery()
    )
    found = connection.execute(select(stretches.c.number, within)).all()
    counts = Counter({row[0]: int(row[1]) for row in found})
    # Who came back is one of few.
    counts.update(bisect(days, at) - 1 for at in _list_past(connection, newsletter_id, name, days))
    return counts


def _name_stretches(days: Sequence[datetime]) -> CTE:
    names = (column("number", Integer), column("begins_at", Instant), column("ends_at", Instant))
    rows = [(number, *ends) for number, ends in enumerate(pairwise(days))]
    return values(*names, name="stretches").data(rows).cte("stretches")


def _list_past(
    connection: Connection, newsletter_id: str, name: str, days: Sequence[datetime]
) -> Iterator[datetime]:
    moment = past_consents.c[name]
    # Looked up for each of them: they are few, and the newsletter's subscriptions are many.
    theirs = (
        select(subscriptions.c.newsletter_id)
        .where(subscriptions.c.subscription_id == past_consents.c.subscription_id)
        .scalar_subquery()
    )
    query = select(moment).where(moment >= days[0], moment < days[-1], theirs == newsletter_id)
    yield from connection.execute(query).scalars()
