"""Why readers are refused: what the short words that providers are translated into mean."""

from __future__ import annotations

from service.delivery.limits import GIVEN_UP
from service.words.voice import Voice


def say_refusal(voice: Voice, reason: str) -> str:
    """Why readers are refused, with the word it is kept under; a provider's own stays as it is."""
    if not reason:
        return voice.say("no reason given")
    if reason.startswith(GIVEN_UP):
        last = reason.removeprefix(GIVEN_UP).strip()
        return voice.say(
            "given up after three days: {reason}", reason=say_refusal(voice, last) if last else last
        )
    known = _list_known(voice).get(reason)
    return f"{known} ({reason})" if known else voice.retell(reason).says


def _list_known(voice: Voice) -> dict[str, str]:
    say = voice.say
    not_taken = say("The provider took neither the mail nor the address.")
    content = say("What the mail says was refused.")
    busy = say("The mailbox could not take it then.")
    return {
        "bad_request": not_taken,
        "invalid_parameter": not_taken,
        "invalid_request": not_taken,
        "invalid_address": say("The address is not one that can be written to."),
        "no_mailbox": say("There is no such mailbox."),
        "inactive": say("The provider keeps a list of its own, and does not write to this one."),
        "put_off": busy,
        "transient": busy,
        "too_large": say("The mail is too large."),
        "policy": say("The receiving server's rules do not allow it."),
        "content_refused": content,
        "message_rejected": content,
        "failed": say("The provider could not send it."),
    }
