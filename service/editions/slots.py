"""When a newsletter is due: the slots of its schedule, and a reader's own hour."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from service.model.newsletter import Cadence, Newsletter

# A monthly slot is at most 31 days away; a day more covers the zone's own offset.
_LONGEST_WAIT = timedelta(days=33)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Slot:
    """One date of a schedule: the local date it serves, and the instant in UTC."""

    local_date: date
    at: datetime


def list_slots(
    newsletter: Newsletter, cadence: Cadence, zone: ZoneInfo, after: datetime, until: datetime
) -> list[Slot]:
    """Every slot in (after, until], oldest first; exactly one for each local date due.

    Both bounds are aware. Raises ValueError for cadence `each`, which has no schedule.
    """
    if cadence is Cadence.EACH:
        raise ValueError("cadence each follows its posts and has no slots")
    slots = (
        Slot(day, find_instant(day, newsletter.send_at, zone))
        for day in _list_days(after, until, zone)
        if _is_due(newsletter, cadence, day)
    )
    return [slot for slot in slots if after < slot.at <= until]


def find_next_slot(
    newsletter: Newsletter, cadence: Cadence, zone: ZoneInfo, after: datetime
) -> Slot:
    """The first slot later than `after`. Raises ValueError for cadence `each`."""
    return list_slots(newsletter, cadence, zone, after, after + _LONGEST_WAIT)[0]


def edition_key(slot: Slot) -> str:
    """The key of the edition that serves this slot: its local date, as 2025-10-20."""
    return slot.local_date.isoformat()


def find_leaving_time(freeze_at: datetime, send_hour: int | None, zone: ZoneInfo) -> datetime:
    """The first time at or after the freeze that is this hour there, in UTC; None: the freeze.

    A freeze that falls inside the hour leaves at once. An hour that the clocks skip that day
    becomes the instant after the gap.
    """
    freeze = freeze_at.astimezone(UTC)
    local = freeze.astimezone(zone)
    if send_hour is None or local.hour == send_hour:
        return freeze
    today = find_instant(local.date(), time(send_hour), zone)
    if today >= freeze:
        return today
    return find_instant(local.date() + _DAY, time(send_hour), zone)


def find_instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """When a wall clock in `zone` shows this, in UTC.

    What it shows twice (clocks set back) is the first time; what it never shows (clocks set
    forward) is the instant after the gap.
    """
    naive = datetime.combine(day, clock.replace(tzinfo=None, fold=0))
    first = naive.replace(tzinfo=zone).astimezone(UTC)
    second = naive.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if second < first:
        return _find_end_of_gap(second, first, zone)
    return first


def _list_days(after: datetime, until: datetime, zone: ZoneInfo) -> Iterator[date]:
    # A day before, because an instant after a gap may lie on the day after its own date.
    day = after.astimezone(zone).date() - _DAY
    last = until.astimezone(zone).date()
    while day <= last:
        yield day
        day += _DAY


def _is_due(newsletter: Newsletter, cadence: Cadence, day: date) -> bool:
    if cadence is Cadence.WEEKLY:
        return day.weekday() == newsletter.weekday
    if cadence is Cadence.MONTHLY:
        last = calendar.monthrange(day.year, day.month)[1]
        return day.day == (newsletter.monthday or last)
    return True


def _find_end_of_gap(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first second in (before, after] that has the offset of `after`; both in UTC."""
    old = before.astimezone(zone).utcoffset()
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if (before + timedelta(seconds=middle)).astimezone(zone).utcoffset() == old:
            low = middle
        else:
            high = middle
    return before + timedelta(seconds=high)
