"""Addresses that must not be written to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from service.model.subscriber import SuppressionReason
from service.store.tables import suppressions


@dataclass(frozen=True, slots=True)
class Suppression:
    """Why one address must not be written to; an erased one is only a keyed hash."""

    address: str | None
    address_hash: str | None
    reason: SuppressionReason
    note: str
    created_at: datetime


def list_suppressions(connection: Connection) -> list[Suppression]:
    """All of them, newest first."""
    columns = [suppressions.c[name] for name in Suppression.__slots__]
    query = select(*columns).order_by(suppressions.c.suppression_id.desc())
    return [
        Suppression(**{**row, "reason": SuppressionReason(row["reason"])})
        for row in connection.execute(query).mappings()
    ]


def find_suppressed(
    connection: Connection, addresses: Sequence[str], hashes: Sequence[str]
) -> tuple[set[str], set[str]]:
    """Which of these addresses, and which of these keyed hashes, are suppressed."""
    found: set[str] = set()
    erased: set[str] = set()
    for part in _parts(addresses):
        query = select(suppressions.c.address).where(suppressions.c.address.in_(part))
        found |= {address for address in connection.execute(query).scalars() if address}
    for part in _parts(hashes):
        query = select(suppressions.c.address_hash).where(suppressions.c.address_hash.in_(part))
        erased |= {one for one in connection.execute(query).scalars() if one}
    return found, erased


def add_suppression(connection: Connection, suppression: Suppression) -> bool:
    """Suppress an address; False when it was suppressed already (the first reason stands)."""
    column = suppressions.c.address if suppression.address else suppressions.c.address_hash
    value = suppression.address or suppression.address_hash
    if connection.execute(select(column).where(column == value)).first() is not None:
        return False
    row = {name: getattr(suppression, name) for name in Suppression.__slots__}
    connection.execute(insert(suppressions).values(row))
    return True


def remove_suppression(connection: Connection, address: str) -> bool:
    """Let an address be written to again; False when it was not suppressed."""
    removed = connection.execute(delete(suppressions).where(suppressions.c.address == address))
    return removed.rowcount == 1


def _parts(values: Sequence[str]) -> Iterable[Sequence[str]]:
    for start in range(0, len(values), 500):
        yield values[start : start + 500]
