"""An edition sent by one engine to so many readers in so many variants, from plan to accepted."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from service.store.database import Database
from tests.bench.sending.house import add_readers, build_house, open_house
from tests.bench.sending.job import read_peak, run_job
from tests.fakes.cluster import Cluster
from tests.fakes.machines import Process

_TAKEN = "SELECT count(*) FROM deliveries WHERE state = 'accepted'"
_WAITS = "SELECT count(*) FROM batches WHERE edition_id = 1 AND state IN ('planned', 'claimed')"
_SPENT = (
    "SELECT extract(epoch FROM max(ended_at) - min(claimed_at)) FROM attempts"
    " JOIN batches USING (batch_id) WHERE edition_id = 1"
)
_UP = "SELECT count(*) FROM kawaraban_jobs.procrastinate_workers"


@dataclass(frozen=True, slots=True)
class Case:
    """`workers` is how many worker processes there are on PostgreSQL; 0 is `up` on SQLite."""

    workers: int
    readers: int
    variants: int


@dataclass(frozen=True, slots=True)
class Result:
    """What the job of planning reported, how long sending took, and its peak of memory in MB."""

    case: Case
    planned: Mapping[str, Any]
    seconds: float
    peak: float


def run_case(case: Case, port: int, cluster: Cluster | None) -> Result:
    """Make a house, plan its edition, and send it."""
    with _open_folder() as folder, _open_database(case, cluster) as environment:
        build_house(folder / "house", port, environment)
        app = open_house(folder / "house", environment)
        add_readers(app.works.database, case.readers, case.variants)
        try:
            if case.workers:
                return _send_with_workers(case, folder, app.works.database, environment)
            return _send_embedded(case, folder, app.works.database)
        finally:
            app.close()


def _send_embedded(case: Case, folder: Path, database: Database) -> Result:
    planned = run_job("plan", str(folder / "house"))
    sent = run_job("send", str(folder / "house"))
    _require_all(database, case)
    return Result(case, planned, sent["seconds"], sent["peak"])


def _send_with_workers(
    case: Case, folder: Path, database: Database, environment: Mapping[str, str]
) -> Result:
    given = {
        **environment,
        "KAWARABAN_SECRET_KEY": "bench" * 8,
        "KAWARABAN_PROVIDER_API_KEY": "bench",
    }
    workers = []
    for number in range(case.workers):
        machine = folder / f"machine{number}"
        machine.mkdir()
        for name in ("kawaraban.toml", "posts"):
            (machine / name).symlink_to(folder / "house" / name)
        workers.append(Process(machine, ("worker",), given))
    try:
        _wait(database, _UP, case.workers)
        planned = run_job("plan", str(folder / "house"), **environment)
        _wait(database, _WAITS, 0)
        _require_all(database, case)
        peak = max(read_peak(worker.pid) for worker in workers)
        return Result(case, planned, float(_ask(database, _SPENT)), peak)
    finally:
        for worker in workers:
            worker.end()


def _wait(database: Database, question: str, answer: int) -> None:
    while _ask(database, question) != answer:
        time.sleep(0.05)


def _ask(database: Database, question: str) -> Any:  # noqa: ANN401
    with database.reading() as connection:
        return connection.execute(text(question)).scalar()


def _require_all(database: Database, case: Case) -> None:
    if (taken := _ask(database, _TAKEN)) != case.readers:
        raise SystemExit(f"{taken} of {case.readers} readers were reached: the figures are void")


@contextmanager
def _open_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="kawaraban-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def _open_database(case: Case, cluster: Cluster | None) -> Iterator[dict[str, str]]:
    """A database of the case's own, as the environment names it."""
    if not case.workers or cluster is None:
        yield {}
        return
    admin = Database(f"postgresql+psycopg://root@/postgres?host={cluster.folder}")
    with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CREATE DATABASE bench OWNER kawaraban"))
        yield {"DATABASE_URL": cluster.url.replace("/kawaraban?", "/bench?")}
        connection.execute(text("DROP DATABASE bench WITH (FORCE)"))
    admin.close()
