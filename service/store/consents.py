"""Consents: renewed when a reader signs up again, and those of before kept as proof."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from service.model.subscriber import Consent, SubscriptionState
from service.store.new_subscriptions import NewSubscription
from service.store.parts import split_into_parts
from service.store.subscribers import TOPIC_SEPARATOR
from service.store.tables import past_consents, subscribers, subscriptions

_KEPT = ("consent_source", "consent_text", "consent_at", "confirmed_at", "ended_at")

_PRESENT_CLICKS = (
    select(subscribers.c.address, func.max(subscriptions.c.confirmed_at))
    .join(subscriptions, subscriptions.c.subscriber_id == subscribers.c.subscriber_id)
    .where(subscriptions.c.confirmed_at.is_not(None))
    .group_by(subscribers.c.address)
)
_PAST_CLICKS = (
    select(subscribers.c.address, func.max(past_consents.c.confirmed_at))
    .join(subscriptions, subscriptions.c.subscriber_id == subscribers.c.subscriber_id)
    .join(past_consents, past_consents.c.subscription_id == subscriptions.c.subscription_id)
    .where(past_consents.c.confirmed_at.is_not(None))
    .group_by(subscribers.c.address)
)


@dataclass(frozen=True, slots=True)
class PastConsent:
    """A consent that held once: from its confirmation until the reader left."""

    consent: Consent
    confirmed_at: datetime | None
    ended_at: datetime | None


def renew_subscription(
    connection: Connection, subscription_id: int, wanted: NewSubscription
) -> None:
    """Let somebody who left, or never confirmed, be asked again, with what they choose now.

    A consent that was confirmed once stays among the past ones. Active ones stay as they are:
    a form proves nothing of who filled it in.
    """
    chosen = (
        subscriptions.c.subscription_id == subscription_id,
        subscriptions.c.state != SubscriptionState.ACTIVE,
    )
    old = select(subscriptions.c.subscription_id, *(subscriptions.c[name] for name in _KEPT))
    confirmed = old.where(*chosen, subscriptions.c.confirmed_at.is_not(None))
    connection.execute(insert(past_consents).from_select(["subscription_id", *_KEPT], confirmed))
    connection.execute(
        update(subscriptions)
        .where(*chosen)
        .values(
            state=SubscriptionState.PENDING,
            cadence=wanted.cadence,
            topics=TOPIC_SEPARATOR.join(sorted(set(wanted.topics))),
            language=wanted.language,
            send_hour=wanted.send_hour,
            confirmed_at=None,
            ended_at=None,
            consent_source=wanted.consent.source,
            consent_text=wanted.consent.text,
            consent_at=wanted.consent.given_at,
        )
    )


def record_words(connection: Connection, subscription_id: int, words: str) -> None:
    """Write down what a reader agreed to, where no words were known when they signed up."""
    connection.execute(
        update(subscriptions)
        .where(
            subscriptions.c.subscription_id == subscription_id,
            subscriptions.c.consent_text == "",
        )
        .values(consent_text=words)
    )


def list_past_consents(connection: Connection, subscription_id: int) -> list[PastConsent]:
    """The consents that held before the present one, the oldest first."""
    query = (
        select(past_consents)
        .where(past_consents.c.subscription_id == subscription_id)
        .order_by(past_consents.c.past_consent_id)
    )
    return [
        PastConsent(
            Consent(row.consent_source, row.consent_text, row.consent_at),
            row.confirmed_at,
            row.ended_at,
        )
        for row in connection.execute(query)
    ]


def find_clicks(connection: Connection, addresses: Sequence[str]) -> dict[str, datetime]:
    """When each of these addresses last confirmed anything; those that never did are left out."""
    found: dict[str, datetime] = {}
    for part in split_into_parts(addresses):
        theirs = subscribers.c.address.in_(part)
        for query in (_PRESENT_CLICKS, _PAST_CLICKS):
            for address, clicked_at in connection.execute(query.where(theirs)):
                found[address] = max(clicked_at, found.get(address, clicked_at))
    return found
