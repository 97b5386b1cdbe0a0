"""Every word that Kawaraban says in a mail to readers, in English."""

from __future__ import annotations

from datetime import date
from types import MappingProxyType

from service.editions.word_forms import NoticeWords, Words
from service.model.newsletter import Cadence

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_LIVES_AN_HOUR = "The link works for an hour. If it was not you, do nothing: nothing will change."


def _write_day(day: date) -> str:
    return f"{_MONTHS[day.month - 1]} {day.day}"


def _write_date(day: date) -> str:
    return f"{_write_day(day)}, {day.year}"


def _write_issue(day: date) -> str:
    return f"{_DAYS[day.weekday()]}, {_write_date(day)}"


ENGLISH = Words(
    language="en",
    subject_one="{first}",
    subject_many="{first}, and {others} more",
    subject_end=" | {title}, {day}",
    subject_announcement="{title}, {day}",
    contents_one="1 story",
    contents_many="{count} stories",
    contents_more=", and {more} more on the site",
    more_one="See 1 more",
    more_many="See {count} more",
    rest_one="1 story",
    rest_many="{count} stories",
    more_heading="Also new",
    other_posts="Other stories",
    read_on="Read on",
    view="Read in the browser",
    picture="Picture: {title}",
    byline_join=", ",
    why="You get this mail because you subscribed to {title} ({cadence}).",
    why_by_hand="You get this mail because you subscribed to {title}.",
    cadences=MappingProxyType(
        {
            Cadence.EACH: "each story as it appears",
            Cadence.DAILY: "daily",
            Cadence.WEEKLY: "weekly",
            Cadence.MONTHLY: "monthly",
        }
    ),
    choices="You can change what you get, or leave, at any time:",
    preferences="Change what you get",
    unsubscribe="Unsubscribe",
    sender="Sent by",
    postal_address="Address",
    contact="Contact",
    notices=MappingProxyType(
        {
            "confirm": NoticeWords(
                subject="Please confirm your subscription to {newsletter}",
                preheader="One press, and the next issue comes to you.",
                heading="Do you want to get {newsletter}?",
                before=(
                    (
                        "Somebody, most likely you, entered this address on the sign-up page of"
                        " {publication}. Nothing is sent until you confirm it."
                    ),
                ),
                button="Confirm the subscription",
                after=(
                    (
                        "If it was not you, do nothing: without a confirmation"
                        " you will not hear from us again."
                    ),
                ),
            ),
            "subscribed": NoticeWords(
                subject="You are already subscribed to {newsletter}",
                preheader="Nothing has changed. Here you can change what you get.",
                heading="You are already on the list of {newsletter}",
                before=(
                    (
                        "Somebody, most likely you, entered this address on the sign-up page of"
                        " {publication}. It is subscribed already, so nothing has changed."
                    ),
                ),
                button="Choose what you get",
                after=("If it was not you, do nothing.",),
            ),
            "welcome": NoticeWords(
                subject="Welcome to {newsletter}",
                preheader="You can change how often it comes, and what is in it, at any time.",
                heading="You are on the list of {newsletter}",
                before=(
                    "Thank you for confirming. From now on it comes to this address.",
                    "How often, at what hour and about what: that is for you to choose.",
                ),
                button="Choose what you get",
                after=(),
                why="You get this mail because you have just subscribed to {newsletter}.",
                stories="From the latest issue",
            ),
            "address-change": NoticeWords(
                subject="Change the address that {publication} writes to",
                preheader="The link works for an hour.",
                heading="Do you want your mail to go to another address?",
                before=(
                    (
                        "Somebody, most likely you, asked on the pages of {publication}"
                        " to change the address of your subscriptions."
                    ),
                ),
                button="Enter the new address",
                after=(_LIVES_AN_HOUR,),
            ),
            "address-confirm": NoticeWords(
                subject="Please confirm your new address for {publication}",
                preheader="One press, and your mail comes here.",
                heading="Shall your mail come to this address?",
                before=(
                    (
                        "A reader of {publication} gave this address as their new one."
                        " It counts when you confirm it."
                    ),
                ),
                button="Use this address",
                after=(_LIVES_AN_HOUR,),
            ),
            "address-changed": NoticeWords(
                subject="Your mail from {publication} goes to another address now",
                preheader="Nothing more comes to this one.",
                heading="Your mail goes to another address now",
                before=(
                    (
                        "This was asked for with a link mailed here, and confirmed from the new"
                        " address. Nothing more of {publication} comes to this one."
                    ),
                ),
                button="Open the front page",
                after=("If it was not you, please write to us: {contact}",),
            ),
            "export-ready": NoticeWords(
                subject="What {publication} knows about you",
                preheader="Your data is ready. The link works for an hour.",
                heading="Your data is ready",
                before=(
                    (
                        "You asked for a copy of everything that {publication} keeps about you:"
                        " your subscriptions, your choices, and when you gave your consent."
                    ),
                ),
                button="Get the data",
                after=(_LIVES_AN_HOUR,),
            ),
            "erase-confirm": NoticeWords(
                subject="Erase what {publication} knows about you",
                preheader="Nothing is erased until you confirm it. The link works for an hour.",
                heading="Do you want to be forgotten?",
                before=(
                    (
                        "You asked {publication} to erase your address and everything kept with it."
                        " All your subscriptions end then, and it cannot be undone."
                    ),
                ),
                button="Erase my data",
                after=(_LIVES_AN_HOUR,),
            ),
        }
    ),
    write_day=_write_day,
    write_date=_write_date,
    write_issue=_write_issue,
)
