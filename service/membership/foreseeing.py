"""What comes to a reader next, and when: by the same slots as the schedule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from service.editions.slots import find_leaving_time, find_next_slot
from service.model.newsletter import Cadence, Newsletter
from service.model.subscriber import Subscription

_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class NextMail:
    """When the next mail of a newsletter leaves for one reader.

    `at` is None for one that comes with the next post, whenever that is; `after_pause` is the end
    of the pause it waits for. `is_made` is one that is planned already, and `is_leaving` one that
    waits for nothing more.
    """

    at: datetime | None
    after_pause: datetime | None = None
    is_made: bool = False
    is_leaving: bool = False


def foresee_mail(
    newsletter: Newsletter,
    one: Subscription,
    zone: ZoneInfo,
    paused_until: datetime | None,
    now: datetime,
) -> NextMail:
    """When the next edition leaves for a reader, should there be anything to read by then.

    `zone` is the publication's, in which the schedule is kept.
    """
    pause = paused_until if paused_until is not None and paused_until > now else None
    if one.cadence is Cadence.EACH:
        return NextMail(None, pause)
    # Who pauses until the very time of a slot gets it.
    after = now if pause is None else pause - _MOMENT
    slot = find_next_slot(newsletter, one.cadence, zone, after)
    there = ZoneInfo(one.timezone) if one.timezone else zone
    return NextMail(find_leaving_time(slot.at, one.send_hour, there), pause)
