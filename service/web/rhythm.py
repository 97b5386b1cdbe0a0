"""How often a newsletter comes, in words."""

from __future__ import annotations

from functools import reduce

from service.model.newsletter import Cadence, Newsletter
from service.words.voice import Voice


def say_rhythm(voice: Voice, newsletter: Newsletter) -> str:
    """All the paces there are, as a line of its own: the usual one first."""
    usual = newsletter.default_cadence
    cadences = [usual, *(one for one in newsletter.cadences if one is not usual)]

    def add(these: str, other: str) -> str:
        return voice.say("{these}, or {other}", these=these, other=other)

    return _capitalise(reduce(add, (say_cadence(voice, one, newsletter) for one in cadences)))


def say_pace(voice: Voice, newsletter: Newsletter, cadence: Cadence) -> str:
    """One of its paces, as a line of its own."""
    return _capitalise(say_cadence(voice, cadence, newsletter))


def say_cadence(voice: Voice, cadence: Cadence, newsletter: Newsletter) -> str:
    """One of its paces, within a sentence."""
    at = voice.write_time(newsletter.send_at)
    match cadence:
        case Cadence.EACH:
            return voice.say("each story as it appears")
        case Cadence.DAILY:
            return voice.say("every day at {time}", time=at)
        case Cadence.WEEKLY:
            weekday = voice.name_weekday(newsletter.weekday)
            return voice.say("every {weekday} at {time}", weekday=weekday, time=at)
        case Cadence.MONTHLY:
            return _say_monthday(voice, newsletter.monthday, at)


def _say_monthday(voice: Voice, day: int, at: str) -> str:
    if day == 0:
        return voice.say("on the last day of every month at {time}", time=at)
    # Which of them a language needs, CLDR's rules for its ordinals decide.
    match voice.locale.ordinal_form(day):
        case "one":
            return voice.say("on the {day}st of every month at {time}", day=day, time=at)
        case "two":
            return voice.say("on the {day}nd of every month at {time}", day=day, time=at)
        case "few":
            return voice.say("on the {day}rd of every month at {time}", day=day, time=at)
        case _:
            return voice.say("on the {day}th of every month at {time}", day=day, time=at)


def _capitalise(line: str) -> str:
    return line[:1].upper() + line[1:]
