"""What editors are told of one thing, by its form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from service.words.voice import Voice

_Say = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class ThingWords:
    """One thing: what it is, and what is to be said of it; an empty line is left out."""

    what: str
    lines: tuple[str, ...] = ()


def describe(voice: Voice, form: str, values: Mapping[str, str]) -> ThingWords:
    """What is said of a thing of this form; its values, written already, fill the sentences."""
    return FORMS[form](lambda sentence: voice.say(sentence, **values), values)


def _name_edition(say: _Say) -> str:
    return say("{newsletter} ({cadence}), due {slot}")


def _count_posts(say: _Say) -> str:
    return say("Posts: {count}, the first of them: {first}")


FORMS: Mapping[str, Callable[[_Say, Mapping[str, str]], ThingWords]] = MappingProxyType(
    {
        "send_hold": lambda say, _: ThingWords(
            say("This database was restored or copied, or mail is held by hand"),
            (
                say(
                    "What a copy says of sent mail may be old. "
                    "Look whether the original sent since."
                ),
            ),
        ),
        "account": lambda say, values: ThingWords(
            values["account"],
            (
                say("Paused since {since}: {reason}"),
                say("Nothing leaves through it until you resume."),
            ),
        ),
        "missing": lambda say, _: ThingWords(
            say("{count} files are not there any more"),
            (
                say("Since {since}. The first of them: {path}"),
                say("Their posts stay in the feeds for some minutes; then they count as deleted."),
                say("Is a disk not mounted, or a checkout half done?"),
            ),
        ),
        "pull": lambda say, values: ThingWords(
            values["source"],
            (
                say("Failing since {since}: {reason}"),
                say("Feeds and mail go on with what was fetched last."),
            ),
        ),
        "unknown": lambda say, _: ThingWords(
            say("Batch {batch}, tried {since}"), (say("Addresses: {rows}. {reason}"),)
        ),
        "signups": lambda say, _: ThingWords(
            say("{count} sign-ups wait for their confirmation mail"),
            (
                say("Since {since}. The caps let no more mail go in an hour."),
                say("They are mailed hour by hour, and forgotten after two days."),
            ),
        ),
        "unmade": lambda say, values: ThingWords(_name_edition(say), (values["reason"],)),
        "overdue": lambda say, _: ThingWords(
            _name_edition(say), (say("Nothing of it has left. Send it late, or leave it out."),)
        ),
        "paused": lambda say, values: ThingWords(
            _name_edition(say), (values["reason"], say("Readers who wait for it: {waiting}."))
        ),
        "goes": lambda say, _: ThingWords(
            _name_edition(say),
            (_count_posts(say), say("It leaves then, unless somebody holds it.")),
        ),
        "asks": lambda say, _: ThingWords(
            _name_edition(say),
            (_count_posts(say), say("It does not leave before somebody approves it.")),
        ),
        "kept": lambda say, values: ThingWords(
            values["place"],
            (
                values["fault"],
                values["reason"],
                say("The last good version stays in the feeds."),
            ),
        ),
        "lost": lambda say, values: ThingWords(
            values["place"],
            (
                values["fault"],
                values["reason"],
                say("It is in no feed and in no mail until then."),
            ),
        ),
        "held": lambda _, values: ThingWords(values["title"], (values["path"],)),
        "mass": lambda say, _: ThingWords(
            say("{count} posts came at once"),
            (say("Seen {seen}, with dates already past. First: {title}"),),
        ),
        "late": lambda say, values: ThingWords(
            values["title"],
            (
                values["path"],
                say("Dated {dated} and first seen {seen}: too late for {newsletter}."),
            ),
        ),
        "webhook": lambda say, values: ThingWords(
            values["host"], (say("Stopped since {since}: {reason}"),)
        ),
        "category": lambda say, _: ThingWords(say("{newsletter}: category “{name}”")),
        "tag": lambda say, _: ThingWords(say("{newsletter}: tag “{name}”")),
        "topic": lambda say, _: ThingWords(
            say("{newsletter}: topic “{name}”"),
            (say("A reader who chose only it gets nothing."),),
        ),
    }
)
"""The words of every form; what a thing of it is called and said of it."""
