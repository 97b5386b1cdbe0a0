"""Files that people have of their readers: a sheet, or a ZIP with several, as services export."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from service.audience.sheets import Sheet
from service.errors import UsageError

_ENDINGS = (".csv", ".tsv", ".txt")
_MAX_SHEETS = 100
_MAX_BYTES = 4 * 1024**3
"""Of all sheets of an archive together: ten million readers have less."""


@contextmanager
def open_sheets(paths: Sequence[Path]) -> Iterator[list[Sheet]]:
    """The sheets in these files, open as long as the block lasts; nothing is unpacked to a disk.

    Raises UsageError for an archive without sheets, damaged, encrypted or far too large.
    """
    with ExitStack() as stack:
        sheets: list[Sheet] = []
        for path in paths:
            file = stack.enter_context(path.open("rb"))
            if zipfile.is_zipfile(file):
                sheets += _open_archive(stack, path, file)
            else:
                file.seek(0)
                sheets.append(Sheet(path.name, file))
        yield sheets


def _open_archive(stack: ExitStack, path: Path, file: BinaryIO) -> Iterator[Sheet]:
    try:
        archive = stack.enter_context(zipfile.ZipFile(file))
        for member in _list_members(path, archive):
            name = PurePosixPath(member.filename).name
            stream = stack.enter_context(archive.open(member))
            yield Sheet(name, cast("BinaryIO", stream))
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise UsageError(
            "{file} cannot be read: it is damaged, encrypted or packed in a way nobody else "
            "uses; unpack it and name the sheets in it",
            file=path.name,
        ) from error


def _list_members(path: Path, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    found = [
        member
        for member in archive.infolist()
        if member.filename.lower().endswith(_ENDINGS) and "__MACOSX/" not in member.filename
    ]
    if not found:
        raise UsageError(
            "{file} holds no sheet: nothing in it ends in .csv, .tsv or .txt", file=path.name
        )
    if len(found) > _MAX_SHEETS or sum(member.file_size for member in found) > _MAX_BYTES:
        raise UsageError(
            "{file} holds more than {sheets} sheets or {bytes} bytes; unpack it and "
            "name those of your readers",
            file=path.name,
            sheets=_MAX_SHEETS,
            bytes=f"{_MAX_BYTES:,}",
        )
    return found
