"""What one reader gets next, and why not the rest, in the visitor's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.delivery.explaining import Answer, Standing, Why
from service.model.newsletter import Newsletter
from service.model.publication import Publication
from service.model.subscriber import SubscriptionState
from service.web.desk.edition_words import say_reason, say_skipped
from service.web.desk.reader_words import name_state
from service.web.desk.readership_view import name_newsletter
from service.words.voice import Voice


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """A post, and whether it is for this reader."""

    post_id: int
    title: str
    published: str
    gets_it: bool
    why: str


@dataclass(frozen=True, slots=True)
class OutlookView:
    """One newsletter of a reader: when the next mail leaves, or why none does."""

    title: str
    at: str
    subject: str
    note: str
    answers: tuple[AnswerLine, ...]


def show_outlook(
    voice: Voice,
    publication: Publication,
    newsletters: Mapping[str, Newsletter],
    standings: Sequence[Standing],
) -> list[OutlookView]:
    """Every subscription with its next mail and every recent post."""
    return [
        OutlookView(
            title=name_newsletter(newsletters, one.subscription.newsletter_id),
            at=voice.write_moment(publication.localise(one.at)) if one.at else "",
            subject=one.subject,
            note=say_note(voice, one),
            answers=tuple(_show_answer(voice, publication, each) for each in one.answers),
        )
        for one in standings
    ]


def say_note(voice: Voice, one: Standing) -> str:
    """Why nothing comes, or what the next mail waits for."""
    state = one.subscription.state
    if state is not SubscriptionState.ACTIVE and one.at is None and not one.answers:
        return voice.say("Nothing comes: {state}.", state=name_state(voice, state))
    known = {
        "nothing is news yet": voice.say("There is no news for them yet."),
        "no news by then": voice.say("There is no news for them yet."),
        "the address is suppressed": voice.say("Nothing is sent to this address."),
        "waits for approval": voice.say("It waits for approval."),
        "the newsletter is not configured any more": voice.say(
            "This newsletter is not published any more."
        ),
    }.get(one.note)
    if known is not None:
        return known
    skipped = say_skipped(voice, one.note)
    return skipped if skipped != one.note else say_reason(voice, one.note)


def say_answer(voice: Voice, answer: Answer) -> str:
    """Why a reader gets a post, or does not."""
    about = answer.about
    said = {
        Why.MAILED: voice.say("in the next mail"),
        Why.FOLDED: voice.say("told by a newer one with nearly the same title: {file}", file=about),
        Why.COUNTED: voice.say("only counted among “more”: the mail is full"),
        Why.HAD: voice.say("was in edition {edition}", edition=about.partition(": ")[0]),
        Why.PAUSED: voice.say("they have paused"),
        Why.BEFORE: voice.say("was news before they joined, or before an earlier mail to them"),
        Why.OTHER_TOPIC: voice.say("not among the topics they chose"),
        Why.BARRED: voice.say("may not be mailed any more"),
        Why.NEWS: voice.say("news, for a later edition"),
        Why.KNOWN: voice.say("was there before the first look at the posts"),
        Why.NOT_PUBLISHED: voice.say("not published by then"),
        Why.EXPIRED: voice.say("expired"),
        Why.FILTERED: voice.say("not what this newsletter is about"),
        Why.NOT_MAILABLE: voice.say("marked as not for mail"),
        Why.HELD: voice.say("held back from mail"),
        Why.LATE: voice.say("came too late after its date; it can be released"),
        Why.SETTLING: voice.say("changed too lately"),
    }
    return said[answer.kind]


def _show_answer(voice: Voice, publication: Publication, answer: Answer) -> AnswerLine:
    post, why = answer.post, say_answer(voice, answer)
    if answer.later_at is not None:
        moment = voice.write_moment(publication.localise(answer.later_at))
        why = voice.say("{why}; news from {moment}", why=why, moment=moment)
    return AnswerLine(
        post_id=post.post_id,
        title=post.title,
        published=voice.write_date(publication.localise(post.published_at).date()),
        gets_it=answer.gets_it,
        why=why,
    )
