"""Readers as editors look at them: how many, found by address, and what each was sent or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, or_, select

from service.model.delivery import DeliveryState
from service.model.edition import Edition
from service.model.newsletter import Cadence
from service.model.subscriber import Subscriber, SubscriptionState
from service.store.editions import read_edition
from service.store.tables import (
    deliveries,
    editions,
    notices,
    soft_bounces,
    subscribers,
    subscriptions,
    suppressions,
    variants,
)

MOST_FOUND = 50
"""Readers that a search finds at the most, and that stand on a page."""


@dataclass(frozen=True, slots=True)
class ReaderCount:
    """How many subscriptions to one newsletter stand so, and come so often."""

    newsletter_id: str
    state: SubscriptionState
    cadence: Cadence
    count: int


@dataclass(frozen=True, slots=True)
class ListedReader:
    """A reader in a list, with what they have: newsletter, state and cadence of each."""

    subscriber: Subscriber
    has: tuple[tuple[str, SubscriptionState, Cadence], ...]
    is_suppressed: bool


@dataclass(frozen=True, slots=True)
class ReaderEdition:
    """An edition, and what one reader had of it: `state` is None where no delivery is theirs."""

    edition: Edition
    subject: str
    posts: int
    state: DeliveryState | None
    reason: str


@dataclass(frozen=True, slots=True)
class PastNotice:
    """A mail to an address that was no edition."""

    purpose: str
    topic: str
    subject: str
    state: DeliveryState
    reason: str
    created_at: datetime


def count_readers(connection: Connection) -> list[ReaderCount]:
    """Every subscription counted, by newsletter, state and cadence."""
    keys = (subscriptions.c.newsletter_id, subscriptions.c.state, subscriptions.c.cadence)
    query = select(*keys, func.count().label("count")).group_by(*keys).order_by(*keys)
    return [
        ReaderCount(
            row.newsletter_id, SubscriptionState(row.state), Cadence(row.cadence), int(row[3])
        )
        for row in connection.execute(query)
    ]


def search_readers(
    connection: Connection, text: str, limit: int = MOST_FOUND
) -> tuple[list[ListedReader], bool]:
    """Readers whose address, or its domain, begins with this; and whether there are more.

    `text` is in lower case; with an @ in front it means a domain alone.
    """
    address = subscribers.c.address
    at_domain = address.contains(f"@{text.removeprefix('@')}", autoescape=True)
    begins = at_domain
    if text[:1] != "@":
        begins = or_(address.startswith(text, autoescape=True), at_domain)
    query = select(subscribers).where(begins).order_by(address).limit(limit + 1)
    rows = connection.execute(query).mappings().all()
    return _complete(connection, rows[:limit]), len(rows) > limit


def list_reader_page(
    connection: Connection,
    newsletter_id: str = "",
    state: SubscriptionState | None = None,
    before: int | None = None,
    limit: int = MOST_FOUND,
) -> tuple[list[ListedReader], int | None]:
    """Readers, the newest first, who have a newsletter or stand so; and where the next page begins.

    Erased ones are none.
    """
    query = select(subscribers).where(subscribers.c.address.is_not(None))
    theirs: list[ColumnElement[bool]] = []
    if newsletter_id:
        theirs.append(subscriptions.c.newsletter_id == newsletter_id)
    if state is not None:
        theirs.append(subscriptions.c.state == state)
    if theirs:
        has = select(subscriptions.c.subscription_id).where(
            subscriptions.c.subscriber_id == subscribers.c.subscriber_id, *theirs
        )
        query = query.where(has.exists())
    if before is not None:
        query = query.where(subscribers.c.subscriber_id < before)
    ordered = query.order_by(subscribers.c.subscriber_id.desc()).limit(limit + 1)
    rows = connection.execute(ordered).mappings().all()
    older = rows[limit - 1]["subscriber_id"] if len(rows) > limit else None
    return _complete(connection, rows[:limit]), older


def find_erased_at(connection: Connection, subscriber_id: int) -> datetime | None:
    """When a reader asked to be forgotten; None for one who did not."""
    query = select(subscribers.c.erased_at).where(subscribers.c.subscriber_id == subscriber_id)
    return connection.execute(query).scalar()


def list_reader_editions(
    connection: Connection,
    subscriber_id: int,
    newsletter_ids: Sequence[str],
    *,
    before: int | None = None,
    limit: int = MOST_FOUND,
) -> tuple[list[ReaderEdition], int | None]:
    """Editions of these newsletters, the newest first, with what became of them for one reader."""
    # From the editions, because deliveries are found by them alone.
    query = (
        select(
            editions,
            deliveries.c.state.label("their_state"),
            deliveries.c.reason.label("their_reason"),
            variants.c.subject.label("their_subject"),
            variants.c.post_ids,
        )
        .outerjoin(
            deliveries,
            and_(
                deliveries.c.edition_id == editions.c.edition_id,
                deliveries.c.subscriber_id == subscriber_id,
            ),
        )
        .outerjoin(variants, variants.c.variant_id == deliveries.c.variant_id)
        .where(editions.c.newsletter_id.in_(newsletter_ids))
        .order_by(editions.c.edition_id.desc())
        .limit(limit + 1)
    )
    if before is not None:
        query = query.where(editions.c.edition_id < before)
    rows = connection.execute(query).mappings().all()
    older = rows[limit - 1]["edition_id"] if len(rows) > limit else None
    return [_to_edition(row) for row in rows[:limit]], older


def list_notices_to(connection: Connection, address: str, limit: int) -> list[PastNotice]:
    """So many mails to an address that were no editions, the newest first."""
    query = (
        select(notices)
        .where(notices.c.address == address)
        .order_by(notices.c.notice_id.desc())
        .limit(limit)
    )
    return [
        PastNotice(
            row["purpose"],
            row["topic"],
            row["subject"],
            DeliveryState(row["state"]),
            row["reason"],
            row["created_at"],
        )
        for row in connection.execute(query).mappings()
    ]


def list_soft_bounces(connection: Connection, subscriber_id: int) -> list[date]:
    """The days on which a reader's mail came back for now."""
    query = (
        select(soft_bounces.c.day)
        .where(soft_bounces.c.subscriber_id == subscriber_id)
        .order_by(soft_bounces.c.day)
    )
    return list(connection.execute(query).scalars())


def _complete(connection: Connection, rows: Sequence[RowMapping]) -> list[ListedReader]:
    ids = [row["subscriber_id"] for row in rows]
    query = (
        select(subscriptions)
        .where(subscriptions.c.subscriber_id.in_(ids))
        .order_by(subscriptions.c.subscription_id)
    )
    has: dict[int, list[tuple[str, SubscriptionState, Cadence]]] = {}
    for one in connection.execute(query).mappings():
        entry = (one["newsletter_id"], SubscriptionState(one["state"]), Cadence(one["cadence"]))
        has.setdefault(one["subscriber_id"], []).append(entry)
    addresses = [row["address"] for row in rows]
    barred = set(
        connection.execute(
            select(suppressions.c.address).where(suppressions.c.address.in_(addresses))
        ).scalars()
    )
    return [
        ListedReader(
            Subscriber(row["subscriber_id"], row["address"], row["name"], row["created_at"]),
            tuple(has.get(row["subscriber_id"], ())),
            row["address"] in barred,
        )
        for row in rows
    ]


def _to_edition(row: RowMapping) -> ReaderEdition:
    return ReaderEdition(
        edition=read_edition(row),
        subject=row["their_subject"] or row["subject"],
        posts=len(row["post_ids"] or ()),
        state=DeliveryState(row["their_state"]) if row["their_state"] else None,
        reason=row["their_reason"] or "",
    )
