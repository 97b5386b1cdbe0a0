"""How things stand with a reader: their choices, and what every newsletter offers them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from service.audience.tokens import Purpose
from service.errors import TokenError
from service.membership.foreseeing import NextMail, foresee_mail
from service.membership.links import find_reader
from service.membership.offering import Topic, list_topics
from service.membership.register import Register
from service.model.newsletter import Cadence, Newsletter
from service.model.subscriber import Subscription, SubscriptionState
from service.store import choices as kept
from service.store.database import Database
from service.store.erasures import list_being_erased
from service.store.labels import Labels, list_labels
from service.store.subscribers import Reader
from service.store.suppressions import find_suppression


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
