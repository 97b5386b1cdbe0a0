"""A reader's choices for all newsletters: as they stand, and as they are to be from now on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from service.audience.tokens import Purpose
from service.errors import NotAllowedError, TokenError
from service.membership.asking import write_link
from service.membership.foreseeing import NextMail, foresee_mail
from service.membership.links import find_reader
from service.membership.offering import Topic, list_topics
from service.membership.register import Register
from service.membership.welcoming import plan_welcome
from service.model.newsletter import Cadence, Newsletter
from service.model.subscriber import Consent, Subscription, SubscriptionState
from service.store import choices as kept
from service.store.choices import Manner
from service.store.database import Database
from service.store.happenings import tell_of_confirmed
from service.store.labels import Labels, list_labels
from service.store.news import open_newsletter
from service.store.subscribers import (
    NewSubscription,
    Reader,
    activate_subscription,
    add_subscriptions,
    end_subscriptions,
    find_subscription,
    list_being_erased,
)
from service.store.suppressions import find_suppression

CONSENT_SOURCE = "preferences"
"""How a reader came to be subscribed who added a newsletter to others."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a reader wants of one newsletter; `topics` empty means everything.

    `send_hour` None means when the edition leaves for everybody.
    """

    is_on: bool
    cadence: Cadence
    topics: tuple[str, ...]
    language: str
    send_hour: int | None


@dataclass(frozen=True, slots=True)
class Choices:
    """What a reader wants, by newsletter; a `timezone` of None is the publication's.

    `paused_until` is None for a reader who does not pause.
    """

    newsletters: Mapping[str, Choice]
    timezone: str | None
    paused_until: datetime | None


@dataclass(frozen=True, slots=True)
class Offer:
    """A newsletter as it is offered to one reader; `next_mail` is None where nothing will come."""

    newsletter: Newsletter
    topics: tuple[Topic, ...]
    next_mail: NextMail | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand with a reader; `language` is the one their link speaks."""

    reader: Reader
    choices: Choices
    offers: tuple[Offer, ...]
    is_suppressed: bool

    @property
    def language(self) -> str:
        """The language to speak to them in."""
        return self.reader.subscription.language


def find_standing(database: Database, register: Register, token: str, now: datetime) -> Standing:
    """How things stand with the reader of a preferences link; raises TokenError."""
    reader = find_reader(database, register, Purpose.PREFERENCES, token)
    address = reader.subscriber.address or ""
    with database.reading() as connection:
        if list_being_erased(connection, [address]):
            raise TokenError("this link belongs to somebody who is being erased")
        theirs = kept.list_subscriptions_of(connection, address)
        choices = _read_choices(connection, register, reader, theirs, now)
        labels = list_labels(connection, now)
        next_mails = _foresee(connection, register, reader, theirs, choices.paused_until, now)
        is_suppressed = find_suppression(connection, address) is not None
    offers = [
        _compose_offer(one, labels, choices, {} if is_suppressed else next_mails, now)
        for one in register.newsletters.values()
    ]
    return Standing(reader, choices, tuple(offers), is_suppressed)


def choose(
    database: Database,
    register: Register,
    token: str,
    choices: Choices,
    consents: Mapping[str, str],
    now: datetime,
) -> None:
    """Let everything come as the reader wants it; raises TokenError.

    `consents` are the words beside what subscribes to each newsletter: a newsletter that is added
    needs no confirmation by mail, because the link itself came by mail. What a reader was served
    so far stays known, so that no change repeats a post or loses one.
    """
    reader = find_reader(database, register, Purpose.PREFERENCES, token)
    address = reader.subscriber.address or ""
    with database.writing() as connection:
        if list_being_erased(connection, [address]):
            raise TokenError("this link belongs to somebody who is being erased")
        theirs = kept.list_subscriptions_of(connection, address)
        for newsletter_id, choice in choices.newsletters.items():
            manner = _compose_manner(choice, choices.timezone)
            one = theirs.get(newsletter_id)
            if not choice.is_on:
                _leave(connection, one, manner, now)
            elif one is not None and one.state is SubscriptionState.ACTIVE:
                kept.change_manner(connection, one.subscription_id, manner)
            else:
                consent = Consent(CONSENT_SOURCE, consents.get(newsletter_id, ""), now)
                wanted = _compose_wanted(address, newsletter_id, manner, consent, now)
                _join(connection, register, one, wanted, now)
        kept.pause_reader(connection, reader.subscriber.subscriber_id, choices.paused_until)


def link_choices(database: Database, register: Register, address: str) -> str:
    """The preferences link of an address; raises NotAllowedError when no reader has it."""
    with database.reading() as connection:
        theirs = kept.list_subscriptions_of(connection, address).values()
    active = [one for one in theirs if one.state is SubscriptionState.ACTIVE]
    for one in (*active, *theirs):
        return write_link(register, "preferences", Purpose.PREFERENCES, one.subscription_id)
    raise NotAllowedError("there is no reader with this address")


def leave_everything(database: Database, register: Register, token: str, now: datetime) -> int:
    """End every subscription of a link's reader; how many that were. Raises TokenError."""
    reader = find_reader(database, register, Purpose.PREFERENCES, token)
    with database.writing() as connection:
        return end_subscriptions(connection, reader.subscriber.subscriber_id, now)


def _read_choices(
    connection: Connection,
    register: Register,
    reader: Reader,
    theirs: Mapping[str, Subscription],
    now: datetime,
) -> Choices:
    paused_until = kept.find_pause(connection, reader.subscriber.subscriber_id)
    return Choices(
        newsletters={
            newsletter_id: _read_choice(newsletter, theirs.get(newsletter_id), reader)
            for newsletter_id, newsletter in register.newsletters.items()
        },
        timezone=reader.subscription.timezone,
        paused_until=paused_until if paused_until is not None and paused_until > now else None,
    )


def _read_choice(newsletter: Newsletter, one: Subscription | None, reader: Reader) -> Choice:
    if one is None:
        hour = reader.subscription.send_hour
        return Choice(False, newsletter.default_cadence, (), newsletter.language, hour)
    is_offered = one.cadence in newsletter.cadences
    return Choice(
        is_on=one.state is SubscriptionState.ACTIVE,
        cadence=one.cadence if is_offered else newsletter.default_cadence,
        topics=one.topics,
        language=one.language,
        send_hour=one.send_hour,
    )


def _foresee(
    connection: Connection,
    register: Register,
    reader: Reader,
    theirs: Mapping[str, Subscription],
    paused_until: datetime | None,
    now: datetime,
) -> dict[str, NextMail]:
    """The next mail of every newsletter that still comes in the reader's cadence."""
    coming = {
        newsletter_id: one
        for newsletter_id, one in theirs.items()
        if one.state is SubscriptionState.ACTIVE
        and newsletter_id in register.newsletters
        and one.cadence in register.newsletters[newsletter_id].cadences
    }
    ids = [one.subscription_id for one in coming.values()]
    made = kept.list_leaving(connection, reader.subscriber.subscriber_id, ids)
    zone = register.publication.zone
    return {
        newsletter_id: _describe_made(made[one.subscription_id], now)
        if one.subscription_id in made
        else foresee_mail(register.newsletters[newsletter_id], one, zone, paused_until, now)
        for newsletter_id, one in coming.items()
    }


def _describe_made(leaves_at: datetime | None, now: datetime) -> NextMail:
    is_leaving = leaves_at is None or leaves_at <= now
    return NextMail(leaves_at, is_made=True, is_leaving=is_leaving)


def _compose_offer(
    newsletter: Newsletter,
    labels: list[Labels],
    choices: Choices,
    next_mails: Mapping[str, NextMail],
    now: datetime,
) -> Offer:
    chosen = choices.newsletters[newsletter.newsletter_id].topics
    topics = list_topics(newsletter, labels, chosen, now)
    return Offer(newsletter, tuple(topics), next_mails.get(newsletter.newsletter_id))


def _compose_manner(choice: Choice, timezone: str | None) -> Manner:
    return Manner(choice.cadence, choice.topics, choice.language, choice.send_hour, timezone)


def _compose_wanted(
    address: str, newsletter_id: str, manner: Manner, consent: Consent, now: datetime
) -> NewSubscription:
    return NewSubscription(
        address=address,
        name="",
        newsletter_id=newsletter_id,
        state=SubscriptionState.ACTIVE,
        cadence=manner.cadence,
        language=manner.language,
        consent=consent,
        topics=manner.topics,
        send_hour=manner.send_hour,
        timezone=manner.timezone,
        confirmed_at=now,
    )


def _leave(connection: Connection, one: Subscription | None, manner: Manner, now: datetime) -> None:
    """End a subscription; the manner is kept for whoever comes back."""
    if one is not None:
        kept.change_manner(connection, one.subscription_id, manner)
        kept.end_subscription(connection, one.subscription_id, now)


def _join(
    connection: Connection,
    register: Register,
    one: Subscription | None,
    wanted: NewSubscription,
    now: datetime,
) -> None:
    """Make a subscription active that is not: a new one, one not yet confirmed, or one that ended.

    Only what was never theirs is welcomed.
    """
    if one is not None and one.state is SubscriptionState.UNSUBSCRIBED:
        kept.bring_back(connection, one, wanted, now)
        return
    if one is None:
        open_newsletter(connection, wanted.newsletter_id, now)
        added, _ = add_subscriptions(connection, [wanted], now)
        tell_of_confirmed(connection, added, now)
    else:
        added = [one.subscription_id] * activate_subscription(connection, one.subscription_id, now)
    for subscription_id in added:
        manner = Manner(
            wanted.cadence, wanted.topics, wanted.language, wanted.send_hour, wanted.timezone
        )
        kept.change_manner(connection, subscription_id, manner)
        _welcome(connection, register, subscription_id, now)


def _welcome(
    connection: Connection, register: Register, subscription_id: int, now: datetime
) -> None:
    joined = find_subscription(connection, subscription_id)
    if joined is not None and (batch_id := plan_welcome(connection, register, joined, now)):
        register.wake(connection, [batch_id])
