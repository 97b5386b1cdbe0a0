"""Readers who signed up by a form and never confirmed anything."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, FromClause, and_, exists, func, select

from service.model.subscriber import SubscriptionState
from service.store.tables import (
    address_changes,
    newsletters,
    past_consents,
    signups,
    subscribers,
    subscriptions,
    suppressions,
)

_FORMS = ("form:", "form ")
"""How the source of a consent begins that a form of ours, or of another page, was sent with."""

_others = subscriptions.alias("others")


def list_unconfirmed(connection: Connection, before: datetime, limit: int) -> list[int]:
    """So many readers all of whose subscriptions were asked for by a form before then, in vain.

    Whoever confirmed anything once, came by a list, moved, or must not be written to is none.
    """
    query = (
        select(subscribers.c.subscriber_id)
        .join(subscriptions, subscriptions.c.subscriber_id == subscribers.c.subscriber_id)
        .where(
            # Said so that the index of audiences answers.
            subscriptions.c.newsletter_id.in_(select(newsletters.c.newsletter_id)),
            subscriptions.c.state == SubscriptionState.PENDING,
            _is_in_vain(subscriptions, before),
            subscribers.c.address.is_not(None),
            subscribers.c.erased_at.is_(None),
            ~exists().where(
                _others.c.subscriber_id == subscribers.c.subscriber_id,
                ~_is_in_vain(_others, before),
            ),
            ~exists().where(
                _others.c.subscriber_id == subscribers.c.subscriber_id,
                past_consents.c.subscription_id == _others.c.subscription_id,
            ),
            ~exists().where(address_changes.c.subscriber_id == subscribers.c.subscriber_id),
            ~exists().where(suppressions.c.address == subscribers.c.address),
        )
        .distinct()
        .order_by(subscribers.c.subscriber_id)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def has_signups_before(connection: Connection, before: datetime) -> bool:
    """Whether a sign-up has waited since before then."""
    query = select(signups.c.signup_id).where(signups.c.asked_at < before).limit(1)
    return connection.execute(query).first() is not None


def _is_in_vain(rows: FromClause, before: datetime) -> ColumnElement[bool]:
    return and_(
        rows.c.state == SubscriptionState.PENDING,
        rows.c.confirmed_at.is_(None),
        rows.c.consent_at < before,
        func.substr(rows.c.consent_source, 1, len(_FORMS[0])).in_(_FORMS),
    )
