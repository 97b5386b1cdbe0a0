"""Readers and subscriptions written for the first time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from service.model.newsletter import Cadence
from service.model.subscriber import Consent, SubscriptionState
from service.store.among import is_among
from service.store.bulk import insert_new
from service.store.news import find_mark
from service.store.subscribers import TOPIC_SEPARATOR, find_subscriber_ids
from service.store.tables import subscribers, subscriptions

_ADDED_CHUNK = 2000


@dataclass(frozen=True, slots=True)
class NewSubscription:
    """What somebody asks for: where the mail goes, what, how often, and how we know."""

    address: str
    name: str
    newsletter_id: str
    state: SubscriptionState
    cadence: Cadence
    language: str
    consent: Consent
    topics: tuple[str, ...] = ()
    send_hour: int | None = None
    timezone: str | None = None
    created_at: datetime | None = None
    confirmed_at: datetime | None = None
    ended_at: datetime | None = None
    reader_since: datetime | None = None
    paused_until: datetime | None = None


def add_subscriptions(
    connection: Connection, wanted: Sequence[NewSubscription], now: datetime
) -> tuple[list[int], int]:
    """Write what is not there yet; the new subscription ids, and how many were there already.

    Readers begin at the newsletter's present mark: what was news before is not mailed to them.
    What another transaction adds in the same moment is waited for.
    """
    added: list[int] = []
    known = 0
    for start in range(0, len(wanted), _ADDED_CHUNK):
        part = wanted[start : start + _ADDED_CHUNK]
        there, ids = _add_subscribers(connection, part, now)
        new = _without_known(connection, part, ids, there)
        inserted = _insert_subscriptions(connection, new, ids, now)
        known += len(part) - len(inserted)
        added += inserted
    return added, known


def _add_subscribers(
    connection: Connection, wanted: Sequence[NewSubscription], now: datetime
) -> tuple[Collection[int], dict[str, int]]:
    """Who of them was there before, and the ids of them all."""
    newcomers = {one.address: one for one in wanted}
    ids = find_subscriber_ids(connection, list(newcomers))
    # In one order everywhere, so that two imports never wait for each other.
    missing = sorted(address for address in newcomers if address not in ids)
    there = list(ids.values())
    if missing:
        rows = [
            {
                "address": address,
                "name": newcomers[address].name,
                "created_at": newcomers[address].reader_since or now,
                "paused_until": newcomers[address].paused_until,
            }
            for address in missing
        ]
        insert_new(connection, subscribers, rows, subscribers.c.subscriber_id)
        ids |= find_subscriber_ids(connection, missing)
    return there, ids


def _without_known(
    connection: Connection,
    wanted: Sequence[NewSubscription],
    ids: dict[str, int],
    there: Collection[int],
) -> list[NewSubscription]:
    query = select(subscriptions.c.subscriber_id, subscriptions.c.newsletter_id).where(
        is_among(connection, subscriptions.c.subscriber_id, there)
    )
    known = {(row.subscriber_id, row.newsletter_id) for row in connection.execute(query)}
    new: list[NewSubscription] = []
    for one in wanted:
        key = (ids[one.address], one.newsletter_id)
        if key not in known:
            known.add(key)
            new.append(one)
    return new


def _insert_subscriptions(
    connection: Connection,
    new: Sequence[NewSubscription],
    ids: dict[str, int],
    now: datetime,
) -> list[int]:
    newsletter_ids = {one.newsletter_id for one in new}
    marks = {id_: find_mark(connection, id_) for id_ in newsletter_ids}
    ordered = sorted(new, key=lambda one: ids[one.address])
    rows = [_to_row(one, ids[one.address], marks[one.newsletter_id], now) for one in ordered]
    return sorted(insert_new(connection, subscriptions, rows, subscriptions.c.subscription_id))


def _to_row(one: NewSubscription, subscriber_id: int, mark: int, now: datetime) -> dict[str, Any]:
    is_active = one.state is SubscriptionState.ACTIVE
    return {
        "subscriber_id": subscriber_id,
        "newsletter_id": one.newsletter_id,
        "state": one.state,
        "cadence": one.cadence,
        "topics": TOPIC_SEPARATOR.join(sorted(set(one.topics))),
        "language": one.language,
        "send_hour": one.send_hour,
        "timezone": one.timezone,
        "joined_at_mark": mark,
        "served_through": mark,
        "created_at": one.created_at or now,
        "confirmed_at": one.confirmed_at or (now if is_active else None),
        "ended_at": (one.ended_at or now) if one.state is SubscriptionState.UNSUBSCRIBED else None,
        "consent_source": one.consent.source,
        "consent_text": one.consent.text,
        "consent_at": one.consent.given_at,
    }
