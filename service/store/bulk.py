"""Thousands of rows written at once, except those that are there already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Table, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], key: Column[int]
) -> list[int]:
    """Write rows that have the same columns; the `key` of each that was not there already.

    What another transaction adds in the same moment is waited for.
    """
    if not rows:
        return []
    if connection.dialect.name != "postgresql":
        statement = sqlite.insert(table).on_conflict_do_nothing().returning(key)
        return list(connection.execute(statement, list(rows)).scalars())
    # A parameter for each column; one for each value would take its driver longer than the server.
    names = list(rows[0])
    columns = [
        literal([row[name] for row in rows], postgresql.ARRAY(table.c[name].type)) for name in names
    ]
    source = func.unnest(*columns).table_valued(*names).render_derived()
    insert = postgresql.insert(table).from_select(names, select(*(source.c[one] for one in names)))
    return list(connection.execute(insert.on_conflict_do_nothing().returning(key)).scalars())
