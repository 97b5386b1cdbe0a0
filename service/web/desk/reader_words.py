"""What the desk says of readers: where they stand, what became of their mail, and why."""

from __future__ import annotations

from service.audience.origins import ORIGINS
from service.model.delivery import DeliveryState
from service.model.edition import EditionState
from service.model.reader_list import DroppedFor, ListState, ReaderList
from service.model.subscriber import Subscription, SubscriptionState, SuppressionReason
from service.store.readership import ReaderEdition
from service.words.voice import Voice


def name_state(voice: Voice, state: SubscriptionState) -> str:
    """Where a subscription stands."""
    match state:
        case SubscriptionState.PENDING:
            return voice.say_of("a reader", "not yet confirmed")
        case SubscriptionState.ACTIVE:
            return voice.say_of("a reader", "subscribed")
        case SubscriptionState.UNSUBSCRIBED:
            return voice.say_of("a reader", "left")


def name_suppression(voice: Voice, reason: SuppressionReason) -> str:
    """Why nothing is sent to an address."""
    match reason:
        case SuppressionReason.HARD_BOUNCE:
            return voice.say("mail came back for good")
        case SuppressionReason.SOFT_BOUNCES:
            return voice.say("mail kept coming back")
        case SuppressionReason.COMPLAINT:
            return voice.say("reported as spam")
        case SuppressionReason.MANUAL:
            return voice.say("by hand")
        case SuppressionReason.ERASED:
            return voice.say("erased")


def name_delivery(voice: Voice, state: DeliveryState) -> str:
    """What became of one mail to one reader."""
    return {
        DeliveryState.PLANNED: voice.say_of("a mail", "waits to leave"),
        DeliveryState.CLAIMED: voice.say_of("a mail", "is leaving"),
        DeliveryState.ACCEPTED: voice.say_of("a mail", "handed over"),
        DeliveryState.DEFERRED: voice.say_of("a mail", "delayed on its way"),
        DeliveryState.DELIVERED: voice.say_of("a mail", "arrived"),
        DeliveryState.BOUNCED: voice.say_of("a mail", "came back"),
        DeliveryState.COMPLAINED: voice.say_of("a mail", "reported as spam"),
        DeliveryState.REFUSED: voice.say_of("a mail", "refused"),
        DeliveryState.UNKNOWN: voice.say_of("a mail", "nobody knows"),
        DeliveryState.SUPPRESSED: voice.say_of("a mail", "not sent: address blocked"),
        DeliveryState.CANCELLED: voice.say_of("a mail", "not sent: cancelled"),
    }[state]


def rate_delivery(state: DeliveryState) -> str:
    """The kind of badge for it."""
    if state in {DeliveryState.ACCEPTED, DeliveryState.DELIVERED}:
        return "good"
    if state in {DeliveryState.PLANNED, DeliveryState.CLAIMED, DeliveryState.DEFERRED}:
        return ""
    return "bad" if state is not DeliveryState.CANCELLED else "warn"


_NEVER_SENT = {
    EditionState.CANCELLED,
    EditionState.EMPTY,
    EditionState.MERGED,
}


def say_why(voice: Voice, one: ReaderEdition, theirs: Subscription) -> str:
    """Why a reader got an edition, or did not."""
    edition = one.edition
    if one.state is not None:
        chosen = voice.say("their topics") if theirs.topics else voice.say("everything")
        return voice.say_count(
            "{count} story, chosen from {topics}",
            "{count} stories, chosen from {topics}",
            one.posts,
            topics=chosen,
        )
    if edition.state in _NEVER_SENT:
        return voice.say("It was never sent.")
    if edition.frozen_at is None:
        return voice.say("Its readers are not fixed yet.")
    joined_at = theirs.confirmed_at or theirs.created_at
    if edition.frozen_at <= joined_at or theirs.state is SubscriptionState.PENDING:
        return voice.say("It was made before they subscribed.")
    if theirs.ended_at is not None and edition.frozen_at > theirs.ended_at:
        return voice.say("It was made after they left.")
    cadences = [edition.cadence] if edition.cadence else edition.audience.cadences
    if cadences and theirs.cadence not in cadences:
        return voice.say("It went to readers of another rhythm.")
    return voice.say("Nothing in it was new to them or among their topics, or they had paused.")


def name_list_state(voice: Voice, one: ReaderList) -> tuple[str, str]:
    """Where an uploaded list stands, and the kind of badge for it."""
    match one.state:
        case ListState.WAITING if one.is_rehearsal:
            return voice.say_of("a list", "being looked through"), ""
        case ListState.WAITING:
            return voice.say_of("a list", "being brought in"), "warn"
        case ListState.REHEARSED:
            return voice.say_of("a list", "waits for you"), "warn"
        case ListState.DONE:
            return voice.say_of("a list", "brought in"), "good"
        case ListState.FAILED:
            return voice.say_of("a list", "failed"), "bad"
        case ListState.DROPPED:
            return voice.say_of("a list", "put away"), ""


def say_failure(voice: Voice, one: ReaderList) -> str:
    """Why a list came to nothing; "" for one that did not, or whose reason is not ours."""
    if one.state is not ListState.DROPPED:
        return ""
    match one.failure:
        case DroppedFor.ASKED:
            return voice.say("An editor put it away. Its file is deleted.")
        case DroppedFor.EXPIRED:
            return voice.say("Nobody brought it in within a day. Its file is deleted.")
        case DroppedFor.ERASED:
            return voice.say(
                "Somebody who stands in it had themselves erased since it was uploaded. "
                "Its file is deleted; take them out of yours before you upload it again."
            )
        case _:
            return ""


def name_origin(voice: Voice, name: str) -> str:
    """Which service wrote a list; services keep their names in every language."""
    return voice.say("a plain sheet") if name == "plain" else ORIGINS[name].title


def list_list_counts(voice: Voice, one: ReaderList) -> list[tuple[str, int, str]]:
    """The counts of a list by kind, each with what it means; kinds that nobody is are left out."""
    counted = (*_count_taken(voice, one), *_count_left_out(voice, one))
    return [(label, count, meaning) for label, count, meaning in counted if count]


def _count_taken(voice: Voice, one: ReaderList) -> tuple[tuple[str, int, str], ...]:
    report = one.counts.report
    asked = (
        voice.say("nothing proves that they said yes: each is asked by mail, once")
        if one.is_rehearsal
        else voice.say("asked by mail; who was asked too often or too lately is not")
    )
    return (
        (
            voice.say_of("readers of a list", "confirmed"),
            report.get("proven", 0),
            voice.say("not asked again: the list shows that they said yes"),
        ),
        (
            voice.say_of("readers of a list", "vouched for"),
            report.get("vouched", 0),
            voice.say("not asked: you say that they said yes"),
        ),
        (voice.say_of("readers of a list", "to confirm"), report.get("asked", 0), asked),
        (
            voice.say_of("readers of a list", "unsubscribed"),
            report.get("unsubscribed", 0),
            voice.say("kept as such"),
        ),
        (
            voice.say_of("readers of a list", "already there"),
            report.get("already", 0),
            voice.say("left as they are"),
        ),
        (
            voice.say_of("readers of a list", "left since"),
            report.get("ended", 0),
            voice.say("of those already there: unsubscribed here too"),
        ),
    )


def _count_left_out(voice: Voice, one: ReaderList) -> tuple[tuple[str, int, str], ...]:
    counts, report = one.counts, one.counts.report
    return (
        (
            voice.say_of("readers of a list", "blocked there"),
            report.get("blocked", 0),
            voice.say("bounced, complained or blocked there: blocked here too"),
        ),
        (
            voice.say_of("readers of a list", "blocked here"),
            report.get("suppressed", 0),
            voice.say("left out: nothing is sent to these addresses"),
        ),
        (
            voice.say_of("readers of a list", "erased"),
            report.get("erased", 0),
            voice.say("left out: only they themselves come back"),
        ),
        (
            voice.say_of("readers of a list", "strangers"),
            counts.strangers,
            voice.say("left out: they never subscribed"),
        ),
        (
            voice.say_of("readers of a list", "folded"),
            counts.folded,
            voice.say("rows on somebody met before in it"),
        ),
        (
            voice.say_of("readers of a list", "not read"),
            counts.unreadable,
            voice.say("rows with mistakes; the others are taken"),
        ),
    )


def name_notice(voice: Voice, purpose: str) -> str:
    """What a mail was that was no edition."""
    return {
        "confirm": voice.say("Confirmation"),
        "subscribed": voice.say("Reminder that they are subscribed"),
        "welcome": voice.say("Welcome"),
        "export-ready": voice.say("Link to a copy of their data"),
        "erase-confirm": voice.say("Link to be erased"),
        "address-change": voice.say("Link to another address"),
        "address-confirm": voice.say("Confirmation of a new address"),
        "address-changed": voice.say("Word of a changed address"),
        "test": voice.say("Test"),
    }.get(purpose, purpose)
