"""Everything that is kept of one reader, for that reader."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, select

from service.store.subscribers import TOPIC_SEPARATOR
from service.store.tables import (
    address_changes,
    deliveries,
    editions,
    notices,
    past_consents,
    signups,
    soft_bounces,
    subscribers,
    subscriptions,
    suppressions,
    variants,
)

Record = dict[str, Any]


def list_everything(connection: Connection, subscriber_id: int, address: str) -> Record:
    """What is kept of a reader, by what it is; moments are aware, numbers of ours left out."""
    ids = select(subscriptions.c.subscription_id).where(
        subscriptions.c.subscriber_id == subscriber_id
    )
    is_theirs = subscribers.c.subscriber_id == subscriber_id
    return {
        "reader": _list(connection, subscribers, is_theirs)[0],
        "subscriptions": [
            {**one, "topics": one["topics"].split(TOPIC_SEPARATOR) if one["topics"] else []}
            for one in _list(
                connection, subscriptions, subscriptions.c.subscriber_id == subscriber_id
            )
        ],
        "past_consents": _list(connection, past_consents, past_consents.c.subscription_id.in_(ids)),
        "deliveries": _list_deliveries(connection, subscriber_id),
        "notices": _list_notices(connection, address),
        "address_changes": _list(
            connection, address_changes, address_changes.c.subscriber_id == subscriber_id
        ),
        "sign_ups_waiting": _list(connection, signups, signups.c.address == address),
        "suppressions": _list(connection, suppressions, suppressions.c.address == address),
        "days_mail_came_back": [
            one["day"]
            for one in _list(
                connection, soft_bounces, soft_bounces.c.subscriber_id == subscriber_id
            )
        ],
    }


def _list(connection: Connection, table: Table, where: ColumnElement[bool]) -> list[Record]:
    """The rows of a table without its keys, and without hashes of where forms came from."""
    query = select(table).where(where).order_by(*table.primary_key.columns)
    return [
        {
            name: value
            for name, value in row.items()
            if not (name.endswith("_id") and name != "newsletter_id") and name != "network"
        }
        for row in connection.execute(query).mappings()
    ]


def _list_deliveries(connection: Connection, subscriber_id: int) -> list[Record]:
    query = (
        select(
            editions.c.newsletter_id,
            editions.c.key.label("edition"),
            editions.c.frozen_at,
            variants.c.subject,
            deliveries.c.state,
            deliveries.c.reason,
            deliveries.c.provider_message_id,
        )
        .join(editions, editions.c.edition_id == deliveries.c.edition_id)
        .join(variants, variants.c.variant_id == deliveries.c.variant_id)
        .where(
            deliveries.c.subscriber_id == subscriber_id,
            # Said so that the unique index answers.
            deliveries.c.edition_id.in_(select(editions.c.edition_id)),
        )
        .order_by(deliveries.c.delivery_id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def _list_notices(connection: Connection, address: str) -> list[Record]:
    query = (
        select(
            notices.c.purpose,
            notices.c.day,
            notices.c.subject,
            notices.c.state,
            notices.c.reason,
            notices.c.provider_message_id,
            notices.c.created_at,
        )
        .where(notices.c.address == address)
        .order_by(notices.c.notice_id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]
