"""What is wrong with a form that readers filled in, in words."""

from __future__ import annotations

from collections.abc import Mapping

from service.web.signup_form import Fault
from service.words.voice import Voice


def say_fault(voice: Voice, fault: Fault) -> str:
    """One thing that is wrong, filled with its values."""
    return _list_faults(voice)[fault.name].format(**fault.values)


def _list_faults(voice: Voice) -> Mapping[str, str]:
    return {
        "missing": voice.say("Please enter your mail address."),
        "missing new": voice.say("Please enter your new address."),
        "address": voice.say("This is no address that mail can reach. Please look at it again."),
        "local": voice.say(
            "What stands before the @ has characters other than ASCII letters and digits. "
            "Many mail services cannot deliver to such addresses, so please enter another."
        ),
        "none": voice.say("Please choose at least one newsletter."),
        "newsletter": voice.say("There is no newsletter “{value}” here."),
        "cadence": voice.say("“{newsletter}” does not come at the pace “{value}”."),
        "topic": voice.say("“{newsletter}” has no topic “{value}”."),
        "topics": voice.say("“{newsletter}”: please choose at least one topic, or everything."),
        "language": voice.say("Mail is not written in the language “{value}”."),
        "hour": voice.say("“{value}” is no hour; please choose one from 0 to 23."),
        "form": voice.say("There is no form “{value}” here."),
        "stale": voice.say("This page was open for long. Please press the button once more."),
        "day": voice.say(
            "The day of the pause is none that we understand. Please choose it again."
        ),
        "past": voice.say("The pause would be over already: please choose a day from tomorrow on."),
        "far": voice.say("A pause can last a year at the most. You can also leave, and come back."),
    }
