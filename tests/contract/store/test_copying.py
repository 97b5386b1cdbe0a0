from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from service.errors import SchemaError, StoreError
from service.model.delivery import BatchState
from service.store.claims import claim_batch, list_due_batches, record_claimed
from service.store.copying import copy_database
from service.store.database import Database
from service.store.installation import find_installation, open_installation
from service.store.tables import batches, metadata, subscribers
from tests.fakes.replay import freeze_news
from tests.fakes.world import NOON, add_readers, subscribe

pytestmark = pytest.mark.postgres


def say_nothing(table: str, done: int, total: int) -> None:
    """Nobody looks."""


@pytest.fixture
def source(sqlite: Database) -> Database:
    """An installation in the middle of a send: one batch claimed, with its envelope."""
    open_installation(sqlite)
    freeze_news(sqlite, 25, 10)
    with sqlite.writing() as connection:
        first = list_due_batches(connection, NOON, 1)[0]
        later = NOON + timedelta(minutes=5)
        batch = claim_batch(connection, first, now=NOON, claimed_until=later)
        assert batch is not None
        record_claimed(connection, batch, {"送": ["a", 1, None, 2.5], "b": {"c": True}})
    return sqlite


def read_all(database: Database) -> dict[str, list[str]]:
    with database.reading() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table)).all()))
            for table in metadata.sorted_tables
            if table.name != "installation"
        }


def test_every_row_arrives_as_it_was(source: Database, postgres: Database) -> None:
    counts = copy_database(source, postgres, say_nothing)
    assert read_all(postgres) == read_all(source)
    assert (counts["deliveries"], counts["batches"], counts["subscribers"]) == (25, 3, 25)
    with postgres.reading() as connection:
        claimed = select(batches.c.envelope).where(batches.c.state == BatchState.CLAIMED)
        envelope = connection.execute(claimed).scalar_one()
    assert envelope == {"送": ["a", 1, None, 2.5], "b": {"c": True}}


def test_new_rows_get_numbers_that_were_never_given(source: Database, postgres: Database) -> None:
    copy_database(source, postgres, say_nothing)
    add_readers(postgres, [subscribe("new@example.jp")])
    with postgres.reading() as connection:
        assert connection.execute(select(func.max(subscribers.c.subscriber_id))).scalar() == 26


def test_afterwards_nothing_leaves_from_either(source: Database, postgres: Database) -> None:
    name = open_installation(source).name
    copy_database(source, postgres, say_nothing)
    assert open_installation(postgres).is_send_held
    assert open_installation(source).is_send_held
    assert open_installation(postgres).name == name


def test_a_database_that_holds_anything_is_refused(source: Database, postgres: Database) -> None:
    add_readers(postgres, [subscribe("here@example.jp")])
    with pytest.raises(StoreError, match=r"newsletters has 1 rows; name one that was made"):
        copy_database(source, postgres, say_nothing)
    assert not open_installation(source).is_send_held


def test_a_copy_that_is_broken_off_leaves_both_as_they_were(
    source: Database, postgres: Database
) -> None:
    def break_off(table: str, done: int, total: int) -> None:
        if table == "deliveries":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy_database(source, postgres, break_off)
    with postgres.reading() as connection:
        assert connection.execute(select(func.count()).select_from(subscribers)).scalar() == 0
    with source.reading() as connection:
        assert not find_installation(connection).is_send_held


def test_a_row_that_postgresql_cannot_hold_is_told_by_its_table_alone(
    source: Database, postgres: Database
) -> None:
    add_readers(source, [replace(subscribe("a@example.jp"), name="a\x00b")])
    with pytest.raises(StoreError, match=r"^subscribers: PostgreSQL does not take one"):
        copy_database(source, postgres, say_nothing)


def test_a_database_of_another_version_is_refused(source: Database, postgres: Database) -> None:
    with source.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    try:
        with pytest.raises(SchemaError):
            copy_database(source, postgres, say_nothing)
    finally:
        with source.writing() as connection, postgres.reading() as newest:
            version = newest.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
            move = "UPDATE alembic_version SET version_num = ?"
            connection.exec_driver_sql(move, (version,))
