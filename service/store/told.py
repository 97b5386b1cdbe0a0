"""Who was told of what, and when: so that nobody is told the same again and again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, delete, insert, select, update

from service.store.tables import told

Thing = tuple[str, str]
"""A condition, and the key of the thing it was true of."""


def list_told(connection: Connection) -> dict[str, dict[Thing, datetime]]:
    """When each address was last told of each thing; the log is the address ""."""
    found: dict[str, dict[Thing, datetime]] = {}
    for row in connection.execute(select(told)):
        found.setdefault(row.address, {})[(row.condition, row.item)] = row.told_at
    return found


def record_told(
    connection: Connection, address: str, things: Collection[Thing], now: datetime
) -> None:
    """Note that an address was told of these things now."""
    query = select(told.c.condition, told.c.item).where(told.c.address == address)
    known = {(row.condition, row.item) for row in connection.execute(query)}
    again = [thing for thing in things if thing in known]
    if again:
        connection.execute(
            update(told).where(*_is_thing_of(address)).values(told_at=now), _name(again)
        )
    fresh = [
        {"condition": condition, "item": item, "address": address, "since_at": now, "told_at": now}
        for condition, item in things
        if (condition, item) not in known
    ]
    if fresh:
        connection.execute(insert(told), fresh)


def forget_told(connection: Connection, address: str, things: Sequence[Thing]) -> None:
    """Forget what is settled, so that it is told anew when it comes back."""
    if things:
        connection.execute(delete(told).where(*_is_thing_of(address)), _name(things))


def forget_addresses(connection: Connection, addresses: Collection[str]) -> None:
    """Forget what was told to those who are no editors any more."""
    if addresses:
        connection.execute(delete(told).where(told.c.address.in_(list(addresses))))


def _is_thing_of(address: str) -> tuple[ColumnElement[bool], ...]:
    return (
        told.c.address == address,
        told.c.condition == bindparam("of_condition"),
        told.c.item == bindparam("of_item"),
    )


def _name(things: Collection[Thing]) -> list[dict[str, str]]:
    return [{"of_condition": condition, "of_item": item} for condition, item in things]
