"""One scan: list, read what changed, record every file's verdict in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from service.content.history import AddedTimes
from service.content.library import BUSY, FileStat, list_files, read_file
from service.content.spool import Spool, open_spool
from service.model.post import Reading, Verdict
from service.scanning.changes import (
    Changes,
    find_changes,
    keep_missing,
    pass_over_touched,
    read_refused,
)
from service.scanning.keeping import keep_last_good
from service.scanning.recording import Recorder
from service.scanning.report import DUPLICATE_ID, ScanReport, ScanSettings
from service.store import files as file_rows
from service.store.database import Database
from service.store.files import FileRow
from service.store.installation import Installation, find_installation, record_scan

Progress = Callable[[int, int], None]
"""Told how many of how many files were read."""

_NOTE_AFTER = timedelta(minutes=1)
"""How old the note of the last good scan may get while nothing changes."""


def scan_posts(
    database: Database,
    settings: ScanSettings,
    now: datetime,
    on_progress: Progress | None = None,
    *,
    believes: bool = False,
) -> ScanReport:
    """Read what changed since the last scan and record every file's verdict.

    One bad file never stops the rest: it is quarantined with its reason. A folder that looks
    emptied keeps its posts until a scan ten minutes later still finds it so; with `believes`
    they are taken away at once.
    """
    stats = list_files(settings.root, settings.rules.generator, settings.rules.habits)
    with database.reading() as connection:
        known = file_rows.list_files(connection)
        state = find_installation(connection)
    changes = find_changes(stats, known, settings.rules.digest)
    if not believes:
        changes = keep_missing(changes, known, now)
    is_noted = _is_noted(state, now)
    changes = pass_over_touched(settings, changes, known)
    changes = read_refused(changes, stats, known, is_noted=is_noted)
    if changes.is_none and is_noted:
        return _compose_report(changes, known)
    with open_spool() as spool:
        readings = _read_files(settings, changes.to_read, now, spool, on_progress)
        with database.writing() as connection:
            return _record(connection, settings, changes, readings, spool, known, now)


def _is_noted(state: Installation, now: datetime) -> bool:
    """Whether a good scan is on record that is as good as this one."""
    last = state.last_scan_at
    return last is not None and timedelta(0) <= now - last < _NOTE_AFTER


def _read_files(
    settings: ScanSettings,
    stats: Sequence[FileStat],
    now: datetime,
    spool: Spool,
    on_progress: Progress | None,
) -> list[Reading]:
    readings = []
    added_at = AddedTimes(settings.root)
    for done, stat in enumerate(stats, start=1):
        reading = read_file(settings.root, stat, settings.rules, now, added_at)
        readings.append(spool.put_away(reading))
        if on_progress is not None:
            on_progress(done, len(stats))
    return readings


def _record(
    connection: Connection,
    settings: ScanSettings,
    changes: Changes,
    all_readings: Sequence[Reading],
    spool: Spool,
    known: Mapping[str, FileRow],
    now: datetime,
) -> ScanReport:
    is_first = find_installation(connection).first_scan_at is None
    readings = keep_last_good(all_readings, known)
    recorder = Recorder(connection, settings, readings, spool, known, now)
    gone = [*changes.gone, *(one.facts.path for one in readings if _is_no_post(one))]
    recorder.record_articles(gone, [row.path for row in changes.missing])
    held = recorder.hold_mass(is_first=is_first)
    _record_rows(connection, settings, changes, readings, known, recorder, now)
    record_scan(connection, now)
    rows = known if changes.is_none else file_rows.list_files(connection)
    return _compose_report(
        changes,
        rows,
        read=len(readings),
        new=len(recorder.new),
        changed=recorder.changed,
        renamed=recorder.renamed,
        gone=recorder.gone,
        held_as_mass=held,
        is_first=is_first,
        busy=tuple(one.facts.path for one in all_readings if one.code == BUSY),
    )


def _is_no_post(reading: Reading) -> bool:
    """Whether a post there has to go; a file that merely broke keeps its last good version."""
    return reading.article is None and reading.verdict in (Verdict.NOT_A_POST, Verdict.DRAFT)


def _record_rows(
    connection: Connection,
    settings: ScanSettings,
    changes: Changes,
    readings: Sequence[Reading],
    known: Mapping[str, FileRow],
    recorder: Recorder,
    now: datetime,
) -> None:
    rules_digest = settings.rules.digest
    rows = [_describe(one, known.get(one.facts.path), recorder, rules_digest) for one in readings]
    file_rows.record_files(connection, rows)
    file_rows.forget_files(connection, changes.gone)
    file_rows.miss_files(connection, changes.newly_missing, now)
    file_rows.assign_files(connection, recorder.reassigned)
    file_rows.touch_files(
        connection, [(stat.path, stat.size, stat.mtime_ns) for stat in changes.touched]
    )


def _describe(
    reading: Reading, before: FileRow | None, recorder: Recorder, rules_digest: str
) -> FileRow:
    facts = reading.facts
    refusal = recorder.refused.get(facts.path)
    verdict = Verdict.QUARANTINED if refusal else reading.verdict
    post_id = recorder.post_ids.get(facts.path)
    if verdict is Verdict.QUARANTINED and before is not None:
        post_id = before.post_id
    return FileRow(
        path=facts.path,
        size=facts.size,
        mtime_ns=facts.mtime_ns,
        digest=facts.digest,
        rules_digest=rules_digest,
        verdict=verdict,
        code=DUPLICATE_ID if refusal else reading.code,
        message=refusal or reading.message,
        line=reading.line,
        post_id=post_id,
    )


def _compose_report(
    changes: Changes,
    rows: Mapping[str, FileRow],
    *,
    read: int = 0,
    new: int = 0,
    changed: int = 0,
    renamed: int = 0,
    gone: int = 0,
    held_as_mass: int = 0,
    is_first: bool = False,
    busy: tuple[str, ...] = (),
) -> ScanReport:
    return ScanReport(
        files=changes.total,
        read=read,
        new=new,
        changed=changed,
        renamed=renamed,
        gone=gone,
        held_as_mass=held_as_mass,
        verdicts=Counter(row.verdict for row in rows.values()),
        quarantined=tuple(row for row in rows.values() if row.verdict is Verdict.QUARANTINED),
        is_first=is_first,
        missing=changes.missing,
        busy=busy,
    )
