"""What editors are told of a condition: how it is called, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from service.model.condition import Condition
from service.words.voice import Voice


def say_condition(voice: Voice, condition: Condition, count: int) -> str:
    """What needs a person, true of so many things."""
    return _CONDITIONS[condition](voice, count)


def say_advice(voice: Voice, condition: Condition) -> str:
    """What to do about all things of a condition; "" where each says it of itself."""
    return _ADVICE[condition](voice.say) if condition in _ADVICE else ""


_CONDITIONS: Mapping[Condition, Callable[[Voice, int], str]] = MappingProxyType(
    {
        Condition.SEND_HOLD: lambda voice, _: voice.say("Nothing leaves from this database"),
        Condition.ACCOUNT: lambda voice, count: (
            voice.say("A provider account is paused")
            if count == 1
            else voice.say_count(
                "{count} provider account is paused",
                "{count} provider accounts are paused",
                count,
            )
        ),
        Condition.FOLDER: lambda voice, _: voice.say("The folder of posts looks emptied"),
        Condition.PULL: lambda voice, count: (
            voice.say("Posts cannot be fetched")
            if count == 1
            else voice.say_count(
                "Posts cannot be fetched from {count} place",
                "Posts cannot be fetched from {count} places",
                count,
            )
        ),
        Condition.UNKNOWN: lambda voice, count: voice.say_count(
            "Nobody can say whether {count} batch was sent",
            "Nobody can say whether {count} batches were sent",
            count,
        ),
        Condition.SIGNUPS: lambda voice, _: voice.say("Sign-ups pile up"),
        Condition.UNMADE: lambda voice, count: voice.say_count(
            "The mail of {count} edition cannot be made",
            "The mail of {count} editions cannot be made",
            count,
        ),
        Condition.OVERDUE: lambda voice, count: voice.say_count(
            "{count} edition is overdue and waits",
            "{count} editions are overdue and wait",
            count,
        ),
        Condition.PAUSED: lambda voice, count: voice.say_count(
            "{count} edition is paused half way",
            "{count} editions are paused half way",
            count,
        ),
        Condition.APPROVAL: lambda voice, count: voice.say_count(
            "{count} edition is ready to be looked at",
            "{count} editions are ready to be looked at",
            count,
        ),
        Condition.QUARANTINED: lambda voice, count: voice.say_count(
            "{count} post cannot be read", "{count} posts cannot be read", count
        ),
        Condition.HELD: lambda voice, count: voice.say_count(
            "{count} new post is held back from mail",
            "{count} new posts are held back from mail",
            count,
        ),
        Condition.FILTER: lambda voice, count: voice.say_count(
            "{count} name in a newsletter matches no post",
            "{count} names in newsletters match no post",
            count,
        ),
        Condition.WEBHOOK: lambda voice, count: voice.say_count(
            "{count} webhook is stopped", "{count} webhooks are stopped", count
        ),
    }
)

_ADVICE: Mapping[Condition, Callable[[Callable[[str], str]], str]] = MappingProxyType(
    {
        Condition.UNKNOWN: lambda say: say(
            "They are not sent again by themselves: never twice is the rule. "
            "Look them up at the provider, and say what became of them."
        ),
        Condition.SIGNUPS: lambda say: say("Is somebody misusing the form?"),
        Condition.UNMADE: lambda say: say(
            "Nothing of them has left. Mend what is named, and approve them: they go then."
        ),
        Condition.QUARANTINED: lambda say: say(
            "Mend the file and save it; it is read again by itself."
        ),
        Condition.HELD: lambda say: say(
            "Feeds show them; mail waits. Mend the file, or release it as it is."
        ),
        Condition.FILTER: lambda say: say(
            "Was it renamed on the site, or misspelt in kawaraban.toml?"
        ),
        Condition.WEBHOOK: lambda say: say(
            "It is told nothing until you start it again at the desk."
        ),
    }
)
