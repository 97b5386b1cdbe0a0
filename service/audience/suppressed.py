"""Our own list of suppressed addresses as a sheet: out, and in again exactly as it was."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from service.audience.addresses import normalise_address
from service.audience.cells import (
    parse_choice,
    parse_instant,
    parse_line,
    render_instant,
    unguard_cell,
)
from service.audience.exchange import RowProblem, stream_cells
from service.audience.sheets import Record, Sheet
from service.errors import AddressError, CellError
from service.model.subscriber import SuppressionReason

_HEADER = ("address", "address_hash", "reason", "note", "created_at")
_HASH = re.compile(r"[!-9;-~]{1,100}:[0-9a-f]{64}")
_REASONS = {reason.value: reason for reason in SuppressionReason}


@dataclass(frozen=True, slots=True)
class SuppressedRow:
    """One address that is not written to; of an erased one only the keyed hash."""

    address: str | None = field(repr=False)
    address_hash: str | None
    reason: SuppressionReason
    note: str
    created_at: datetime


def stream_suppressed(rows: Iterable[SuppressedRow]) -> Iterator[str]:
    """Yield the sheet line by line, its header first."""
    return stream_cells(_HEADER, map(_list_cells, rows))


def read_suppressed(sheet: Sheet) -> Iterator[SuppressedRow | RowProblem] | None:
    """Yield what such a sheet holds; None when it is not one of ours."""
    records = sheet.read_records()
    first = next(records, None)
    if first is None or tuple(cell.strip() for cell in first.cells) != _HEADER:
        return None
    return map(_read_record, records)


def _list_cells(row: SuppressedRow) -> tuple[str, ...]:
    created_at = render_instant(row.created_at)
    return (row.address or "", row.address_hash or "", row.reason, row.note, created_at)


def _read_record(record: Record) -> SuppressedRow | RowProblem:
    if record.fault:
        return RowProblem(record.line, record.fault)
    found = dict(zip(_HEADER, map(unguard_cell, record.cells), strict=False))
    cells = {name: found.get(name, "") for name in _HEADER}
    try:
        return _parse_row(cells)
    except (CellError, AddressError) as error:
        return RowProblem(record.line, str(error))


def _parse_row(cells: Mapping[str, str]) -> SuppressedRow:
    reason = parse_choice("reason", cells["reason"], _REASONS)
    created_at = parse_instant("created_at", cells["created_at"], UTC)
    if reason is None or created_at is None:
        raise CellError("reason and created_at: neither may be empty")
    address_hash = parse_line(cells["address_hash"])
    if address_hash and not _HASH.fullmatch(address_hash):
        raise CellError("address_hash: it must be a key id, a colon and 64 hexadecimal digits")
    return SuppressedRow(
        address=None if address_hash else normalise_address(cells["address"]),
        address_hash=address_hash or None,
        reason=reason,
        note=parse_line(cells["note"]),
        created_at=created_at,
    )
