"""Sheets: the bytes of a CSV file → records with their line numbers. Nothing is lost."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MAX_RECORD_LINES = 100
"""A record longer than this is a quote that nobody closed."""

_DELIMITERS = ",\t;"
_SNIFFED_LENGTH = 10_000
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a sheet; `line` counts from 1. A `fault` says why its cells cannot be used."""

    line: int
    cells: tuple[str, ...]
    fault: str = ""


def read_records(content: str | bytes) -> Iterator[Record]:
    """Yield every row that is not blank, the unreadable ones with their fault.

    Takes UTF-8, UTF-16 with its mark and Shift_JIS (CP932); commas, tabs and semicolons.
    """
    text = content if isinstance(content, str) else _decode(content)
    lines = list(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    delimiter = _sniff_delimiter(lines)
    start = 0
    while start < len(lines):
        record, taken = _read_record(lines, start, delimiter)
        start += taken
        if record.fault or any(cell.strip() for cell in record.cells):
            yield record


def _decode(content: bytes) -> str:
    # What cannot be read stays in as lone surrogates, and its rows are reported.
    if content.startswith(_UTF16_MARKS):
        return content.decode("utf-16", errors="replace").replace("\ufffd", "\udcff")
    return content.decode(_guess_encoding(content), errors="surrogateescape")


def _guess_encoding(content: bytes) -> str:
    # A majority decides, so that one damaged row does not garble all the others.
    telling = [line for line in content.split(b"\n") if not line.isascii()]
    return "utf-8" if 2 * sum(map(_is_utf8, telling)) >= len(telling) else "cp932"


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _sniff_delimiter(lines: Sequence[str]) -> str:
    # A loose reading of the first row, so that a fault in it does not decide the others.
    first = next((line[:_SNIFFED_LENGTH] for line in lines if line.strip()), "")
    return max(_DELIMITERS, key=lambda mark: sum(map(len, csv.reader([first], delimiter=mark))))


def _read_record(lines: Sequence[str], start: int, delimiter: str) -> tuple[Record, int]:
    reader = csv.reader(lines[start : start + MAX_RECORD_LINES], delimiter=delimiter, strict=True)
    try:
        cells = tuple(next(reader))
    except csv.Error:
        # Only its first line is given up: what follows is most likely a row of its own.
        return Record(start + 1, (), "its quotation marks do not match, or it is far too long"), 1
    if any("\ud800" <= char <= "\udfff" for cell in cells for char in cell):
        return Record(start + 1, (), "it has characters that cannot be read"), reader.line_num
    return Record(start + 1, cells), reader.line_num
