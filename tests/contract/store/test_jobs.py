from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, text, update

from service.errors import SchemaError
from service.model.delivery import BatchState
from service.store.claims import list_due_batches
from service.store.database import Database
from service.store.jobs import defer_due_jobs, defer_jobs, drop_stale_jobs
from service.store.migrate import check_schema, migrate
from service.store.tables import batches
from tests.fakes.replay import freeze_news
from tests.fakes.world import NOON

pytestmark = pytest.mark.postgres

JOBS = "kawaraban_jobs.procrastinate_jobs"


@pytest.fixture
def planned(postgres: Database) -> Iterator[list[int]]:
    """Three batches that may leave, and no job."""
    freeze_news(postgres, 25, 10)
    with postgres.reading() as connection:
        due = list_due_batches(connection, NOON, 10)
    yield due
    with postgres.writing() as connection:
        connection.execute(text(f"DELETE FROM {JOBS}"))  # noqa: S608


def list_jobs(connection: Connection) -> list[int]:
    query = text(f"SELECT args->>'batch_id' FROM {JOBS} ORDER BY id")  # noqa: S608
    return [int(one) for one in connection.execute(query).scalars()]


def change_jobs(connection: Connection, values: str) -> None:
    connection.execute(text(f"UPDATE {JOBS} SET {values}"))  # noqa: S608


def test_a_roll_back_takes_its_jobs_along(postgres: Database, planned: list[int]) -> None:
    with postgres.engine.connect() as connection:
        defer_jobs(connection, planned)
        assert list_jobs(connection) == planned
        connection.rollback()
    with postgres.reading() as connection:
        assert list_jobs(connection) == []


def test_a_job_waits_for_the_batch_and_carries_nothing_but_its_number(
    postgres: Database, planned: list[int]
) -> None:
    later = datetime(2035, 10, 13, tzinfo=UTC)
    with postgres.writing() as connection:
        connection.execute(
            update(batches).where(batches.c.batch_id == planned[1]).values(not_before=later)
        )
        defer_jobs(connection, [*planned, 99_999])
        query = f"SELECT args, scheduled_at, lock, queueing_lock FROM {JOBS} ORDER BY id"  # noqa: S608
        found = connection.execute(text(query)).all()
    assert [tuple(one) for one in found] == [
        ({"batch_id": batch_id}, later if batch_id == planned[1] else None, None, None)
        for batch_id in planned
    ]


def test_only_what_may_leave_and_has_no_job_gets_one(
    postgres: Database, planned: list[int]
) -> None:
    with postgres.writing() as connection:
        defer_jobs(connection, planned[:1])
        assert defer_due_jobs(connection, NOON, "another") == []
        assert defer_due_jobs(connection, NOON, "fake") == planned[1:]
        assert defer_due_jobs(connection, NOON, "fake") == []


def test_a_job_that_comes_too_late_is_not_waited_for(
    postgres: Database, planned: list[int]
) -> None:
    with postgres.writing() as connection:
        defer_jobs(connection, planned)
        change_jobs(connection, "scheduled_at = now() + interval '1 hour'")
        assert defer_due_jobs(connection, NOON, "fake") == planned


def test_what_a_dead_worker_had_is_given_again_and_its_jobs_are_cleared_away(
    postgres: Database, planned: list[int]
) -> None:
    with postgres.writing() as connection:
        defer_jobs(connection, planned)
        register = text("SELECT worker_id FROM kawaraban_jobs.procrastinate_register_worker_v1()")
        worker = connection.execute(register).scalar_one()
        change_jobs(connection, f"status = 'doing', worker_id = {worker}")
        assert defer_due_jobs(connection, NOON, "fake") == []
        connection.execute(
            text("UPDATE kawaraban_jobs.procrastinate_workers SET last_heartbeat = :then"),
            {"then": datetime.now(UTC) - timedelta(minutes=1)},
        )
        assert defer_due_jobs(connection, NOON, "fake") == planned
        assert drop_stale_jobs(connection) == len(planned)
        assert list_jobs(connection) == planned


def test_jobs_of_batches_that_are_past_them_are_cleared_away(
    postgres: Database, planned: list[int]
) -> None:
    with postgres.writing() as connection:
        defer_jobs(connection, planned)
        settled = batches.c.batch_id == planned[0]
        connection.execute(update(batches).where(settled).values(state=BatchState.SETTLED))
        assert drop_stale_jobs(connection) == 1
        assert list_jobs(connection) == planned[1:]


def test_another_version_of_the_package_gets_its_tables_from_scratch(
    postgres: Database, planned: list[int]
) -> None:
    with postgres.writing() as connection:
        defer_jobs(connection, planned)
        connection.execute(text("COMMENT ON SCHEMA kawaraban_jobs IS 'another'"))
    with pytest.raises(SchemaError, match="run: kawaraban migrate"):
        check_schema(postgres)
    migrate(postgres)
    check_schema(postgres)
    with postgres.writing() as connection:
        assert defer_due_jobs(connection, NOON, "fake") == planned
