"""States of the databases that many tests share: played once, then laid down row by row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Table, delete, exists, insert, select

from service.model.edition import Edition
from service.store.database import Database
from service.store.tables import installation, metadata
from tests.fakes import world

T = TypeVar("T")

_TABLES = [table for table in metadata.sorted_tables if table is not installation]
_HELD = select(*(exists(select(1).select_from(table)) for table in _TABLES))


def freeze_news(database: Database, readers: int, batch_size: int = 100) -> Edition:
    """What world.freeze_news leaves behind, and its edition."""
    return lay_down(database, world.freeze_news, readers, batch_size)


def lay_down(database: Database, play: Callable[..., T], *how: int) -> T:
    """What `play` leaves in a database that holds nothing but its installation, and its answer."""
    answer, kept = _play(database, play, how)
    with database.writing() as connection:
        _require_empty(connection)
        for table, rows in kept:
            connection.execute(insert(table), rows)
    return cast("T", answer)


@cache
def _play(
    database: Database, play: Callable[..., object], how: tuple[int, ...]
) -> tuple[object, list[tuple[Table, Sequence[Mapping[str, Any]]]]]:
    with database.reading() as connection:
        _require_empty(connection)
    answer = play(database, *how)
    with database.writing() as connection:
        kept = [(table, _read_rows(connection, table)) for table in _TABLES]
        for table in reversed(_TABLES):
            connection.execute(delete(table))
    return answer, [(table, rows) for table, rows in kept if rows]


def _require_empty(connection: Connection) -> None:
    """Among other rows, what is laid down would be a state that never was."""
    assert not any(connection.execute(_HELD).one()), "there are rows that were not played with"


def _read_rows(connection: Connection, table: Table) -> Sequence[Mapping[str, Any]]:
    return [dict(row) for row in connection.execute(select(table)).mappings()]
