"""Addresses that must not be written to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from service.model.subscriber import SuppressionReason
from service.store.among import is_among
from service.store.tables import suppressions

_Value = TypeVar("_Value")


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


def list_suppression_page(
    connection: Connection, *, before: int | None = None, limit: int = 50
) -> tuple[list[Suppression], int | None]:
    """Some of them, newest first, below a number; and the number the next page is below."""
    query = select(suppressions).order_by(suppressions.c.suppression_id.desc())
    if before is not None:
        query = query.where(suppressions.c.suppression_id < before)
    rows = connection.execute(query.limit(limit + 1)).mappings().all()
    found = [
        Suppression(
            **{name: row[name] for name in Suppression.__slots__ if name != "reason"},
            reason=SuppressionReason(row["reason"]),
        )
        for row in rows[:limit]
    ]
    return found, rows[limit - 1]["suppression_id"] if len(rows) > limit else None


def find_suppression(connection: Connection, address: str) -> Suppression | None:
    """Why one address must not be written to; None when it may."""
    columns = [suppressions.c[name] for name in Suppression.__slots__]
    query = select(*columns).where(suppressions.c.address == address)
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    return Suppression(**{**row, "reason": SuppressionReason(row["reason"])})


def find_suppressed(
    connection: Connection, addresses: Sequence[str], hashes: Sequence[str]
) -> tuple[set[str], set[str]]:
    """Which of these addresses, and which of these keyed hashes, are suppressed."""
    found: set[str] = set()
    erased: set[str] = set()
    if addresses:
        is_theirs = is_among(connection, suppressions.c.address, addresses)
        query = select(suppressions.c.address).where(is_theirs)
        found |= {address for address in connection.execute(query).scalars() if address}
    if hashes:
        is_theirs = is_among(connection, suppressions.c.address_hash, hashes)
        query = select(suppressions.c.address_hash).where(is_theirs)
        erased |= {one for one in connection.execute(query).scalars() if one}
    return found, erased


def map_suppressions(connection: Connection, addresses: Sequence[str]) -> dict[str, Suppression]:
    """Why those of these addresses that must not be written to must not, by address."""
    found: dict[str, Suppression] = {}
    columns = [suppressions.c[name] for name in Suppression.__slots__]
    query = select(*columns).where(is_among(connection, suppressions.c.address, addresses))
    for row in connection.execute(query).mappings():
        one = Suppression(**{**row, "reason": SuppressionReason(row["reason"])})
        found[row["address"]] = one
    return found


def has_hashes(connection: Connection) -> bool:
    """Whether anybody was ever erased."""
    query = select(suppressions.c.suppression_id).where(suppressions.c.address_hash.is_not(None))
    return connection.execute(query.limit(1)).first() is not None


def add_suppression(connection: Connection, suppression: Suppression) -> bool:
    """Suppress an address; False when it was suppressed already (the first reason stands)."""
    return add_suppressions(connection, [suppression]) == 1


def add_suppressions(connection: Connection, wanted: Sequence[Suppression]) -> int:
    """Suppress these addresses; how many were not suppressed already (their first reason stands).

    What another transaction adds in the same moment is waited for.
    """
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    added = 0
    for part in _parts(wanted):
        rows = [{name: getattr(one, name) for name in Suppression.__slots__} for one in part]
        statement = insert(suppressions).values(rows).on_conflict_do_nothing()
        found = connection.execute(statement.returning(suppressions.c.suppression_id))
        added += len(found.scalars().all())
    return added


def remove_suppression(connection: Connection, address: str) -> bool:
    """Let an address be written to again; False when it was not suppressed."""
    removed = connection.execute(delete(suppressions).where(suppressions.c.address == address))
    return removed.rowcount == 1


def _parts(values: Sequence[_Value]) -> Iterable[Sequence[_Value]]:
    for start in range(0, len(values), 500):
        yield values[start : start + 500]
