"""How far away a moment is, as people say it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.dates import format_timedelta

from service.model.publication import Publication
from service.words.voice import Voice

_A_MINUTE = timedelta(minutes=1)
_FROM_TWO_ON = 2


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment for a page: `iso` for programs, `at` by the publication's clock, and how far."""

    iso: str
    at: str
    away: str


def write_when(voice: Voice, publication: Publication, moment: datetime, now: datetime) -> Moment:
    """A moment in all three ways."""
    local = publication.localise(moment)
    return Moment(local.isoformat(), voice.write_moment(local), say_distance(voice, moment, now))


def say_distance(voice: Voice, moment: datetime, now: datetime) -> str:
    """How far `moment` is from `now`, such as "in 3 days" or "100 minutes ago"."""
    if abs(moment - now) < _A_MINUTE:
        return voice.say_of("a moment", "now")
    # A unit is used from two of it on: "in 2 hours" must not stand for an hour and a half.
    return format_timedelta(
        moment - now,
        granularity="minute",
        threshold=_FROM_TWO_ON,
        add_direction=True,
        locale=voice.locale,
    )
