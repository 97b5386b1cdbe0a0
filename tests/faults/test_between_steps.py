"""A fault between every two steps of a send: it dies there, or its database fails; then again.

strace puts it at the n-th write of SQLite, a hook at the n-th word that is said to the database.
A spread of all points is tried; with KAWARABAN_FAULTS=whole, as by `make faults`, every one.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import text

from service.store.database import Database
from tests.fakes.waiting import wait_until
from tests.proof.ground import Ground, open_ground
from tests.proof.mishaps import Mishap, MishapKind
from tests.proof.provider import ProviderClass
from tests.proof.sender import Orders
from tests.proof.syscalls import WRITES, count_writes, may_trace, tracing
from tests.proof.trial import Plan, Trial

READERS, BATCH = 40, 10
IS_WHOLE = os.environ.get("KAWARABAN_FAULTS") == "whole"
CLASSES = (ProviderClass.KEYS, ProviderClass.NOTHING)
WORDS_OF_SQLITE = re.compile("OperationalError: (disk I/O error|database or disk is full)")
Point = TypeVar("Point")
Meddling = Callable[[int], AbstractContextManager[None]]

needs_strace = pytest.mark.skipif(
    not may_trace(), reason="strace is not installed here, or may not look at other processes"
)
of_each_class = pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.name.lower())


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with open_ground() as opened:
        yield opened


@pytest.fixture
def site(migrated_file: Path, tmp_path: Path) -> Path:
    """A site with a SQLite file."""
    (tmp_path / "var").mkdir()
    shutil.copyfile(migrated_file, tmp_path / "var" / "kawaraban.db")
    return tmp_path


@needs_strace
@of_each_class
@pytest.mark.parametrize("fault", ["signal=KILL", "error=EIO", "error=ENOSPC"])
def test_a_fault_at_any_write_of_sqlite_loses_nobody_and_repeats_nobody(
    ground: Ground, site: Path, kind: ProviderClass, fault: str
) -> None:
    trace, log = site / "trace", site / "log"
    with closing(open_trial(ground, "once", kind, site)) as trial:
        files = prepare(trial)
        trial.send_amid(Orders(waits=True), lambda pid: tracing(pid, trace))
        made = count_writes(trace)
        assert made["fdatasync"] >= 2 * READERS // BATCH
        points = [(call, n) for call in WRITES for n in number(made[call])]
        for call, n in spread(points, 3):
            inject = f"{call}:{fault}:when={n}"
            trial.rewind(files)
            status = trial.send_amid(Orders(waits=True, log=str(log)), break_with(trace, inject))
            assert_struck(status, fault, trace.read_text())
            assert os.waitstatus_to_exitcode(status) != 1 or WORDS_OF_SQLITE.search(log.read_text())
            judge(trial, inject)


@needs_strace
def test_a_service_whose_disk_was_full_goes_on_by_itself(ground: Ground, site: Path) -> None:
    log, inject = site / "log", f"pwrite64:error=ENOSPC:when={secrets.choice(range(10, 60))}+"

    @contextmanager
    def fill_disk(pid: int) -> Iterator[None]:
        with tracing(pid, site / "trace", inject, follow=True):
            wait_until(lambda: is_told(log), "the service tells of the full disk")
        yield

    with closing(open_trial(ground, "embedded", ProviderClass.NOTHING, site)) as trial:
        trial.prepare()
        status = trial.send_amid(Orders(waits=True, log=str(log)), fill_disk)
        assert status == 0, log.read_text()
        result = trial.count()
    assert (result.twice, result.lost, result.unknown) == (0, 0, 0), inject


@of_each_class
@pytest.mark.parametrize(
    ("engine", "fault"), [("embedded", MishapKind.KILL), ("once", MishapKind.ERROR)]
)
def test_a_fault_at_any_word_to_sqlite_loses_nobody_and_repeats_nobody(
    ground: Ground, site: Path, kind: ProviderClass, engine: str, fault: MishapKind
) -> None:
    with closing(open_trial(ground, engine, kind, site)) as trial:
        files = prepare(trial)
        trial.send_amid(Orders(log=str(site / "log")))
        words = int((site / "log").read_text().rpartition("words=")[2])
        for n in spread(number(words), 4):
            trial.rewind(files)
            trial.send_amid(Orders(Mishap(fault, n)))
            judge(trial, f"{fault} at word {n}")


@pytest.mark.postgres
@of_each_class
def test_a_sender_killed_at_any_word_to_postgres_loses_nobody_and_repeats_nobody(
    ground: Ground, postgres: Database, tmp_path: Path, kind: ProviderClass
) -> None:
    readers = 10_000 if IS_WHOLE else 300
    url = postgres.url.render_as_string(hide_password=False)
    with closing(open_trial(ground, "once", kind, tmp_path, url, readers=readers)) as trial:
        trial.prepare()
        points = spread(number(200), 6)
        for n in points:
            status = trial.send_amid(Orders(Mishap(MishapKind.KILL, n)))
            assert os.WIFSIGNALED(status), f"everything was sent before word {n}"
        judge(trial, f"killed at {points}", kills=len(points))


def open_trial(
    ground: Ground,
    engine: str,
    kind: ProviderClass,
    site: Path,
    url: str = "",
    *,
    readers: int = READERS,
) -> Trial:
    plan = Plan(
        engine=engine,
        database="postgres" if url else "sqlite",
        kind=kind,
        workers=1,
        recipients=readers,
        batch_limit=BATCH,
        kills=0,
        trouble=0.0,
        seed=0,
    )
    return Trial(ground, plan, site, {"DATABASE_URL": url} if url else {})


def prepare(trial: Trial) -> dict[Path, bytes]:
    trial.prepare()
    return trial.keep_files()


def break_with(trace: Path, inject: str) -> Meddling:
    return lambda pid: tracing(pid, trace, inject)


def is_told(log: Path) -> bool:
    said = log.read_text()
    return "is full" in said and ("round of deliveries failed" in said or "not recorded" in said)


def assert_struck(status: int, fault: str, trace: str) -> None:
    if fault == "signal=KILL":
        assert os.WIFSIGNALED(status)
        assert os.WTERMSIG(status) == signal.SIGKILL
    else:
        assert "(INJECTED)" in trace


def judge(trial: Trial, what: str, kills: int = 1) -> None:
    """Look whether the file is whole; send the rest in peace, and count."""
    database = trial.app.works.database
    if database.is_sqlite:
        with database.reading() as connection:
            assert connection.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"]
    trial.settle()
    result = trial.count()
    assert (result.twice, result.lost, result.altered) == (0, 0, 0), what
    assert (result.twice_at_last, result.lost_at_last) == (0, 0), what
    is_bare = result.plan.kind is ProviderClass.NOTHING
    assert result.unknown_batches <= (kills if is_bare else 0), what


def number(count: int) -> range:
    return range(1, count + 1)


def spread(points: Sequence[Point], count: int) -> list[Point]:
    """So many points, evenly spread and elsewhere each time; all of them in the long form."""
    step = 1 if IS_WHOLE else max(1, len(points) // count)
    return list(points[secrets.randbelow(step) :: step])
