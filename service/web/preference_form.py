"""The form of a reader's choices as it came in, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from service.membership import Choice, Choices, Offer, Standing
from service.model.newsletter import Cadence
from service.web.signup_form import Fault, Fields
from service.web.zones import ZONES

LONGEST_PAUSE = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The form, read; `pause` is the day as it came. With faults it is only shown again."""

    choices: Choices
    pause: str
    faults: tuple[Fault, ...] = ()
    undecided: frozenset[str] = field(default_factory=frozenset)
    """Newsletters of which only some topics were wanted, and none was chosen."""


def read_choices(
    fields: Fields, standing: Standing, zone: ZoneInfo, languages: list[str], now: datetime
) -> Chosen:
    """Read what a reader chose; what a person cannot have chosen on our page stays as it was.

    `zone` is the publication's.
    """
    faults: list[Fault] = []
    undecided = set()
    newsletters = {}
    for offer in standing.offers:
        id_ = offer.newsletter.newsletter_id
        before = standing.choices.newsletters[id_]
        choice = _read_choice(fields, offer, before, languages)
        if choice.is_on and _take(fields, f"about-{id_}") == "some" and not choice.topics:
            faults.append(Fault("topics", {"newsletter": offer.newsletter.title}))
            undecided.add(id_)
        newsletters[id_] = choice
    timezone = _read_zone(fields, standing.choices.timezone)
    there = ZoneInfo(timezone) if timezone else zone
    typed = _take(fields, "pause").strip()
    paused_until = _read_pause(typed, standing, zone, there, now, faults)
    choices = Choices(newsletters, timezone, paused_until)
    return Chosen(choices, typed, tuple(faults), frozenset(undecided))


def write_pause(choices: Choices, zone: ZoneInfo) -> str:
    """The day from which on mail comes again, as a date field shows it; "" without a pause."""
    if choices.paused_until is None:
        return ""
    there = ZoneInfo(choices.timezone) if choices.timezone else zone
    return choices.paused_until.astimezone(there).date().isoformat()


def _read_choice(fields: Fields, offer: Offer, before: Choice, languages: list[str]) -> Choice:
    id_ = offer.newsletter.newsletter_id
    cadences: Mapping[str, Cadence] = {one.value: one for one in offer.newsletter.cadences}
    language = _take(fields, f"language-{id_}")
    return Choice(
        is_on=id_ in fields.get("newsletter", ()),
        cadence=cadences.get(_take(fields, f"cadence-{id_}"), before.cadence),
        topics=_read_topics(fields, offer, before),
        language=language if language in languages else before.language,
        send_hour=_read_hour(fields, f"hour-{id_}", before.send_hour),
    )


def _read_topics(fields: Fields, offer: Offer, before: Choice) -> tuple[str, ...]:
    id_ = offer.newsletter.newsletter_id
    match _take(fields, f"about-{id_}"):
        case "some":
            asked = set(fields.get(f"topic-{id_}", ()))
            return tuple(one.name for one in offer.topics if one.name in asked)
        case "all":
            return ()
        case _:
            return before.topics


def _read_hour(fields: Fields, name: str, before: int | None) -> int | None:
    if name not in fields:
        return before
    hours = {str(hour): hour for hour in range(24)}
    return hours.get(_take(fields, name))


def _read_zone(fields: Fields, before: str | None) -> str | None:
    asked = _take(fields, "zone")
    if "zone" not in fields:
        return before
    if not asked:
        return None
    return asked if asked in ZONES else before


def _read_pause(
    typed: str,
    standing: Standing,
    zone: ZoneInfo,
    there: ZoneInfo,
    now: datetime,
    faults: list[Fault],
) -> datetime | None:
    """The midnight of a day; a day that was not touched keeps its very moment."""
    before = standing.choices
    if not typed:
        return None
    if typed == write_pause(before, zone):
        return before.paused_until
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        faults.append(Fault("day"))
        return before.paused_until
    today = now.astimezone(there).date()
    if not today < day <= today + LONGEST_PAUSE:
        faults.append(Fault("past" if day <= today else "far"))
        return before.paused_until
    return datetime.combine(day, time(), there)


def _take(fields: Fields, name: str) -> str:
    return (fields.get(name) or ("",))[-1]
