"""What a scan is told, and what it says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from service.content.rules import ReadingRules
from service.model.post import Verdict
from service.store.files import FileRow

DUPLICATE_ID = "duplicate-id"
"""The code of a file refused because another one holds the id it names."""

NO_DATE = "no_date"
"""The code of a file that nothing gives a date, until its repository does."""


@dataclass(frozen=True, slots=True)
class ScanSettings:
    """Where the posts lie and how they are read; `host` goes into the ids minted for them."""

    root: Path
    rules: ReadingRules
    host: str
    mass_limit: int


@dataclass(frozen=True, slots=True)
class ScanReport:
    """What one scan found.

    `missing` are files that are not there while their posts are kept, because the folder
    looks emptied: since when, each row says (None: since this scan). `busy` are paths of files
    that were being written, and are as they were known until the next scan.
    """

    files: int
    read: int
    new: int
    changed: int
    renamed: int
    gone: int
    held_as_mass: int
    verdicts: Mapping[Verdict, int]
    quarantined: tuple[FileRow, ...]
    is_first: bool
    missing: tuple[FileRow, ...] = ()
    busy: tuple[str, ...] = ()

    @property
    def changed_anything(self) -> bool:
        """Whether any post is other than before."""
        return bool(self.new or self.changed or self.renamed or self.gone)

    def after(self, earlier: ScanReport) -> ScanReport:
        """This scan and the one right before it as if they were one."""
        return replace(
            self,
            read=self.read + earlier.read,
            new=self.new + earlier.new,
            changed=self.changed + earlier.changed,
            renamed=self.renamed + earlier.renamed,
            gone=self.gone + earlier.gone,
            held_as_mass=self.held_as_mass + earlier.held_as_mass,
            is_first=self.is_first or earlier.is_first,
        )
