"""What the pages say that links of an hour lead to: a copy of one's data, erasing, moving."""

from __future__ import annotations

from service.web.saying import Saying
from service.words.voice import Voice


def offer_export(voice: Voice) -> Saying:
    """Before a copy of the data is taken."""
    return Saying(
        voice.say("A copy of your data"),
        (
            voice.say(
                "Everything that is kept of you, as a file (JSON): what you subscribed to and "
                "chose, how you gave your consent, and which mails were sent to you."
            ),
        ),
        voice.say("Download"),
    )


def ask_to_erase(voice: Voice) -> Saying:
    """Before everything is erased."""
    return Saying(
        voice.say("Erase everything we know of you?"),
        (
            voice.say(
                "Your address and everything kept with it is erased, and every newsletter ends. "
                "It cannot be undone."
            ),
            voice.say(
                "What stays is a number made from your address with a secret key. It keeps others "
                "from bringing you back in; you yourself can always sign up again."
            ),
        ),
        voice.say("Erase my data"),
    )


def say_erasing(voice: Voice) -> Saying:
    """After it was asked for."""
    return Saying(
        voice.say("Your data is being erased"),
        (
            voice.say(
                "Nothing more is sent to you. What we know of you is gone in a few minutes, or as "
                "soon as it is certain what became of a mail that was just leaving."
            ),
        ),
    )


def ask_for_address(voice: Voice) -> Saying:
    """Before a new address is entered."""
    return Saying(
        voice.say("To which address shall your mail go?"),
        (
            voice.say(
                "We send a link there; when you press its button, all of your newsletters go to "
                "the new address, with everything you chose."
            ),
        ),
        voice.say("Send the link"),
    )


def say_address_mailed(voice: Voice) -> Saying:
    """After it was entered; the same whoever has it."""
    return Saying(
        voice.say("Check the mail of your new address"),
        (
            voice.say(
                "A mail with a link is on its way there. The link works for an hour; until you "
                "press its button, everything stays as it is."
            ),
            voice.say("Nothing there after some minutes? Look among unwanted mail."),
        ),
    )


def ask_to_move(voice: Voice) -> Saying:
    """Before the new address is used."""
    line = voice.say(
        "All of your newsletters come here from now on, and no longer to the old address."
    )
    return Saying(
        voice.say("Shall your mail come to this address?"), (line,), voice.say("Use this address")
    )


def say_moved(voice: Voice) -> Saying:
    """After it is."""
    line = voice.say("Everything else stays as you chose it. We have told the old address of it.")
    return Saying(voice.say("Your mail comes to the new address now"), (line,))


def say_taken(voice: Voice) -> Saying:
    """Where the new address is a reader's by itself."""
    return Saying(
        voice.say("This address gets mail from us already"),
        (
            voice.say(
                "It is subscribed by itself, so nothing was changed. Leave with the link in a "
                "mail to your old address, and choose what you get here with the link in a mail "
                "to this one."
            ),
        ),
    )


def say_refused(voice: Voice, contact: str) -> Saying:
    """Where the new address is one that nothing is sent to."""
    return Saying(voice.say("This has not been saved yet"), (say_suppressed(voice, contact),))


def say_suppressed(voice: Voice, contact: str) -> str:
    """Why nothing is sent to an address that bounced or complained."""
    return voice.say(
        "Mail to your address came back, or was reported as unwanted, so nothing is sent to it at "
        "present. To have this changed, please write to us: {contact}",
        contact=contact,
    )
