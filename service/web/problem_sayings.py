"""What a page says when there is none, or nothing can be done: nothing of the inside."""

from __future__ import annotations

from service.web.saying import Saying
from service.words.voice import Voice


def say_problem(voice: Voice, status: int) -> Saying:
    """What to say when a request ends in this status."""
    match status:
        case 403:
            return Saying(
                voice.say("This form came from another site"),
                (voice.say("So nothing was changed. Please use the form on our own page."),),
            )
        case 404:
            return _say_missing(voice)
        case 405:
            return Saying(
                voice.say("That cannot be done here"),
                (voice.say("This address does something else."),),
            )
        case 410:
            return _say_ended(voice)
        case 413:
            return Saying(
                voice.say("That is too much"),
                (voice.say("What was sent is larger than anything we take."),),
            )
        case 422:
            return Saying(
                voice.say("That could not be understood"),
                (voice.say("A field is missing, or holds what it cannot. Nothing was changed."),),
            )
        case 503:
            return Saying(
                voice.say("One moment, please"),
                (voice.say("The service is busy just now. Please try again in a minute."),),
            )
        case _:
            return Saying(
                voice.say("Something went wrong on our side"),
                (voice.say("It has been written down. Please try again in a moment."),),
            )


def say_expired(voice: Voice) -> Saying:
    """What to say of a link that lived for an hour."""
    return Saying(
        voice.say("This link has expired"),
        (
            voice.say(
                "Links to your data work for an hour. To get a new one, open “Change what you "
                "get” in any of our mails."
            ),
        ),
    )


def _say_missing(voice: Voice) -> Saying:
    return Saying(
        voice.say("There is no such page"),
        (
            voice.say(
                "The address may be incomplete: mail programs sometimes break long links. "
                "Or what was here has moved."
            ),
            voice.say("Everything there is to read starts on the front page."),
        ),
    )


def _say_ended(voice: Voice) -> Saying:
    return Saying(
        voice.say("This feed has ended"),
        (
            voice.say(
                "There are no posts for it any more. Should some come again, it is back here."
            ),
            voice.say("Everything there is to read starts on the front page."),
        ),
    )
