"""Our own list of suppressed addresses, brought in again."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from service.audience.suppressed import SuppressedRow
from service.store.database import Database
from service.store.suppressions import Suppression, add_suppressions

_CHUNK = 1000


def restore_suppressions(database: Database, rows: Iterable[SuppressedRow]) -> tuple[int, int]:
    """Suppress everybody on the list as they were; how many now, and how many were already."""
    added = already = 0
    waiting = iter(rows)
    while part := list(islice(waiting, _CHUNK)):
        wanted = [
            Suppression(row.address, row.address_hash, row.reason, row.note, row.created_at)
            for row in part
        ]
        with database.writing() as connection:
            new = add_suppressions(connection, wanted)
        added += new
        already += len(part) - new
    return added, already
