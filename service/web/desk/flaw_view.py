"""What should be looked at before an edition leaves: each finding once, with all that has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.delivery.preflight import Flaw, Weight
from service.editions.preflight_words import say_flaw, say_flaws_of_kind
from service.editions.rule_words import tell_fault
from service.words.voice import Voice


@dataclass(frozen=True, slots=True)
class FlawThing:
    """A post or an address that a finding is true of; `path` is where a post is mended.

    `mail` is the number of the mail that has it, where others have it not.
    """

    what: str
    path: str = ""
    detail: str = ""
    mail: int | None = None


@dataclass(frozen=True, slots=True)
class FlawView:
    """Something odd, what to do, and the things that it is true of, if there are several kinds.

    `is_stop`: nothing leaves before it is settled.
    """

    says: str
    advice: str
    is_stop: bool
    mail: int | None
    things: tuple[FlawThing, ...]


def show_flaws(voice: Voice, flaws: Sequence[Flaw]) -> list[FlawView]:
    """What should be looked at, what stops it first; what several mails share is said once."""
    said: dict[tuple[str, str], list[Flaw]] = {}
    for flaw in sorted(flaws, key=lambda one: one.weight is not Weight.STOP):
        words = say_flaws_of_kind(voice, flaw.code, flaw.values)
        said.setdefault(words or say_flaw(voice, flaw.code, flaw.values), []).append(flaw)
    return [_show(voice, words, alike) for words, alike in said.items()]


def _show(voice: Voice, words: tuple[str, str], alike: Sequence[Flaw]) -> FlawView:
    things: dict[str, FlawThing] = {}
    for flaw in alike:
        thing = _show_thing(voice, words[0], flaw)
        if thing is not None:
            key = f"{thing.path}{thing.what}{thing.detail}"
            # What is in several mails is in no particular one.
            things[key] = (
                thing if key not in things else FlawThing(thing.what, thing.path, thing.detail)
            )
    is_stop = alike[0].weight is Weight.STOP
    mail = alike[0].variant if len(alike) == 1 and not things else None
    return FlawView(*words, is_stop, mail, tuple(things.values()))


def _show_thing(voice: Voice, says: str, flaw: Flaw) -> FlawThing | None:
    values = flaw.values
    match flaw.code:
        case "gate":
            detail, _ = tell_fault(voice, str(values["rule"]), str(values["message"]))
            path = f"/desk/posts/{values['post']}"
            return FlawThing(str(values["title"]), path, "" if detail == says else detail)
        case "held_since":
            return FlawThing(str(values["title"]), f"/desk/posts/{values['post']}")
        case "no_alt" | "private_link":
            return FlawThing(str(values["url"]), mail=flaw.variant)
    return None
