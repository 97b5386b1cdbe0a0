"""What is due next for each newsletter and cadence, counted so that a page may ask every time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from service.delivery.press import Press
from service.delivery.prospects import Prospect, list_prospects
from service.delivery.shares import serve_readers
from service.model.newsletter import Cadence, Newsletter
from service.store.counts import count_active

EXACT_UP_TO = 20_000
"""Up to so many readers the rule of the freeze is asked; it takes a millisecond for 400 or so."""

MOST_AT_ONCE = 5


@dataclass(frozen=True, slots=True)
class Due:
    """What leaves next for a cadence, and to how many; `others` more are due with it.

    Unless the number `is_exact`, it is of everybody who takes this cadence: some of them may
    have other topics, have paused, or be suppressed.
    """

    newsletter: Newsletter
    cadence: Cadence
    prospect: Prospect
    readers: int
    is_exact: bool
    others: int = 0


def list_due(
    connection: Connection,
    press: Press,
    newsletters: Iterable[Newsletter],
    now: datetime,
    *,
    exact_up_to: int = EXACT_UP_TO,
) -> list[Due]:
    """What is due next, the soonest first; sends nothing."""
    found = [
        due
        for newsletter in newsletters
        for cadence in newsletter.cadences
        for due in _list_for(connection, press, newsletter, cadence, now, exact_up_to)
    ]
    return sorted(found, key=lambda due: due.prospect.edition.freeze_at)


def _list_for(
    connection: Connection,
    press: Press,
    newsletter: Newsletter,
    cadence: Cadence,
    now: datetime,
    exact_up_to: int,
) -> Iterator[Due]:
    prospects = list_prospects(connection, press, newsletter, cadence, now)
    active = count_active(connection, newsletter.newsletter_id, cadence)
    shown = prospects[:MOST_AT_ONCE]
    for prospect in shown:
        is_exact = active * len(shown) <= exact_up_to
        readers = _count(connection, prospect, cadence) if is_exact else active
        others = len(prospects) - len(shown) if prospect is shown[-1] else 0
        yield Due(newsletter, cadence, prospect, readers, is_exact, others)


def _count(connection: Connection, prospect: Prospect, cadence: Cadence) -> int:
    served = serve_readers(connection, prospect, (cadence,))
    return sum(one.group.count for one in served if not one.skipped)
