"""The jobs of procrastinate on PostgreSQL: a job is a batch id, and only ever a wake-up.

They live in a schema of their own, laid out by the package's own SQL. Nothing in them is worth
keeping: what has no job and may leave is given one again, so a new version of the package gets
its schema from scratch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from importlib.metadata import distribution
from pathlib import Path

from sqlalchemy import Connection, text

from service.model.delivery import BatchState
from service.store.claims import list_due_batches

JOBS_SCHEMA = "kawaraban_jobs"
QUEUE = "deliveries"
TASK = "deliver"

_AT_A_TIME = 10_000
"""Batches looked at for whether they have a job."""

_STALLED_AFTER = timedelta(seconds=15)
"""A worker not heard of for so long counts as gone: its jobs are given again, which is harmless."""

_DEFER = text(f"""
    SELECT {JOBS_SCHEMA}.procrastinate_defer_jobs_v1(array_agg(
        ROW(:queue, :task, CASE WHEN edition_id IS NULL THEN 1 ELSE 0 END, NULL, NULL,
            jsonb_build_object('batch_id', batch_id), not_before
        )::{JOBS_SCHEMA}.procrastinate_job_to_defer_v1
        ORDER BY batch_id))
    FROM batches WHERE batch_id = ANY(:batch_ids) AND state = :planned
    HAVING count(*) > 0
""")  # noqa: S608  (the schema's name is ours)

_IS_GONE = f"""
    NOT EXISTS (
        SELECT FROM {JOBS_SCHEMA}.procrastinate_workers worker
        WHERE worker.id = job.worker_id AND worker.last_heartbeat > now() - :stalled_after
    )
"""

_LIST_WOKEN = text(f"""
    SELECT (args->>'batch_id')::bigint FROM {JOBS_SCHEMA}.procrastinate_jobs job
    WHERE (status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now()))
        OR (status = 'doing' AND NOT {_IS_GONE})
""")  # noqa: S608

_DROP = text(f"""
    DELETE FROM {JOBS_SCHEMA}.procrastinate_jobs job
    WHERE (status = 'todo' AND NOT EXISTS (
            SELECT FROM batches
            WHERE batches.batch_id = (job.args->>'batch_id')::bigint AND batches.state = :planned))
        OR (status = 'doing' AND {_IS_GONE})
        OR status NOT IN ('todo', 'doing')
""")  # noqa: S608


def lay_out_jobs(connection: Connection) -> None:
    """Make the jobs' schema, or make it anew when the package brought another one."""
    sql, mark = _read_schema()
    if _find_mark(connection) == mark:
        return
    connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {JOBS_SCHEMA} CASCADE")
    connection.exec_driver_sql(f"CREATE SCHEMA {JOBS_SCHEMA}")
    path = connection.scalar(text("SELECT current_setting('search_path')"))
    _set_path(connection, JOBS_SCHEMA)
    driver = connection.connection.driver_connection
    if driver is not None:
        # Many statements at once, with per cent signs of their own: nothing in between may look.
        driver.execute(sql)
    _set_path(connection, str(path))
    _bind_functions(connection)
    connection.exec_driver_sql(f"COMMENT ON SCHEMA {JOBS_SCHEMA} IS '{mark}'")


def are_jobs_laid_out(connection: Connection) -> bool:
    """Whether the jobs' schema is the one that this version of the package brings."""
    return _find_mark(connection) == _read_schema()[1]


def defer_jobs(connection: Connection, batch_ids: Sequence[int]) -> None:
    """Give each of these batches a job for when it may leave; notices come first."""
    if batch_ids:
        values = {"queue": QUEUE, "task": TASK, "planned": BatchState.PLANNED.value}
        connection.execute(_DEFER, {**values, "batch_ids": list(batch_ids)})


def defer_due_jobs(connection: Connection, now: datetime, account: str) -> list[int]:
    """Give a job to every batch that may leave and has none, or a late one; those batches."""
    due = list_due_batches(connection, now, _AT_A_TIME, account)
    woken = set(connection.execute(_LIST_WOKEN, {"stalled_after": _STALLED_AFTER}).scalars())
    without = [batch_id for batch_id in due if batch_id not in woken]
    defer_jobs(connection, without)
    return without


def drop_stale_jobs(connection: Connection) -> int:
    """Delete the jobs of batches that are past them, and of workers that are gone; how many."""
    values = {"planned": BatchState.PLANNED.value, "stalled_after": _STALLED_AFTER}
    return connection.execute(_DROP, values).rowcount


def _find_mark(connection: Connection) -> str:
    query = text("SELECT obj_description(to_regnamespace(:name), 'pg_namespace')")
    return str(connection.scalar(query, {"name": JOBS_SCHEMA}) or "")


def _read_schema() -> tuple[str, str]:
    """The package's own SQL, and the mark that a schema made with it carries."""
    found = distribution("procrastinate").locate_file("procrastinate/sql/schema.sql")
    sql = Path(str(found)).read_text(encoding="utf-8")
    return sql, hashlib.sha256(sql.encode()).hexdigest()


def _set_path(connection: Connection, path: str) -> None:
    connection.execute(text("SELECT set_config('search_path', :path, true)"), {"path": path})


def _bind_functions(connection: Connection) -> None:
    """Let the functions find their tables whoever calls them, from whichever schema."""
    names = connection.execute(
        text(
            "SELECT oid::regprocedure::text FROM pg_proc "
            "WHERE pronamespace = CAST(:name AS regnamespace)"
        ),
        {"name": JOBS_SCHEMA},
    ).scalars()
    for name in list(names):
        connection.exec_driver_sql(
            f"ALTER FUNCTION {name} SET search_path = {JOBS_SCHEMA}, pg_temp"
        )
