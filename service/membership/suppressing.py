"""Addresses suppressed and let go by hand; our own list of them, out and in again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection

from service.audience.addresses import hide_addresses
from service.audience.suppressed import SuppressedRow
from service.model.editor import Actor
from service.model.subscriber import SuppressionReason
from service.store.audit import record_action
from service.store.database import Database
from service.store.subscribers import find_subscriber_ids
from service.store.suppressions import (
    Suppression,
    add_suppression,
    add_suppressions,
    list_suppressions,
    remove_suppression,
)

_CHUNK = 1000
_ALL = "suppressions"


def suppress(database: Database, address: str, note: str, now: datetime, *, by: Actor) -> bool:
    """Send nothing to an address any more; False when it was so, and the first reason stands.

    `address` is normalised.
    """
    why = Suppression(address, None, SuppressionReason.MANUAL, note, now)
    with database.writing() as connection:
        is_new = add_suppression(connection, why)
        if is_new:
            _record(connection, by, "suppression.add", address, note, now)
    return is_new


def lift_suppression(
    database: Database, address: str, note: str, now: datetime, *, by: Actor
) -> bool:
    """Let an address be written to again; False when it was not suppressed."""
    with database.writing() as connection:
        was_there = remove_suppression(connection, address)
        if was_there:
            _record(connection, by, "suppression.remove", address, note, now)
    return was_there


def export_suppressions(database: Database, now: datetime, *, by: Actor) -> list[SuppressedRow]:
    """All of them, the oldest first; of erased readers a keyed hash."""
    with database.writing() as connection:
        found = list_suppressions(connection)
        record_action(connection, by, "suppressions.export", _ALL, {}, now)
    return [
        SuppressedRow(one.address, one.address_hash, one.reason, one.note, one.created_at)
        for one in reversed(found)
    ]


def restore_suppressions(
    database: Database, rows: Iterable[SuppressedRow], source: str, now: datetime, *, by: Actor
) -> tuple[int, int]:
    """Suppress everybody on the list as they were; how many now, and how many were already.

    `source` names the sheet. The first transaction says who began.
    """
    added = already = 0
    waiting = iter(rows)
    while part := list(islice(waiting, _CHUNK)):
        wanted = [
            Suppression(row.address, row.address_hash, row.reason, row.note, row.created_at)
            for row in part
        ]
        with database.writing() as connection:
            if not (added or already):
                detail = {"from": hide_addresses(source)}
                record_action(connection, by, "suppressions.import", _ALL, detail, now)
            new = add_suppressions(connection, wanted)
        added += new
        already += len(part) - new
    return added, already


def _record(
    connection: Connection, by: Actor, action: str, address: str, note: str, now: datetime
) -> None:
    """Name the reader by number, if it is one's address, and never the address."""
    reader_id = find_subscriber_ids(connection, [address]).get(address)
    subject = f"reader:{reader_id}" if reader_id else _ALL
    record_action(connection, by, action, subject, {"note": hide_addresses(note)}, now)
