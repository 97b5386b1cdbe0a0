"""Readers who move to another address: asked for, confirmed from there, and remembered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, exists, insert, select, update
from sqlalchemy.exc import IntegrityError

from service.errors import AddressTakenError
from service.model.delivery import DeliveryState
from service.store.bounces import forget_soft_bounces
from service.store.parts import split_into_parts
from service.store.tables import address_changes, notices, subscribers

ASKED_THERE = "address-confirm"
"""The purpose of the notice that asks at the new address."""


@dataclass(frozen=True, slots=True)
class AddressChange:
    """One reader's wish to be written to elsewhere; `done_at` is None while it waits."""

    address_change_id: int
    subscriber_id: int
    old_address: str
    new_address: str
    asked_at: datetime
    done_at: datetime | None


def ask_for_change(
    connection: Connection, subscriber_id: int, old_address: str, new_address: str, now: datetime
) -> int:
    """Write down that a reader wants to move, in place of an earlier wish; its id."""
    _drop_waiting(connection, subscriber_id)
    values = {
        "subscriber_id": subscriber_id,
        "old_address": old_address,
        "new_address": new_address,
        "asked_at": now,
    }
    statement = insert(address_changes).values(values)
    return int(
        connection.execute(statement.returning(address_changes.c.address_change_id)).scalar_one()
    )


def find_change(connection: Connection, address_change_id: int) -> AddressChange | None:
    """A change by its id; None once it was replaced, or its reader erased."""
    query = select(address_changes).where(address_changes.c.address_change_id == address_change_id)
    row = connection.execute(query).mappings().first()
    return AddressChange(**row) if row else None


def complete_change(connection: Connection, change: AddressChange, now: datetime) -> bool:
    """Write to the new address from now on; False when the reader is elsewhere by now, or erased.

    Deliveries and consents stay the reader's. What came back from the old address counts no more.
    Raises AddressTakenError when the new one is another reader's; one who takes it in the same
    moment is waited for.
    """
    statement = (
        update(subscribers)
        .where(
            subscribers.c.subscriber_id == change.subscriber_id,
            subscribers.c.address == change.old_address,
            subscribers.c.erased_at.is_(None),
        )
        .values(address=change.new_address)
    )
    try:
        with connection.begin_nested():
            moved = connection.execute(statement)
    except IntegrityError:
        raise AddressTakenError("another reader has this address") from None
    if not moved.rowcount:
        return False
    forget_soft_bounces(connection, [change.subscriber_id])
    chosen = address_changes.c.address_change_id == change.address_change_id
    connection.execute(update(address_changes).where(chosen).values(done_at=now))
    return True


def drop_old_changes(connection: Connection, before: datetime) -> int:
    """Forget wishes from before then that nobody confirmed; how many."""
    is_old = address_changes.c.asked_at < before
    forget_questions(connection, is_old)
    waiting = address_changes.c.done_at.is_(None)
    return connection.execute(delete(address_changes).where(waiting, is_old)).rowcount


def forget_questions(connection: Connection, changes: ColumnElement[bool]) -> None:
    """Forget the mails that asked at a new address, where these changes were never confirmed.

    Somebody may have typed the address of a person who knows nothing of us.
    """
    was_asked = exists().where(
        changes,
        address_changes.c.done_at.is_(None),
        address_changes.c.new_address == notices.c.address,
        address_changes.c.asked_at <= notices.c.created_at,
    )
    is_question = notices.c.purpose == ASKED_THERE
    is_over = notices.c.state != DeliveryState.PLANNED
    connection.execute(delete(notices).where(is_question, is_over, was_asked))


def list_former_addresses(
    connection: Connection, subscriber_ids: Collection[int]
) -> dict[int, list[str]]:
    """The addresses that these readers have left behind; readers who never moved are left out."""
    found: dict[int, list[str]] = {}
    for ids in split_into_parts(sorted(subscriber_ids)):
        query = select(address_changes.c.subscriber_id, address_changes.c.old_address).where(
            address_changes.c.subscriber_id.in_(ids),
            address_changes.c.done_at.is_not(None),
        )
        for row in connection.execute(query):
            found.setdefault(row.subscriber_id, []).append(row.old_address)
    return found


def _drop_waiting(connection: Connection, subscriber_id: int) -> None:
    connection.execute(
        delete(address_changes).where(
            address_changes.c.subscriber_id == subscriber_id, address_changes.c.done_at.is_(None)
        )
    )
