"""What the desk says of posts: what they are, what keeps them out of mail and feeds, and why."""

from __future__ import annotations

from service.editions.news import NewsVerdict
from service.model.post import Hold, Post, Verdict
from service.publishing import Absence, AbsenceReason
from service.scanning.holding import HELD_NOTE, RELEASED_NOTE
from service.words.voice import Voice


def name_verdict(voice: Voice, verdict: Verdict) -> str:
    """What became of a file."""
    match verdict:
        case Verdict.PUBLISHED:
            return voice.say_of("a post", "published")
        case Verdict.SCHEDULED:
            return voice.say_of("a post", "scheduled")
        case Verdict.DRAFT:
            return voice.say_of("a post", "draft")
        case Verdict.NOT_A_POST:
            return voice.say_of("a file", "not a post")
        case Verdict.QUARANTINED:
            return voice.say_of("a file", "cannot be read")


def name_hold(voice: Voice, hold: Hold) -> str:
    """What keeps a post out of mail."""
    match hold:
        case Hold.GATE:
            return voice.say("held by the gate")
        case Hold.MASS:
            return voice.say("held: many came at once")
        case Hold.EDITOR:
            return voice.say("held by an editor")


def find_note(post: Post) -> str:
    """What an editor noted when holding or releasing; "" where only the program speaks."""
    is_ours = post.hold_note in {HELD_NOTE, RELEASED_NOTE} or post.hold in {Hold.GATE, Hold.MASS}
    return "" if is_ours else post.hold_note


def say_news(voice: Voice, verdict: NewsVerdict) -> str:
    """Why a post without a number is no news, or when it will be."""
    match verdict:
        case NewsVerdict.NEWS:
            return voice.say("It is news with the next look at the posts.")
        case NewsVerdict.KNOWN:
            return voice.say("No news: it was there before the newsletter began.")
        case NewsVerdict.NOT_PUBLISHED:
            return voice.say("No news yet: it is a draft, or its date has not come.")
        case NewsVerdict.EXPIRED:
            return voice.say("No news: it has expired.")
        case NewsVerdict.FILTERED:
            return voice.say("No news: this newsletter asks for other categories or tags.")
        case NewsVerdict.NOT_MAILABLE:
            return voice.say("No news: the file itself keeps it out of mail.")
        case NewsVerdict.HELD:
            return voice.say("No news yet: it is held. Release it to let it go.")
        case NewsVerdict.LATE:
            return voice.say("No news: it was first seen too long after its date.")
        case NewsVerdict.SETTLING:
            return voice.say("No news yet: its file was changed a moment ago.")


def say_absence(voice: Voice, absence: Absence) -> str:
    """Why no feed shows a post."""
    match absence.reason:
        case AbsenceReason.GONE:
            return voice.say("In no feed: its file is gone.")
        case AbsenceReason.DRAFT:
            return voice.say("In no feed: it is a draft.")
        case AbsenceReason.LEFT_OUT:
            return voice.say("In no feed: the file says so, or there is nothing in it to show.")
        case AbsenceReason.TO_COME:
            return voice.say("In no feed yet: its date has not come.")
        case AbsenceReason.EXPIRED:
            return voice.say("In no feed: it has expired.")
        case AbsenceReason.SAME_ADDRESS:
            return voice.say(
                "In no feed: {path} is newer and has the same address.", path=absence.served_path
            )


def say_mending(voice: Voice, code: str) -> str:
    """How to mend a file that cannot be read, by its fault."""
    return {
        "alias": voice.say("Write the value out in each place instead of pointing at it."),
        "date": voice.say("Write the date such as 2026-11-21 09:00:00 +0900."),
        "duplicate-id": voice.say("Give one of the two files another id, or take it out."),
        "encoding": voice.say("Save the file as UTF-8."),
        "no_date": voice.say("Add a line with the date to the front matter."),
        "no_front_matter": voice.say("Put the front matter back: without it this is no post."),
        "permalink": voice.say("Take the permalink out, or write a path such as /news/name/."),
        "too_large": voice.say("Shorten the front matter, or move what is long into the text."),
        "too_deep": voice.say("Write the front matter with fewer levels."),
        "unclosed": voice.say("Close the front matter with the same line that opens it."),
        "unreadable": voice.say("Let the service read the file: look at its permissions."),
        "yaml": voice.say("Mend the line named: quotes, colons and indentation are usual causes."),
        "toml": voice.say("Mend the line named: quotes and brackets are usual causes."),
    }.get(code, voice.say("Mend what is named, and save the file; it is read again by itself."))
