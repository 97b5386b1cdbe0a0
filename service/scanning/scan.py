"""One scan: list, read what changed, record every file's verdict in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from service.content.library import FileStat, list_files, read_file
from service.model.post import Reading, Verdict
from service.scanning.changes import Changes, find_changes, pass_over_touched
from service.scanning.recording import Recorder
from service.scanning.report import ScanReport, ScanSettings
from service.store import files as file_rows
from service.store import posts as post_rows
from service.store.database import Database
from service.store.files import FileRow
from service.store.installation import find_installation, record_scan

Progress = Callable[[int, int], None]
"""Told how many of how many files were read."""


def scan_posts(
    database: Database,
    settings: ScanSettings,
    now: datetime,
    on_progress: Progress | None = None,
) -> ScanReport:
    """Read what changed since the last scan and record every file's verdict.

    One bad file never stops the rest: it is quarantined with its reason.
    """
    stats = list_files(settings.root, settings.rules.generator)
    with database.reading() as connection:
        known = file_rows.list_files(connection)
    changes = pass_over_touched(settings, find_changes(stats, known, settings.rules.digest), known)
    readings = _read_files(settings, changes.to_read, now, on_progress)
    with database.writing() as connection:
        return _record(connection, settings, changes, readings, known, now)


def _read_files(
    settings: ScanSettings,
    stats: Sequence[FileStat],
    now: datetime,
    on_progress: Progress | None,
) -> list[Reading]:
    readings = []
    for done, stat in enumerate(stats, start=1):
        readings.append(read_file(settings.root, stat, settings.rules, now))
        if on_progress is not None:
            on_progress(done, len(stats))
    return readings


def _record(
    connection: Connection,
    settings: ScanSettings,
    changes: Changes,
    readings: Sequence[Reading],
    known: Mapping[str, FileRow],
    now: datetime,
) -> ScanReport:
    first_scan_at = find_installation(connection).first_scan_at
    gone = _record_gone(connection, changes, readings, now)
    articles = [reading.article for reading in readings if reading.article is not None]
    recorder = Recorder(connection, settings, {r.facts.path: r for r in readings}, now)
    recorder.record_articles(articles)
    held = recorder.hold_mass(is_first=first_scan_at is None)
    _record_rows(connection, settings, readings, known, recorder)
    file_rows.forget_files(connection, changes.gone)
    file_rows.touch_files(
        connection, [(stat.path, stat.size, stat.mtime_ns) for stat in changes.touched]
    )
    record_scan(connection, now)
    rows = (known if changes.is_none else file_rows.list_files(connection)).values()
    return ScanReport(
        files=changes.total,
        read=len(readings),
        new=len(recorder.new),
        changed=recorder.changed,
        renamed=recorder.renamed,
        gone=gone - recorder.renamed,
        held_as_mass=held,
        verdicts=Counter(row.verdict for row in rows),
        quarantined=tuple(row for row in rows if row.verdict is Verdict.QUARANTINED),
        is_first=first_scan_at is None,
    )


def _record_gone(
    connection: Connection, changes: Changes, readings: Sequence[Reading], now: datetime
) -> int:
    """Take away posts whose file vanished, or says no more that it is a post.

    A file that merely broke keeps its last good version.
    """
    stopped = [r.facts.path for r in readings if r.verdict is Verdict.NOT_A_POST]
    return post_rows.record_gone(connection, [*changes.gone, *stopped], now)


def _record_rows(
    connection: Connection,
    settings: ScanSettings,
    readings: Sequence[Reading],
    known: Mapping[str, FileRow],
    recorder: Recorder,
) -> None:
    rules_digest = settings.rules.digest
    rows = []
    for reading in readings:
        before = known.get(reading.facts.path)
        post_id = recorder.post_ids.get(reading.facts.path)
        if reading.verdict is Verdict.QUARANTINED and before is not None:
            post_id = before.post_id
        refusal = recorder.refused.get(reading.facts.path)
        rows.append(
            FileRow(
                path=reading.facts.path,
                size=reading.facts.size,
                mtime_ns=reading.facts.mtime_ns,
                digest=reading.facts.digest,
                rules_digest=rules_digest,
                verdict=Verdict.QUARANTINED if refusal else reading.verdict,
                code="duplicate-id" if refusal else reading.code,
                message=refusal or reading.message,
                line=reading.line,
                post_id=post_id,
            )
        )
    file_rows.record_files(connection, rows)
