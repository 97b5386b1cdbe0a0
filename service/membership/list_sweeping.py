"""Uploaded lists that are not kept: too old, naming somebody erased since, or left behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from service.audience.addresses import normalise_address
from service.audience.archives import open_sheets
from service.audience.cells import unguard_cell
from service.audience.erasure import list_hashes
from service.errors import AddressError, UsageError
from service.membership.list_files import list_list_files, remove_list_file
from service.membership.register import Register
from service.model.reader_list import DroppedFor, ReaderList
from service.store import imports
from service.store.database import Database

KEEP_FOR = timedelta(hours=24)
"""A list that nobody has brought in by then is put away."""


class ListSweeper:
    """Sweeps one folder; it reads a list again only when somebody else was erased."""

    def __init__(self, database: Database, register: Register, folder: Path) -> None:
        self._database = database
        self._register = register
        self._folder = folder
        self._looked_for: dict[int, frozenset[str]] = {}

    def sweep(self, now: datetime, files_at: datetime) -> None:
        """Put lists away, and remove files that nobody needs.

        `files_at` is the present by the clock that dates files.
        """
        # First the files: whoever keeps one has written down its list before.
        there = list_list_files(self._folder, files_at)
        with self._database.writing() as connection:
            imports.drop_old_lists(connection, now - KEEP_FOR, now)
        with self._database.reading() as connection:
            waiting = imports.list_open_lists(connection)
        for one in waiting:
            if one.file in there and self._names_erased(one):
                with self._database.writing() as connection:
                    imports.drop_list(connection, one.import_id, DroppedFor.ERASED, now)
        with self._database.reading() as connection:
            needed = {one.file for one in imports.list_open_lists(connection)}
        for name in there:
            if name not in needed:
                remove_list_file(self._folder, name)

    def _names_erased(self, one: ReaderList) -> bool:
        """Whether somebody stands in a list who was erased since it arrived."""
        with self._database.reading() as connection:
            erased = frozenset(imports.list_erased_hashes(connection, one.created_at))
        new = erased - self._looked_for.get(one.import_id, frozenset())
        self._looked_for[one.import_id] = erased
        if not new:
            return False
        ring = self._register.key_ring
        addresses = _list_addresses(self._folder / one.file)
        return any(not new.isdisjoint(list_hashes(ring, address)) for address in addresses)


def _list_addresses(file: Path) -> Iterator[str]:
    """Every address in a list, in whichever column; nothing of one that cannot be read."""
    try:
        with open_sheets([file]) as sheets:
            for sheet in sheets:
                for record in sheet.read_records():
                    yield from _find_addresses(record.cells)
    except (OSError, UsageError):
        return


def _find_addresses(cells: tuple[str, ...]) -> Iterator[str]:
    for cell in cells:
        if "@" in cell:
            try:
                yield normalise_address(unguard_cell(cell))
            except AddressError:
                continue
