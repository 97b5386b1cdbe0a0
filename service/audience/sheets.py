"""Sheets: the bytes of a CSV file → records with their line numbers. Nothing is lost."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

from service.model.wording import word

MAX_RECORD_LINES = 100
"""A record longer than this is a quote that nobody closed."""

_DELIMITERS = ",\t;"
_SNIFFED_LENGTH = 10_000
_LONGEST_LINE = 1_000_000
"""Characters; no reader needs as many, and whatever is longer is not held in memory."""
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_UNREADABLE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a sheet; `line` counts from 1. A `fault` says why its cells cannot be used."""

    line: int
    cells: tuple[str, ...]
    fault: str = ""


class Sheet:
    """A CSV file that is read as often as it takes, one record at a time.

    Takes UTF-8, UTF-16 with its mark and Shift_JIS (CP932); commas, tabs and semicolons.
    `name` is how people know the file, `lines` how many it has.
    """

    def __init__(self, name: str, stream: BinaryIO) -> None:
        self.name = name
        self._stream = stream
        self._encoding, self.lines = _look_through(stream)
        self._delimiter = _sniff_delimiter(self._open_lines())

    def read_records(self) -> Iterator[Record]:
        """Yield every row that is not blank, the unreadable ones with their fault."""
        lines = _Lines(self._open_lines())
        while True:
            # A new reader after a fault: the old one stands in the middle of its row.
            reader = csv.reader(lines, delimiter=self._delimiter, strict=True)
            try:
                yield from _read_rows(reader, lines)
            except csv.Error:
                # Only its first line is given up: what follows is most likely a row of its own.
                yield lines.give_up(word("its quotation marks do not match, or it is far too long"))
                continue
            return

    def _open_lines(self) -> Iterator[str]:
        self._stream.seek(0)
        # What cannot be read stays in as lone surrogates, and its rows are reported.
        errors = "replace" if self._encoding == "utf-16" else "surrogateescape"
        text = io.TextIOWrapper(self._stream, self._encoding, errors, newline="")
        try:
            first = True
            while line := text.readline(_LONGEST_LINE):
                if errors == "replace":
                    line = line.replace("\ufffd", "\udcff")
                yield line.removeprefix("\ufeff") if first else line
                first = False
        finally:
            text.detach()


class _Lines:
    """Lines for a csv.reader, kept until the record that they belong to is whole."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._taken: list[str] = []
        self._number = 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self._taken) == MAX_RECORD_LINES:
            raise StopIteration
        line = next(self._lines)
        self._taken.append(line)
        if len(line) == _LONGEST_LINE:
            raise csv.Error("far too long")
        return line

    def finish(self) -> int:
        """Forget the lines of a whole record; the number of the first of them."""
        first = self._number
        self._number += len(self._taken)
        self._taken.clear()
        return first

    def give_up(self, fault: str) -> Record:
        """Pass over the first of the lines taken, so that the others are read anew."""
        length, later = len(self._taken[0]), self._taken[1:]
        while length == _LONGEST_LINE:
            length = len(next(self._lines, ""))
        self._lines = chain(later, self._lines)
        self._taken = self._taken[:1]
        return Record(self.finish(), (), fault)


def _read_rows(reader: Iterator[list[str]], lines: _Lines) -> Iterator[Record]:
    for cells in reader:
        line = lines.finish()
        text = "".join(cells)
        if not text or text.isspace():
            continue
        if not text.isascii() and _UNREADABLE.search(text):
            yield Record(line, (), word("it has characters that cannot be read"))
        else:
            yield Record(line, tuple(cells))


def _look_through(stream: BinaryIO) -> tuple[str, int]:
    """The encoding, and how many lines there are."""
    stream.seek(0)
    marked = stream.read(2) in _UTF16_MARKS
    stream.seek(0)
    # A majority decides, so that one damaged row does not garble all the others.
    lines = telling = readable = 0
    while line := stream.readline(_LONGEST_LINE):
        lines += 1
        if not line.isascii():
            telling += 1
            readable += _is_utf8(line)
    if marked:
        return "utf-16", lines
    return "utf-8" if 2 * readable >= telling else "cp932", lines


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _sniff_delimiter(lines: Iterator[str]) -> str:
    # A loose reading of the first row, so that a fault in it does not decide the others.
    first = next((line[:_SNIFFED_LENGTH] for line in lines if line.strip()), "")
    return max(_DELIMITERS, key=lambda mark: sum(map(len, csv.reader([first], delimiter=mark))))
