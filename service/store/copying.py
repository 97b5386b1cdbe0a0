"""Everything out of one database into another that is empty: the move from SQLite to PostgreSQL."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Row, Table, func, insert, select, text, update
from sqlalchemy.exc import DataError, IntegrityError

from service.errors import StoreError
from service.store.database import Database
from service.store.migrate import check_schema
from service.store.tables import installation, metadata

_AT_A_TIME = 2_000
"""Rows held in memory at a time."""

Progress = Callable[[str, int, int], None]
"""Told which table, how many of its rows are copied, and how many there are."""


def copy_database(source: Database, target: Database, on_rows: Progress) -> Mapping[str, int]:
    """Copy every row in one transaction, and put the source into send-hold; rows by table.

    Nobody can write into the source meanwhile. Raises StoreError when the target is not empty,
    or has not row for row what the source has; then nothing was copied.
    """
    check_schema(source)
    with source.writing() as reading:
        with target.writing() as writing:
            _require_empty(writing)
            counts = {table.name: _copy(table, reading, writing, on_rows) for table in _tables()}
        # Only now: a move that failed leaves the source as it was.
        reading.execute(update(installation).values(is_send_held=True))
    return counts


def _tables() -> list[Table]:
    """Every table behind those that it points to."""
    return metadata.sorted_tables


def _require_empty(connection: Connection) -> None:
    for table in _tables():
        count = connection.execute(select(func.count()).select_from(table)).scalar_one()
        if count:
            raise StoreError(
                f"the database to copy into is not empty: {table.name} has {count:,} rows; "
                "name one that was made for this"
            )


def _copy(table: Table, source: Connection, target: Connection, on_rows: Progress) -> int:
    total = source.execute(select(func.count()).select_from(table)).scalar_one()
    names = table.columns.keys()
    expected = Digest()
    for rows in _read(table, source):
        expected.add(rows)
        try:
            target.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])
        except (DataError, IntegrityError) as error:
            # Its own words may quote a reader.
            kind = type(error.orig).__name__
            raise StoreError(
                f"{table.name}: PostgreSQL does not take one of its rows ({kind}); "
                "kawaraban doctor on the old database may say more"
            ) from None
        on_rows(table.name, expected.count, total)
    _set_counters(table, target)
    found = Digest()
    for rows in _read(table, target):
        found.add(rows)
    if found != expected:
        raise StoreError(
            f"{table.name} was not copied row for row ({found.count:,} of {expected.count:,}); "
            "please report it"
        )
    return expected.count


class Digest:
    """What a set of rows adds up to, in whichever order they come."""

    def __init__(self) -> None:
        self.count = 0
        self.sum = 0

    def add(self, rows: Iterable[Row[Any]]) -> None:
        """Count these rows in."""
        for row in rows:
            digest = hashlib.blake2b(repr(tuple(row)).encode(), digest_size=16).digest()
            self.sum = (self.sum + int.from_bytes(digest)) % 2**128
            self.count += 1

    def __eq__(self, other: object) -> bool:
        """Whether both are of the same rows."""
        return isinstance(other, Digest) and (self.count, self.sum) == (other.count, other.sum)

    def __hash__(self) -> int:
        return hash((self.count, self.sum))


def _read(table: Table, connection: Connection) -> Iterator[list[Row[Any]]]:
    options = {"yield_per": _AT_A_TIME}
    with connection.execute(select(table), execution_options=options) as result:
        yield from (list(rows) for rows in result.partitions())


def _set_counters(table: Table, connection: Connection) -> None:
    """Let the numbers that the database gives go on behind those that were copied."""
    column = table.autoincrement_column
    if column is None:
        return
    highest = connection.execute(select(func.max(column))).scalar()
    connection.execute(
        text("SELECT setval(pg_get_serial_sequence(:table, :column), :value, :is_used)"),
        {
            "table": table.name,
            "column": column.name,
            "value": highest or 1,
            "is_used": highest is not None,
        },
    )
