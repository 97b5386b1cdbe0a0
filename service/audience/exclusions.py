"""A sheet of addresses that must not be written to: as another service exports its list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from service.audience.addresses import normalise_address
from service.audience.exchange import RowProblem
from service.audience.sheets import Record, Sheet
from service.errors import AddressError
from service.model.subscriber import SuppressionReason

_ADDRESS_HEADERS = ("address", "email", "emailaddress", "recipient", "メールアドレス")
_REASON_HEADERS = ("type", "suppressionreason", "reason", "origin")
# What services call it in such a column; everything else there says nothing to us.
_REASONS = {
    "bounce": SuppressionReason.HARD_BOUNCE,
    "hardbounce": SuppressionReason.HARD_BOUNCE,
    "complaint": SuppressionReason.COMPLAINT,
    "spamcomplaint": SuppressionReason.COMPLAINT,
    "spamreport": SuppressionReason.COMPLAINT,
}


@dataclass(frozen=True, slots=True)
class Exclusion:
    """An address, normalised, and why it is on the list; None: the sheet does not say."""

    address: str = field(repr=False)
    reason: SuppressionReason | None


def read_exclusions(sheet: Sheet) -> tuple[list[Exclusion], list[RowProblem]]:
    """Read a sheet with a column of addresses, or one address a line; no row is lost in silence."""
    records = list(sheet.read_records())
    at, reason_at, start = _find_columns(records[0].cells if records else ())
    found: list[Exclusion] = []
    problems: list[RowProblem] = []
    for record in records[start:]:
        try:
            found.append(_read_record(record, at, reason_at))
        except AddressError as error:
            problems.append(RowProblem(record.line, str(error)))
    return found, problems


def _find_columns(first: Sequence[str]) -> tuple[int, int | None, int]:
    """Where addresses and reasons stand, and the first row of them; without headers, by the @."""
    names = ["".join(filter(str.isalnum, cell.lower())) for cell in first]
    at = next((names.index(name) for name in _ADDRESS_HEADERS if name in names), None)
    if at is not None:
        reason_at = (names.index(name) for name in _REASON_HEADERS if name in names)
        return at, next(reason_at, None), 1
    return next((n for n, cell in enumerate(first) if "@" in cell), 0), None, 0


def _read_record(record: Record, at: int, reason_at: int | None) -> Exclusion:
    if record.fault:
        raise AddressError(record.fault)
    cells = record.cells
    address = normalise_address(cells[at] if at < len(cells) else "")
    said = cells[reason_at] if reason_at is not None and reason_at < len(cells) else ""
    return Exclusion(address, _REASONS.get("".join(filter(str.isalpha, said.lower()))))
