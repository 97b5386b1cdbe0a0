"""Readers in and out as CSV: every row is taken, folded or reported; a way there and back."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, tzinfo
from itertools import chain

from service.audience.addresses import normalise_address
from service.audience.cells import (
    guard_cell,
    parse_choice,
    parse_hour,
    parse_instant,
    parse_language,
    parse_line,
    parse_name,
    parse_passage,
    parse_timezone,
    parse_topics,
    render_instant,
    render_topics,
    unguard_cell,
)
from service.audience.sheets import Record, read_records
from service.errors import AddressError, CellError
from service.model.newsletter import Cadence
from service.model.subscriber import SubscriptionState


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One reader's subscription to one newsletter, as far as a sheet tells; None: not said.

    `topics` empty means everything. Times are aware.
    """

    address: str
    name: str = ""
    newsletter_id: str = ""
    cadence: Cadence | None = None
    topics: tuple[str, ...] | None = None
    language: str = ""
    send_hour: int | None = None
    timezone: str | None = None
    state: SubscriptionState | None = None
    created_at: datetime | None = None
    confirmed_at: datetime | None = None
    consent_source: str = ""
    consent_text: str = ""
    consent_given_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ImportRow(ExportRow):
    """A row read from a sheet, its address normalised, with the line it began on."""

    line: int = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that could not be taken; the reason never shows what its cells hold."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ImportSheet:
    """A sheet read: its readers, and everything that did not become one.

    `folded` are the lines of rows that spoke of a reader and newsletter already met;
    `ignored` are the headers of columns that mean nothing here.
    """

    rows: tuple[ImportRow, ...]
    problems: tuple[RowProblem, ...]
    folded: tuple[int, ...] = ()
    ignored: tuple[str, ...] = ()


_ALIASES: dict[str, tuple[str, ...]] = {
    "email": ("email", "mail", "emailaddress", "mailaddress", "メールアドレス", "eメール",
              "メール", "アドレス", "replyto", "address"),
    "name": ("name", "fullname", "氏名", "名前", "お名前"),
    "newsletter": ("newsletter", "newsletterid"),
    "cadence": ("cadence", "frequency"),
    "topics": ("topics",),
    "language": ("language", "lang"),
    "send_hour": ("sendhour",),
    "timezone": ("timezone",),
    "state": ("state", "status"),
    "created_at": ("createdat", "subscribedat", "submittedat", "timestamp", "タイムスタンプ"),
    "confirmed_at": ("confirmedat",),
    "consent_source": ("consentsource",),
    "consent_text": ("consenttext",),
    "consent_given_at": ("consentgivenat", "consentat"),
}  # fmt: skip
"""Our columns in the order of an export, each with its spellings, the surest first."""

_CADENCES: dict[str, Cadence] = {cadence.value: cadence for cadence in Cadence}

_STATES: dict[str, SubscriptionState] = {
    "active": SubscriptionState.ACTIVE,
    "confirmed": SubscriptionState.ACTIVE,
    "subscribed": SubscriptionState.ACTIVE,
    "pending": SubscriptionState.PENDING,
    "unconfirmed": SubscriptionState.PENDING,
    "unsubscribed": SubscriptionState.UNSUBSCRIBED,
}


class _Echo:
    """A file for csv.writer that hands each line back."""

    def write(self, line: str, /) -> str:
        return line


def read_import(content: str | bytes, zone: tzinfo = UTC) -> ImportSheet:
    """Read our own export or a plain sheet of addresses; no row is dropped in silence.

    `zone` is where times without an offset were written. Rows on the same address and
    newsletter fold into the first, which takes from them what it leaves open; somebody
    who unsubscribed in any of them has unsubscribed.
    """
    records = read_records(content)
    first = next(records, None)
    if first is None:
        return ImportSheet((), ())
    columns = _find_columns(first.cells)
    if "email" in columns:
        ignored = _list_ignored(first.cells, columns)
        return _read_rows(records, columns, len(first.cells), zone, ignored)
    columns = _guess_columns(first.cells)
    if "email" not in columns:
        reason = "nothing was read: name the column of addresses email in the first row"
        return ImportSheet((), (RowProblem(first.line, first.fault or reason),))
    return _read_rows(chain([first], records), columns, len(first.cells), zone, ())


def stream_export(rows: Iterable[ExportRow]) -> Iterator[str]:
    """Yield the sheet line by line (RFC 4180), its header first, holding one row at a time.

    Cells that a spreadsheet would run as a formula begin with an apostrophe, which
    read_import takes off again.
    """
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    yield writer.writerow(_ALIASES)
    for row in rows:
        yield writer.writerow([guard_cell(cell) for cell in _list_cells(row)])


def _find_columns(header: Sequence[str]) -> dict[str, int]:
    spelled = [_fold_header(cell) for cell in header]
    found = {
        column: next((spelled.index(alias) for alias in aliases if alias in spelled), None)
        for column, aliases in _ALIASES.items()
    }
    return {column: at for column, at in found.items() if at is not None}


def _fold_header(cell: str) -> str:
    folded = unicodedata.normalize("NFKC", cell).casefold()
    return "".join(char for char in folded if char.isalnum())


def _list_ignored(header: Sequence[str], columns: Mapping[str, int]) -> tuple[str, ...]:
    # A header with an @ may be somebody's address that slipped up there.
    taken = set(columns.values())
    return tuple(
        cell.strip()
        for at, cell in enumerate(header)
        if at not in taken and cell.strip() and "@" not in cell
    )


def _guess_columns(cells: Sequence[str]) -> dict[str, int]:
    at = next((at for at, cell in enumerate(cells) if _is_address(cell)), None)
    if at is None:
        return {}
    return {"email": at, "name": 1 - at} if len(cells) == 2 else {"email": at}


def _is_address(cell: str) -> bool:
    try:
        normalise_address(cell)
    except AddressError:
        return False
    return True


def _read_rows(
    records: Iterable[Record],
    columns: Mapping[str, int],
    width: int,
    zone: tzinfo,
    ignored: tuple[str, ...],
) -> ImportSheet:
    rows: dict[tuple[str, str], ImportRow] = {}
    problems: list[RowProblem] = []
    folded: list[int] = []
    for record in records:
        row = _read_row(record, columns, width, zone)
        if isinstance(row, RowProblem):
            problems.append(row)
            continue
        key = (row.address, row.newsletter_id)
        if key in rows:
            folded.append(row.line)
            row = _fold_rows(rows[key], row)
        rows[key] = row
    return ImportSheet(tuple(rows.values()), tuple(problems), tuple(folded), ignored)


def _read_row(
    record: Record, columns: Mapping[str, int], width: int, zone: tzinfo
) -> ImportRow | RowProblem:
    if record.fault:
        return RowProblem(record.line, record.fault)
    if any(cell.strip() for cell in record.cells[width:]):
        return RowProblem(record.line, "it has more cells than the first row")
    cells = {
        column: unguard_cell(record.cells[at])
        for column, at in columns.items()
        if at < len(record.cells)
    }
    try:
        return _parse_row(record.line, cells, columns, zone)
    except CellError as error:
        return RowProblem(record.line, str(error))
    except AddressError as error:
        return RowProblem(record.line, f"email: {error}")


def _parse_row(
    line: int, cells: Mapping[str, str], columns: Collection[str], zone: tzinfo
) -> ImportRow:
    def cell(column: str) -> str:
        return cells.get(column, "")

    return ImportRow(
        line=line,
        address=normalise_address(cell("email")),
        name=parse_name(cell("name")),
        newsletter_id=parse_line(cell("newsletter")),
        cadence=parse_choice("cadence", cell("cadence"), _CADENCES),
        # An empty cell means everything, an absent column says nothing.
        topics=parse_topics(cell("topics")) if "topics" in columns else None,
        language=parse_language(cell("language")),
        send_hour=parse_hour(cell("send_hour")),
        timezone=parse_timezone(cell("timezone")),
        state=parse_choice("state", cell("state"), _STATES),
        created_at=parse_instant("created_at", cell("created_at"), zone),
        confirmed_at=parse_instant("confirmed_at", cell("confirmed_at"), zone),
        consent_source=parse_line(cell("consent_source")),
        consent_text=parse_passage(cell("consent_text")),
        consent_given_at=parse_instant("consent_given_at", cell("consent_given_at"), zone),
    )


def _fold_rows(first: ImportRow, later: ImportRow) -> ImportRow:
    left_open = [f.name for f in fields(first) if getattr(first, f.name) in (None, "")]
    folded = replace(first, **{name: getattr(later, name) for name in left_open})
    if later.state is SubscriptionState.UNSUBSCRIBED:
        return replace(folded, state=later.state)
    return folded


def _list_cells(row: ExportRow) -> tuple[str, ...]:
    return (
        row.address,
        row.name,
        row.newsletter_id,
        row.cadence or "",
        render_topics(row.topics or ()),
        row.language,
        "" if row.send_hour is None else str(row.send_hour),
        row.timezone or "",
        row.state or "",
        render_instant(row.created_at),
        render_instant(row.confirmed_at),
        row.consent_source,
        row.consent_text,
        render_instant(row.consent_given_at),
    )
