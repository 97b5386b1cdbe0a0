"""What is said in each notice: a few sentences around one button."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

Say = Callable[[str], str]
"""Says an English sentence in the language wanted, its {names} filled."""


@dataclass(frozen=True, slots=True)
class NoticeWords:
    """The words of one notice; `stories` stands above posts, in a notice that shows some.

    `other` is what the other way than the button is called, where there is one.
    """

    subject: str
    preheader: str
    heading: str
    before: tuple[str, ...]
    button: str
    after: tuple[str, ...] = ()
    why: str = ""
    stories: str = ""
    other: str = ""


def _say_confirm(say: Say) -> NoticeWords:
    return NoticeWords(
        subject=say("Please confirm your subscription to {newsletter}"),
        preheader=say("One press, and the next issue comes to you."),
        heading=say("Do you want to get {newsletter}?"),
        before=(
            say(
                "Somebody, most likely you, entered this address on the sign-up page of"
                " {publication}. Nothing is sent until you confirm it."
            ),
        ),
        button=say("Confirm the subscription"),
        after=(
            say(
                "If it was not you, do nothing: without a confirmation"
                " you will not hear from us again."
            ),
        ),
    )


def _say_subscribed(say: Say) -> NoticeWords:
    return NoticeWords(
        subject=say("You are already subscribed to {newsletter}"),
        preheader=say("Nothing has changed. Here you can change what you get."),
        heading=say("You are already on the list of {newsletter}"),
        before=(
            say(
                "Somebody, most likely you, entered this address on the sign-up page of"
                " {publication}. It is subscribed already, so nothing has changed."
            ),
        ),
        button=say("Choose what you get"),
        after=(say("If it was not you, do nothing."),),
    )


def _say_welcome(say: Say) -> NoticeWords:
    return NoticeWords(
        subject=say("Welcome to {newsletter}"),
        preheader=say("You can change how often it comes, and what is in it, at any time."),
        heading=say("You are on the list of {newsletter}"),
        before=(
            say("Thank you for confirming. From now on it comes to this address."),
            say("How often, at what hour and about what: that is for you to choose."),
        ),
        button=say("Choose what you get"),
        why=say("You get this mail because you have just subscribed to {newsletter}."),
        stories=say("From the latest issue"),
    )


def _say_address_change(say: Say) -> NoticeWords:
    return NoticeWords(
        subject=say("Change the address that {publication} writes to"),
        preheader=say("The link works for an hour."),
        heading=say("Do you want your mail to go to another address?"),
        before=(
            say(
                "Somebody, most likely you, asked on the pages of {publication}"
                " to change the address of your subscriptions."
            ),
        ),
        button=say("Enter the new address"),
        after=(_say_how_long(say),),
    )


def _say_address_confirm(say: Say) -> NoticeWords:
    return NoticeWords(
        subject=say("Please confirm your new address for {publication}"),
        preheader=say("One press, and your mail comes here."),
        heading=say("Shall your mail come to this address?"),
        before=(
            say(
                "A reader of {publication} gave this address as their new one."
                " It counts when you confirm it."
            ),
        ),
        button=say("Use this address"),
        after=(_say_how_long(say),),
    )


def _say_address_changed(say: Say) -> NoticeWords:
    return NoticeWords(
        subject=say("Your mail from {publication} goes to another address now"),
        preheader=say("Nothing more comes to this one."),
        heading=say("Your mail goes to another address now"),
        before=(
            say(
                "This was asked for with a link mailed here, and confirmed from the new"
                " address. Nothing more of {publication} comes to this one."
            ),
        ),
        button=say("Open the front page"),
        after=(say("If it was not you, please write to us: {contact}"),),
    )


def _say_export_ready(say: Say) -> NoticeWords:
    return NoticeWords(
        subject=say("What {publication} knows about you"),
        preheader=say("Your data is ready. The link works for an hour."),
        heading=say("Your data is ready"),
        before=(
            say(
                "You asked for a copy of everything that {publication} keeps about you:"
                " your subscriptions, your choices, and when you gave your consent."
            ),
        ),
        button=say("Get the data"),
        after=(_say_how_long(say),),
    )


def _say_erase_confirm(say: Say) -> NoticeWords:
    return NoticeWords(
        subject=say("Erase what {publication} knows about you"),
        preheader=say("Nothing is erased until you confirm it. The link works for an hour."),
        heading=say("Do you want to be forgotten?"),
        before=(
            say(
                "You asked {publication} to erase your address and everything kept with it."
                " All your subscriptions end then, and it cannot be undone."
            ),
        ),
        button=say("Erase my data"),
        after=(_say_how_long(say),),
    )


def _say_sign_in(say: Say) -> NoticeWords:
    return NoticeWords(
        subject=say("Sign in to the desk of {publication}"),
        preheader=say("The link works once, for a quarter of an hour."),
        heading=say("Here is your way to the desk"),
        before=(say("Open it in the browser in which you asked for it, and press the button."),),
        button=say("Sign in"),
        after=(say("If it was not you, do nothing: without this link nobody gets in."),),
    )


def _say_approval_notice(say: Say) -> NoticeWords:
    return NoticeWords(
        subject=say("[leaves by itself] {subject}"),
        preheader=say("It leaves at {leaves}, unless somebody holds it."),
        heading=say("The next {newsletter} ({cadence}) leaves at {leaves}"),
        before=(
            say("Subject: {subject}"),
            say("It goes to {readers} at the most. Do nothing, and it leaves at that time."),
        ),
        button=say("Look at it and approve it"),
        other=say("Hold it"),
        after=(_say_once(say),),
        stories=say("What is in it"),
    )


def _say_approval_wanted(say: Say) -> NoticeWords:
    return NoticeWords(
        subject=say("[waits for approval] {subject}"),
        preheader=say("It does not leave before somebody approves it."),
        heading=say("The next {newsletter} ({cadence}) waits for an approval"),
        before=(
            say("Subject: {subject}"),
            say(
                "It goes to {readers} at the most, at {leaves}, or as soon as it is approved after"
                " that. Do nothing, and it stays here."
            ),
        ),
        button=say("Look at it and approve it"),
        other=say("Hold it"),
        after=(_say_once(say),),
        stories=say("What is in it"),
    )


def _say_once(say: Say) -> str:
    return say("These links are yours alone, and work once. Please do not forward this mail.")


def _say_how_long(say: Say) -> str:
    return say("The link works for an hour. If it was not you, do nothing: nothing will change.")


NOTICES: Mapping[str, Callable[[Say], NoticeWords]] = MappingProxyType(
    {
        "confirm": _say_confirm,
        "subscribed": _say_subscribed,
        "welcome": _say_welcome,
        "address-change": _say_address_change,
        "address-confirm": _say_address_confirm,
        "address-changed": _say_address_changed,
        "export-ready": _say_export_ready,
        "erase-confirm": _say_erase_confirm,
        "sign-in": _say_sign_in,
        "approval-notice": _say_approval_notice,
        "approval-wanted": _say_approval_wanted,
    }
)
"""The words of every notice, by its name."""
