"""The files of uploaded lists: written as they arrive, and gone as soon as nobody needs them."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Self

from service.errors import UsageError

MOST_LIST_BYTES = 200_000_000
"""A list of two million readers has less."""

_ARRIVES_WITHIN = timedelta(hours=1)
_ENDING = ".list"
_PARTIAL = ".part"


@dataclass(slots=True)
class ListFile:
    """A file that arrives piece by piece; what is not kept at the end of its block is removed.

    Raises UsageError as soon as it is too large.
    """

    folder: Path
    size: int = 0
    name: str = field(default_factory=lambda: f"{secrets.token_hex(16)}{_ENDING}")
    _stream: BinaryIO | None = None

    def __enter__(self) -> Self:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(self._partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._stream = os.fdopen(file, "wb")
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()
        self._partial.unlink(missing_ok=True)

    def write(self, piece: bytes) -> None:
        """Add what arrived."""
        self.size += len(piece)
        if self.size > MOST_LIST_BYTES:
            raise UsageError(
                "the list has more than {most} MB; cut it into parts",
                most=f"{MOST_LIST_BYTES // 1000000:,}",
            )
        if self._stream is not None:
            self._stream.write(piece)

    def keep(self) -> None:
        """Have it stay under its name; raises UsageError for an empty one."""
        if not self.size:
            raise UsageError("the file is empty, or none was chosen")
        if self._stream is not None:
            self._stream.close()
        self._partial.rename(self.folder / self.name)

    @property
    def _partial(self) -> Path:
        return self.folder / f"{self.name}{_PARTIAL}"


def remove_list_file(folder: Path, name: str) -> None:
    """Remove the file of a list, if it is here."""
    (folder / name).unlink(missing_ok=True)


def list_list_files(folder: Path, now: datetime) -> list[str]:
    """The files of lists that are here, but for those just arriving.

    `now` is by the clock that dates files.
    """
    before = (now - _ARRIVES_WITHIN).timestamp()
    found = folder.glob(f"*{_ENDING}*") if folder.is_dir() else ()
    return [file.name for file in found if file.suffix != _PARTIAL or file.stat().st_mtime < before]
