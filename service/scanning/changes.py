"""What differs between the folder and what was known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from service.content.library import FileStat, digest_file
from service.scanning.report import ScanSettings
from service.store.files import FileRow


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between the folder and what was known of it.

    `touched` are files with another size or mtime and the same bytes, as after a checkout.
    """

    to_read: tuple[FileStat, ...]
    gone: tuple[str, ...]
    total: int
    touched: tuple[FileStat, ...] = ()

    @property
    def is_none(self) -> bool:
        """Whether nothing has to be written down."""
        return not (self.to_read or self.gone or self.touched)


def find_changes(
    stats: Sequence[FileStat], known: Mapping[str, FileRow], rules_digest: str
) -> Changes:
    """Files to read (new, other size or mtime, read under other rules) and files gone."""
    to_read = []
    for stat in stats:
        row = known.get(stat.path)
        if row is None or (row.size, row.mtime_ns, row.rules_digest) != (
            stat.size,
            stat.mtime_ns,
            rules_digest,
        ):
            to_read.append(stat)
    gone = sorted(set(known) - {stat.path for stat in stats})
    return Changes(tuple(to_read), tuple(gone), len(stats))


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
