"""A reader's choices for all newsletters, as they are to be from now on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from service.audience.tokens import Purpose
from service.errors import NotAllowedError, TokenError
from service.membership.asking import write_link
from service.membership.links import find_reader
from service.membership.register import Register
from service.membership.standing import Choice, Choices
from service.membership.welcoming import plan_welcome
from service.model.subscriber import Consent, Subscription, SubscriptionState
from service.store import choices as kept
from service.store.choices import Manner
from service.store.database import Database
from service.store.erasures import list_being_erased
from service.store.happenings import tell_of_confirmed
from service.store.new_subscriptions import NewSubscription, add_subscriptions
from service.store.news import open_newsletter
from service.store.subscribers import find_subscription
from service.store.subscription_states import activate_subscription, end_subscriptions

CONSENT_SOURCE = "preferences"
"""How a reader came to be subscribed who added a newsletter to others."""


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
            manner = compose_manner(choice, choices.timezone)
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


def compose_manner(choice: Choice, timezone: str | None) -> Manner:
    """How one newsletter is to come, by what was chosen for it and for all."""
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
