"""One clock at a time: a lock that dies with its process."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from sqlalchemy.exc import OperationalError

from service.errors import AlreadyRunningError
from service.store.database import Database
from service.store.locks import CLOCK_LOCK, AdvisoryLock, try_lock

log = structlog.get_logger(__name__)

_TRY_EVERY = 2.0
"""Seconds after which a clock that stands by tries again to become the one that acts."""


@contextmanager
def hold_clock(folder: Path, database: Database) -> Iterator[None]:
    """Hold the clock of this installation; raises AlreadyRunningError when somebody has it.

    On SQLite that is a lock on a file in its data folder, on PostgreSQL one in the database.
    """
    holding = _hold_file(folder) if database.is_sqlite else _hold_database(database)
    with holding:
        yield


def take_turns(
    database: Database, act: Callable[[AdvisoryLock], None], rest: Callable[[float], bool]
) -> None:
    """Act whenever the clock of this PostgreSQL is ours, and stand by while another has it.

    `act` returns when its lock is not held any more. `rest` waits for so many seconds, and says
    whether we are to end.
    """
    told = ""
    while True:
        try:
            with try_lock(database, CLOCK_LOCK) as lock:
                if lock is not None:
                    told = ""
                    act(lock)
            says = "another clock acts; standing by" if lock is None else "not the clock any more"
        except OperationalError:
            says = "the database does not answer; the clock waits for it"
        if rest(_TRY_EVERY):
            return
        if says != told:
            log.warning(says)
            told = says


@contextmanager
def _hold_file(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "clock.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise AlreadyRunningError(
                f"a clock is running already (process {holder}) on {folder}; "
                "it scans, publishes and opens editions by itself"
            ) from error
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield


@contextmanager
def _hold_database(database: Database) -> Iterator[None]:
    with try_lock(database, CLOCK_LOCK) as lock:
        if lock is None:
            raise AlreadyRunningError(
                "another process is the clock of this database already; "
                "it scans, publishes and opens editions by itself"
            )
        yield
