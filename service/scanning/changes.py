"""What differs between the folder and what was known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.content.library import FileStat, digest_file, list_gone
from service.scanning.report import DUPLICATE_ID, NO_DATE, ScanSettings
from service.store.files import FileRow

BELIEVE_AFTER = timedelta(minutes=10)
"""How long a folder must look emptied before its posts are taken away."""

_MANY = 25


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between the folder and what was known of it.

    `touched` are files with another size or mtime and the same bytes, as after a checkout.
    `missing` are files that are not there and whose posts are kept for now.
    """

    to_read: tuple[FileStat, ...]
    gone: tuple[str, ...]
    total: int
    touched: tuple[FileStat, ...] = ()
    missing: tuple[FileRow, ...] = ()

    @property
    def newly_missing(self) -> tuple[str, ...]:
        """Those of the missing that were there at the last scan."""
        return tuple(row.path for row in self.missing if row.missing_since_at is None)

    @property
    def is_none(self) -> bool:
        """Whether nothing has to be written down."""
        return not (self.to_read or self.gone or self.touched or self.newly_missing)


def find_changes(
    stats: Sequence[FileStat], known: Mapping[str, FileRow], rules_digest: str
) -> Changes:
    """Files to read (new, other size or mtime, read under other rules) and files gone."""
    to_read = []
    for stat in stats:
        row = known.get(stat.path)
        if row is None or (row.size, row.mtime_ns, row.rules_digest, row.missing_since_at) != (
            stat.size,
            stat.mtime_ns,
            rules_digest,
            None,
        ):
            to_read.append(stat)
    return Changes(tuple(to_read), tuple(list_gone(known, stats)), len(stats))


def keep_missing(changes: Changes, known: Mapping[str, FileRow], now: datetime) -> Changes:
    """Take files out of the gone ones as long as the folder may only look emptied.

    That is where more than half of at least 25 posts have no file any more, and no new ones
    came in their place: a disk that is not mounted, a checkout seen half way. It is believed
    when a scan ten minutes later still sees it.
    """
    looks_emptied = _looks_emptied(changes, known)
    missing = []
    for path in changes.gone:
        row = known[path]
        since = row.missing_since_at or (now if looks_emptied else None)
        if row.post_id is not None and since is not None and now - since < BELIEVE_AFTER:
            missing.append(row)
    kept = {row.path for row in missing}
    gone = tuple(path for path in changes.gone if path not in kept)
    return replace(changes, gone=gone, missing=tuple(missing))


def _looks_emptied(changes: Changes, known: Mapping[str, FileRow]) -> bool:
    posts = sum(row.post_id is not None for row in known.values())
    lost = sum(known[path].post_id is not None for path in changes.gone)
    came = sum(stat.path not in known for stat in changes.to_read)
    return posts >= _MANY and 2 * (lost - came) > posts


def pass_over_touched(
    settings: ScanSettings, changes: Changes, known: Mapping[str, FileRow]
) -> Changes:
    """Leave out of the reading what a hash shows to be as it was."""
    rules_digest = settings.rules.digest
    touched = [
        stat
        for stat in changes.to_read
        if (row := known.get(stat.path)) is not None
        and row.rules_digest == rules_digest
        and row.digest
        and row.digest == digest_file(settings.root, stat)
    ]
    passed = {stat.path for stat in touched}
    to_read = tuple(stat for stat in changes.to_read if stat.path not in passed)
    return replace(changes, to_read=to_read, touched=tuple(touched))


def read_refused(
    changes: Changes, stats: Sequence[FileStat], known: Mapping[str, FileRow], *, is_noted: bool
) -> Changes:
    """Read files again whose trouble may have gone without a change of theirs.

    Any other change may have freed an id, and a commit gives a file a date without touching
    it; that is looked at when something changed, and otherwise as often as scans are noted.
    """
    is_still = not changes.to_read and not changes.gone
    codes = {NO_DATE} if is_still else {NO_DATE, DUPLICATE_ID}
    if is_still and is_noted:
        return changes
    reading = {stat.path for stat in changes.to_read}
    refused = [
        stat
        for stat in stats
        if (row := known.get(stat.path)) is not None
        and row.code in codes
        and stat.path not in reading
    ]
    return replace(changes, to_read=(*changes.to_read, *refused))
