"""A reader's way out: one newsletter, or everything; and what there is instead of leaving."""

from __future__ import annotations

from datetime import datetime

from service.audience.addresses import normalise_address
from service.audience.tokens import Purpose
from service.errors import NotAllowedError, UsageError
from service.membership.links import find_reader
from service.membership.register import Register
from service.membership.signing_up import sign_up
from service.model.editor import Actor
from service.model.newsletter import Cadence
from service.model.signup import Signup
from service.model.subscriber import Consent, SubscriptionState
from service.store import subscribers
from service.store.audit import record_action
from service.store.database import Database
from service.store.subscribers import Reader
from service.store.subscription_states import (
    change_cadence,
    end_subscriptions,
    set_subscription_state,
)


def unsubscribe(database: Database, register: Register, token: str, now: datetime) -> Reader:
    """End a subscription, for every batch not yet claimed; twice is the same as once."""
    reader = find_reader(database, register, Purpose.UNSUBSCRIBE, token)
    if reader.subscription.state is not SubscriptionState.UNSUBSCRIBED:
        _end(database, reader, now)
    return find_reader(database, register, Purpose.UNSUBSCRIBE, token)


def reduce_cadence(database: Database, register: Register, token: str, cadence: Cadence) -> Reader:
    """Let a newsletter come less often instead of ending it; raises UsageError for another pace.

    Somebody who left stays away.
    """
    reader = find_reader(database, register, Purpose.UNSUBSCRIBE, token)
    one = reader.subscription
    newsletter = register.find_newsletter(one.newsletter_id)
    if cadence is one.cadence or one.state is SubscriptionState.UNSUBSCRIBED:
        return reader
    if cadence not in newsletter.list_rarer(one.cadence):
        raise UsageError(
            "{newsletter} does not come {cadence} instead",
            newsletter=newsletter.newsletter_id,
            cadence=cadence,
        )
    with database.writing() as connection:
        change_cadence(connection, one.subscription_id, cadence)
    return find_reader(database, register, Purpose.UNSUBSCRIBE, token)


def ask_to_return(
    database: Database, register: Register, token: str, network: str, consent: Consent
) -> Reader:
    """Sign somebody up again who left, with what they had; they are asked to confirm by mail.

    The link alone must not do it: it stands in every mail, and mails are passed on.
    """
    reader = find_reader(database, register, Purpose.UNSUBSCRIBE, token)
    one = reader.subscription
    if one.state is SubscriptionState.UNSUBSCRIBED:
        register.find_newsletter(one.newsletter_id)
        wanted = Signup(
            address=reader.subscriber.address or "",
            newsletter_id=one.newsletter_id,
            cadence=one.cadence,
            topics=one.topics,
            language=one.language,
            send_hour=one.send_hour,
            consent=consent,
            network=network,
        )
        sign_up(database, [wanted], network)
    return reader


def remove_reader(database: Database, address: str, now: datetime, *, by: Actor) -> int:
    """Unsubscribe an address from everything; how many subscriptions that ended."""
    with database.writing() as connection:
        subscriber = subscribers.find_subscriber(connection, normalise_address(address))
        if subscriber is None:
            raise NotAllowedError("there is no reader with this address")
        ended = end_subscriptions(connection, subscriber.subscriber_id, now)
        if ended:
            subject = f"reader:{subscriber.subscriber_id}"
            record_action(connection, by, "reader.remove", subject, {"ended": ended}, now)
    return ended


def leave_newsletter(
    database: Database, subscriber_id: int, newsletter_id: str, now: datetime, *, by: Actor
) -> bool:
    """End one subscription of a reader, confirmed or not; False when there is none to end."""
    with database.writing() as connection:
        reader = subscribers.find_subscriber_by_id(connection, subscriber_id)
        for one in subscribers.list_readers_at(connection, (reader and reader.address) or ""):
            theirs = one.subscription
            is_over = theirs.state is SubscriptionState.UNSUBSCRIBED
            if theirs.newsletter_id == newsletter_id and not is_over:
                ended = SubscriptionState.UNSUBSCRIBED
                set_subscription_state(connection, theirs.subscription_id, ended, now)
                subject, detail = f"reader:{subscriber_id}", {"newsletter": newsletter_id}
                record_action(connection, by, "reader.remove", subject, detail, now)
                return True
    return False


def _end(database: Database, reader: Reader, now: datetime) -> None:
    with database.writing() as connection:
        set_subscription_state(
            connection, reader.subscription.subscription_id, SubscriptionState.UNSUBSCRIBED, now
        )
