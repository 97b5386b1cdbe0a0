"""What takes long to count and seldom changes: counted once, and not for every look."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from service.model.delivery import Accounting
from service.model.edition import Edition, EditionState
from service.store.accounting import count_deliveries
from service.store.installation import find_installation
from service.store.post_list import count_rules

_MOST_KEPT = 100


class Ledger:
    """Keeps in memory the accounting of editions that are over: nothing changes it any more.

    What a provider tells of a mail later leaves it among the accepted, and an edition of which
    something is tried again is finished at another time.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[int, datetime], Accounting] = {}

    def count(self, connection: Connection, edition: Edition) -> Accounting:
        """The accounting of an edition, from its rows."""
        if edition.state is not EditionState.FINISHED or edition.finished_at is None:
            return count_deliveries(connection, edition.edition_id)
        key = (edition.edition_id, edition.finished_at)
        accounting = self._kept.get(key)
        if accounting is None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            accounting = self._kept[key] = count_deliveries(connection, edition.edition_id)
        return accounting


class FoundRules:
    """Keeps in memory in how many posts each rule found something: only a scan changes that."""

    def __init__(self) -> None:
        self._counted: tuple[datetime | None, Mapping[str, int]] = (None, {})

    def count(self, connection: Connection) -> Mapping[str, int]:
        """How many posts there are by rule, as of the last scan."""
        scanned_at = find_installation(connection).last_scan_at
        counted_at, counts = self._counted
        if scanned_at is None or counted_at != scanned_at:
            counts = count_rules(connection)
            self._counted = (scanned_at, counts)
        return counts
