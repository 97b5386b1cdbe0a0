"""Readers in and out as CSV: what a row says of one of them, and the sheet that loses nothing."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from service.audience.cells import guard_cell, render_instant, render_topics
from service.model.newsletter import Cadence
from service.model.subscriber import SubscriptionState, SuppressionReason


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One reader's subscription to one newsletter, as far as a sheet tells; None: not said.

    `topics` empty means everything. Times are aware. `reader_since`, `paused_until` and what is
    said of a suppression are the reader's, for all their newsletters.
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
    ended_at: datetime | None = None
    consent_source: str = ""
    consent_text: str = ""
    consent_given_at: datetime | None = None
    paused_until: datetime | None = None
    reader_since: datetime | None = None
    suppressed: SuppressionReason | None = None
    suppressed_at: datetime | None = None
    suppressed_note: str = ""


@dataclass(frozen=True, slots=True)
class ImportRow(ExportRow):
    """A row read from a sheet, its address normalised, with the line it began on.

    `state` is what the sheet proves: without one somebody is asked, or vouched for. `tags` are
    another service's; they are topics where a newsletter offers them.
    """

    line: int = field(kw_only=True)
    sheet: str = field(default="", kw_only=True)
    tags: tuple[str, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that could not be taken; the reason never shows what its cells hold."""

    line: int
    reason: str
    sheet: str = ""


OUR_COLUMNS: dict[str, tuple[str, ...]] = {
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
    "ended_at": ("endedat", "unsubscribedat"),
    "consent_source": ("consentsource",),
    "consent_text": ("consenttext",),
    "consent_given_at": ("consentgivenat", "consentat"),
    "paused_until": ("pauseduntil",),
    "reader_since": ("readersince",),
    "suppressed": ("suppressed",),
    "suppressed_at": ("suppressedat",),
    "suppressed_note": ("suppressednote",),
}  # fmt: skip
"""The columns in the order of an export, each with its spellings, the surest first."""


class _Echo:
    """A file for csv.writer that hands each line back."""

    def write(self, line: str, /) -> str:
        return line


def stream_export(rows: Iterable[ExportRow]) -> Iterator[str]:
    """Yield the sheet line by line (RFC 4180), its header first, holding one row at a time.

    Cells that a spreadsheet would run as a formula begin with an apostrophe, which is taken off
    again when the sheet is read.
    """
    return stream_cells(OUR_COLUMNS, map(_list_cells, rows))


def stream_cells(header: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield the lines of a sheet that a spreadsheet may safely open."""
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    yield writer.writerow(header)
    for cells in rows:
        yield writer.writerow(map(guard_cell, cells))


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
        render_instant(row.ended_at),
        row.consent_source,
        row.consent_text,
        render_instant(row.consent_given_at),
        render_instant(row.paused_until),
        render_instant(row.reader_since),
        row.suppressed or "",
        render_instant(row.suppressed_at),
        row.suppressed_note,
    )
