"""The members of a column that holds a list, such as a post's categories."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, literal_column, select


def each_of(connection: Connection, column: ColumnElement[Any]) -> Any:  # noqa: ANN401
    """The members of a column that holds a list, as a column of a table beside it."""
    if connection.dialect.name == "postgresql":
        name, split = "value", func.json_array_elements_text(column)
    else:
        name, split = "value", func.json_each(column)
    return split.table_valued(name).c[name]


def list_members(
    connection: Connection,
    table: Table,
    column: ColumnElement[Any],
    *conditions: ColumnElement[bool],
) -> set[str]:
    """Whatever is in the lists of a column in the rows that meet the conditions, once each."""
    value = each_of(connection, column)
    beside = table.join(value.table, literal_column("true"))
    query = select(value).select_from(beside).where(*conditions).distinct()
    return set(connection.execute(query).scalars())
