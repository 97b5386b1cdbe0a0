"""Readers who are to be forgotten: asked for, waited with while a mail is under way, and done."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, exists, or_, select, update

from service.model.delivery import BatchState, DeliveryState
from service.store.address_changes import forget_questions
from service.store.tables import (
    address_changes,
    batches,
    deliveries,
    editions,
    notices,
    past_consents,
    signups,
    subscribers,
    subscriptions,
    suppressions,
)

_FORMER_ADDRESSES = (
    select(address_changes.c.old_address)
    .where(address_changes.c.subscriber_id == subscribers.c.subscriber_id)
    .correlate(subscribers)
)


def list_being_erased(connection: Connection, addresses: Sequence[str]) -> set[str]:
    """Those of these addresses that are forgotten as soon as a mail under way has settled."""
    query = select(subscribers.c.address).where(
        subscribers.c.address.in_(addresses), subscribers.c.erased_at.is_not(None)
    )
    return set(connection.execute(query).scalars())


def ask_to_erase(connection: Connection, subscriber_id: int, now: datetime) -> None:
    """Note that a reader is to be forgotten."""
    connection.execute(
        update(subscribers)
        .where(subscribers.c.subscriber_id == subscriber_id)
        .values(erased_at=now)
    )


def keep_from_leaving(connection: Connection, subscriber_ids: Collection[int]) -> None:
    """Let no worker claim what is planned for these readers until the transaction ends.

    It could read an address that is forgotten in the same moment.
    """
    chosen = subscribers.c.subscriber_id.in_(subscriber_ids)
    theirs = select(deliveries.c.batch_id).where(
        deliveries.c.subscriber_id.in_(subscriber_ids),
        # Said so that the unique index answers.
        deliveries.c.edition_id.in_(select(editions.c.edition_id)),
        deliveries.c.state == DeliveryState.PLANNED,
    )
    addressed = select(notices.c.batch_id).where(
        notices.c.address.in_(select(subscribers.c.address).where(chosen)),
        notices.c.state == DeliveryState.PLANNED,
    )
    planned = select(batches.c.batch_id).where(
        batches.c.state == BatchState.PLANNED,
        or_(batches.c.batch_id.in_(theirs), batches.c.batch_id.in_(addressed)),
    )
    connection.execute(planned.order_by(batches.c.batch_id).with_for_update()).all()


def list_to_erase(connection: Connection) -> list[str]:
    """The addresses of readers who are to be forgotten and are not yet, and their former ones."""
    waiting = and_(subscribers.c.erased_at.is_not(None), subscribers.c.address.is_not(None))
    former = (
        select(address_changes.c.old_address)
        .join(subscribers, subscribers.c.subscriber_id == address_changes.c.subscriber_id)
        .where(waiting)
    )
    query = select(subscribers.c.address).where(waiting).union(former)
    return [address for address in connection.execute(query).scalars() if address]


def complete_erasures(connection: Connection, only: int | None = None) -> list[int]:
    """Forget readers who are to be erased and whom no batch under way still names; all or one."""
    asked = select(subscribers.c.subscriber_id).where(
        subscribers.c.erased_at.is_not(None), subscribers.c.address.is_not(None)
    )
    if only is not None:
        asked = asked.where(subscribers.c.subscriber_id == only)
    if not (waiting := connection.execute(asked).scalars().all()):
        return []
    keep_from_leaving(connection, waiting)
    query = select(subscribers.c.subscriber_id, subscribers.c.address).where(
        subscribers.c.subscriber_id.in_(waiting),
        ~_is_under_way(deliveries, deliveries.c.subscriber_id == subscribers.c.subscriber_id),
        ~_is_under_way(notices, notices.c.address == subscribers.c.address),
        ~_is_under_way(notices, notices.c.address.in_(_FORMER_ADDRESSES)),
    )
    query = query.order_by(subscribers.c.subscriber_id)
    found = connection.execute(query).all()
    for row in found:
        _erase(connection, row.subscriber_id, row.address)
    return [row.subscriber_id for row in found]


def _is_under_way(rows: Table, is_theirs: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a batch that was handed over, or may have been, names the reader."""
    return (
        exists()
        .where(
            is_theirs,
            rows.c.batch_id == batches.c.batch_id,
            batches.c.state != BatchState.SETTLED,
            batches.c.first_claimed_at.is_not(None),
        )
        .correlate(subscribers)
    )


def _erase(connection: Connection, subscriber_id: int, address: str) -> None:
    connection.execute(
        update(subscribers)
        .where(subscribers.c.subscriber_id == subscriber_id)
        .values(address=None, name="")
    )
    connection.execute(delete(notices).where(notices.c.address == address))
    _forget_former_addresses(connection, subscriber_id)
    theirs = select(subscriptions.c.subscription_id).where(
        subscriptions.c.subscriber_id == subscriber_id
    )
    connection.execute(delete(past_consents).where(past_consents.c.subscription_id.in_(theirs)))
    # One that came after they asked to be erased is a new beginning.
    asked_at = select(subscribers.c.erased_at).where(subscribers.c.subscriber_id == subscriber_id)
    connection.execute(
        delete(signups).where(
            signups.c.address == address, signups.c.asked_at <= asked_at.scalar_subquery()
        )
    )
    # What blocks it from here on is its keyed hash.
    connection.execute(delete(suppressions).where(suppressions.c.address == address))
    connection.execute(
        update(subscriptions)
        .where(subscriptions.c.subscriber_id == subscriber_id)
        .values(consent_source="", consent_text="", topics="", timezone=None)
    )


def _forget_former_addresses(connection: Connection, subscriber_id: int) -> None:
    changes = address_changes.c.subscriber_id == subscriber_id
    # An address left behind may be somebody else's since: what came to it later is theirs.
    was_theirs = exists().where(
        changes,
        address_changes.c.old_address == notices.c.address,
        address_changes.c.done_at >= notices.c.created_at,
    )
    connection.execute(delete(notices).where(was_theirs))
    forget_questions(connection, changes)
    connection.execute(delete(address_changes).where(changes))
