"""The road from a repository somewhere else to the files that are read here."""

from __future__ import annotations

from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime

import structlog

from service.errors import AlreadyRunningError, SourceError
from service.model.post import Verdict
from service.outbound.repository import Repository
from service.scanning.report import ScanReport
from service.store import files as file_rows
from service.store.database import Database
from service.store.pulls import find_pull, record_failure, record_pulled, record_try

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PullReport:
    """What a pull came to; `failure` is "" for a good one, and `revision` what is there now."""

    revision: str
    has_changed: bool
    failure: str = ""


def pull_posts(
    database: Database,
    repository: Repository,
    now: datetime,
    turn: AbstractContextManager[object] | None = None,
) -> PullReport:
    """Bring the files up to date, and record how that went.

    A pull that fails leaves the last good files in place. Fetching changes no file; `turn` is
    taken for the short time in which files change, so that nobody reads them meanwhile.
    """
    source = repository.source
    with database.writing() as connection:
        record_try(connection, source.name, now)
    before = repository.find_revision()
    try:
        revision = _bring(repository, nullcontext() if turn is None else turn)
    except AlreadyRunningError as error:
        log.info("not pulled", source=source.name, reason=str(error))
        return PullReport(before, has_changed=False)
    except SourceError as error:
        return _note_failure(database, repository, before, str(error), now)
    with database.writing() as connection:
        record_pulled(connection, source.name, revision, now)
    if revision != before:
        log.info("pulled", source=source.name, revision=revision[:12])
    return PullReport(revision, revision != before)


def fetch_first(repository: Repository) -> None:
    """See that the files of a source are there at all, and whole.

    Raises SourceError when they are not and cannot be had, and AlreadyRunningError while another
    process sees to it.
    """
    if not repository.find_revision():
        repository.recover()
    if not repository.find_revision():
        repository.switch(repository.fetch())


def pass_over(database: Database) -> ScanReport:
    """The report of a scan that was not made: everything as the last one left it."""
    with database.reading() as connection:
        rows = file_rows.list_files(connection).values()
    return ScanReport(
        files=len(rows),
        read=0,
        new=0,
        changed=0,
        renamed=0,
        gone=0,
        held_as_mass=0,
        verdicts=Counter(row.verdict for row in rows),
        quarantined=tuple(row for row in rows if row.verdict is Verdict.QUARANTINED),
        is_first=False,
    )


def is_asked(database: Database, repository: Repository) -> bool:
    """Whether a push waits for its pull."""
    with database.reading() as connection:
        return find_pull(connection, repository.source.name).asked_at is not None


def _bring(repository: Repository, turn: AbstractContextManager[object]) -> str:
    revision = repository.fetch()
    with turn:
        repository.switch(revision)
    return revision


def _note_failure(
    database: Database, repository: Repository, before: str, failure: str, now: datetime
) -> PullReport:
    there = repository.find_revision()
    if not repository.is_given_up:
        with database.writing() as connection:
            record_failure(connection, repository.source.name, failure, now)
        log.warning(
            "pull failed", source=repository.source.name, reason=failure, going_on_with=there[:12]
        )
    return PullReport(there, there != before, failure)
