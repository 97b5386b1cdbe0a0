"""What the pages say to which a mail's links lead: confirming, leaving, less often, coming back."""

from __future__ import annotations

from service.web.saying import Saying
from service.words.voice import Voice


def ask_to_confirm(voice: Voice, newsletter: str) -> Saying:
    """Before the button of a confirmation is pressed."""
    return Saying(
        voice.say("Do you want to get “{newsletter}”?", newsletter=newsletter),
        (voice.say("Press the button and the next issue comes to you."),),
        voice.say("Confirm the subscription"),
    )


def say_confirmed(voice: Voice, newsletter: str) -> Saying:
    """After it."""
    return Saying(
        voice.say("You are subscribed"),
        (
            voice.say("“{newsletter}” comes to you from the next issue on.", newsletter=newsletter),
            voice.say("Every mail has a link with which you can leave at any time."),
        ),
    )


def say_ended(voice: Voice, newsletter: str) -> Saying:
    """To somebody who has left since, and opens the old link."""
    line = voice.say(
        "You left “{newsletter}”, so this link does not bring it back.", newsletter=newsletter
    )
    return Saying(voice.say("This subscription has ended"), (line,))


def ask_to_leave(voice: Voice, newsletter: str) -> Saying:
    """Before the button of leaving is pressed."""
    return Saying(
        voice.say("Do you want to leave “{newsletter}”?", newsletter=newsletter),
        (voice.say("Press the button and nothing more of it is sent to you."),),
        voice.say("Unsubscribe"),
    )


def say_left(voice: Voice, newsletter: str) -> Saying:
    """After it."""
    return Saying(
        voice.say_of("one newsletter", "You have left"),
        (
            voice.say("No further issue of “{newsletter}” is sent to you.", newsletter=newsletter),
            voice.say("A mail that was just leaving may still arrive. Thank you for reading."),
        ),
    )


def say_rarer(voice: Voice, newsletter: str, cadence: str) -> Saying:
    """To somebody who gets it less often from now on."""
    line = voice.say(
        "From now on you get “{newsletter}” {rhythm}.", newsletter=newsletter, rhythm=cadence
    )
    return Saying(voice.say("It comes less often now"), (line,))


def say_sent(voice: Voice, contact: str = "") -> Saying:
    """The same to everybody who asked for a newsletter."""
    lines = [
        voice.say(
            "A mail with a link is on its way. Open the link and press the button, and you are "
            "on the list."
        ),
        voice.say(
            "Nothing there after some minutes? Look among unwanted mail. When many people sign "
            "up at once, or you asked already today, it can take until tomorrow. After two days, "
            "please enter your address again."
        ),
    ]
    if contact:
        lines.append(voice.say("If it never comes, write to us: {contact}", contact=contact))
    return Saying(voice.say("Check your mail"), tuple(lines))
