"""The words beside a button that readers agree to by pressing it: they are kept as its record."""

from __future__ import annotations

from service.words.voice import Voice


def say_signup_consent(voice: Voice, sender: str) -> str:
    """Beside the button of our own form."""
    return voice.say(
        "By pressing the button you ask {sender} to send you what you chose by mail. Nothing "
        "comes until you confirm it in a mail. You can change what you get, or leave with one "
        "press, by a link in every mail.",
        sender=sender,
    )


def say_wish(voice: Voice, newsletter: str) -> str:
    """Beside a newsletter's box on the page of a reader's choices."""
    return voice.say("Send me “{newsletter}”", newsletter=newsletter)


def say_return(voice: Voice, newsletter: str) -> str:
    """What is written down of somebody who comes back."""
    return voice.say(
        "Sent again at the wish of a reader who had left: “{newsletter}”, as before.",
        newsletter=newsletter,
    )
