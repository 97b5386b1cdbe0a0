"""Rows of a sheet by what is to become of them, as the database stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime

from sqlalchemy import Connection

from service.audience.erasure import list_hashes
from service.audience.exchange import ImportRow
from service.membership.register import Register
from service.model.subscriber import SubscriptionState
from service.store import newcomers, suppressions
from service.store.newcomers import Known

_KINDS = {
    SubscriptionState.ACTIVE: "proven",
    SubscriptionState.PENDING: "asked",
    SubscriptionState.UNSUBSCRIBED: "unsubscribed",
}


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of the rows of an import, in numbers of them.

    `added` are the `proven`, the `vouched`, the `asked` and the `unsubscribed`; with `already`,
    `barred`, `suppressed` and `erased` they are all there were. Of those who were there already
    so many `ended`, because they left elsewhere since. `blocked` are addresses that the sheet
    suppresses, `barred` rows that say no more than that.
    """

    added: int = 0
    proven: int = 0
    vouched: int = 0
    asked: int = 0
    unsubscribed: int = 0
    already: int = 0
    ended: int = 0
    blocked: int = 0
    barred: int = 0
    suppressed: int = 0
    erased: int = 0
    confirmations: int = 0

    def __add__(self, other: ImportReport) -> ImportReport:
        """Both together."""
        return ImportReport(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True, slots=True)
class SortedRows:
    """Rows to be added, subscriptions to be ended (by id, as of when), rows that suppress."""

    new: list[ImportRow]
    ended: dict[int, datetime]
    blocked: list[ImportRow]
    report: ImportReport


def sort_rows(
    connection: Connection,
    register: Register,
    rows: Sequence[ImportRow],
    newsletter_id: str | None,
    state: SubscriptionState,
) -> SortedRows:
    """Sort rows by what the database knows of them; `state` is for those that prove nothing."""
    addresses = list({row.address for row in rows})
    suppressed, erased = _find_barred(connection, register, addresses)
    known = newcomers.list_known(connection, addresses)
    sorter = _Sorter(newsletter_id, state, suppressed, erased, known)
    for row in rows:
        sorter.counts[sorter.sort(row)] += 1
    return sorter.finish()


def _find_barred(
    connection: Connection, register: Register, addresses: Sequence[str]
) -> tuple[set[str], set[str]]:
    """Who of them is suppressed, and who was erased."""
    suppressed, _ = suppressions.find_suppressed(connection, addresses, ())
    if not suppressions.has_hashes(connection):
        return suppressed, set()
    hashes = {one: list_hashes(register.key_ring, one) for one in addresses}
    _, found = suppressions.find_suppressed(
        connection, (), [hash_ for all_ in hashes.values() for hash_ in all_]
    )
    return suppressed, {one for one, all_ in hashes.items() if found.intersection(all_)}


@dataclass(slots=True)
class _Sorter:
    newsletter_id: str | None
    state: SubscriptionState
    suppressed: set[str]
    erased: set[str]
    known: dict[tuple[str, str], Known]
    new: dict[tuple[str, str], ImportRow] = field(default_factory=dict)
    ended: dict[int, datetime] = field(default_factory=dict)
    blocked: dict[str, ImportRow] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def sort(self, row: ImportRow) -> str:
        """Put a row where it belongs; the kind that it counts as."""
        if row.address in self.erased:
            return "erased"
        is_suppressed = row.address in self.suppressed
        if row.suppressed is not None:
            if not is_suppressed:
                self.blocked.setdefault(row.address, row)
            if row.state is None:
                return "barred"
        elif is_suppressed:
            return "suppressed"
        return self._sort_reader(row)

    def _sort_reader(self, row: ImportRow) -> str:
        key = (row.address, self.newsletter_id or row.newsletter_id)
        if (known := self.known.get(key)) is not None:
            if _left_since(row, known):
                self.ended[known.subscription_id] = row.ended_at or known.asked_at
            return "already"
        if key in self.new:
            return "already"
        self.new[key] = row
        if row.state is None and self.state is SubscriptionState.ACTIVE:
            return "vouched"
        return _KINDS[row.state or self.state]

    def finish(self) -> SortedRows:
        """What all the rows came to."""
        report = ImportReport(
            added=len(self.new), ended=len(self.ended), blocked=len(self.blocked), **self.counts
        )
        return SortedRows(list(self.new.values()), self.ended, list(self.blocked.values()), report)


def _left_since(row: ImportRow, known: Known) -> bool:
    """Whether they left the other place after they asked for it here; else they came back."""
    return (
        row.state is SubscriptionState.UNSUBSCRIBED
        and row.ended_at is not None
        and row.ended_at > known.asked_at
        and known.state is not SubscriptionState.UNSUBSCRIBED
    )
