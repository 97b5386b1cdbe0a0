from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.audience.sheets import MAX_RECORD_LINES, Record
from tests.fakes.paper import open_sheet

READABLE_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def list_cells(content: str | bytes) -> list[tuple[str, ...]]:
    return [record.cells for record in open_sheet(content).read_records()]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_the_encodings_of_spreadsheets_are_told_apart(encoding: str) -> None:
    content = "email,氏名\r\nhanako@example.jp,髙橋 花子\r\n".encode(encoding)
    if encoding in ("utf-16-le", "utf-16-be"):
        content = "\ufeff".encode(encoding) + content
    assert list_cells(content) == [("email", "氏名"), ("hanako@example.jp", "髙橋 花子")]


@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_the_mark_between_cells_is_found_in_the_first_row(mark: str) -> None:
    content = f"\nemail{mark}name\na@example.jp{mark}Sato; Taro, Jr.\n".replace("; ", " ")
    content = content if mark != "," else content.replace("Sato Taro, Jr.", '"Sato Taro, Jr."')
    assert list_cells(content) == [("email", "name"), ("a@example.jp", "Sato Taro, Jr.")]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_line_ending_ends_a_row(ending: str) -> None:
    records = list(open_sheet(f"a,b{ending}c,d{ending}{ending}e,f").read_records())
    assert records == [
        Record(1, ("a", "b")),
        Record(2, ("c", "d")),
        Record(4, ("e", "f")),
    ]


def test_a_separator_of_unicode_is_not_a_line_ending() -> None:
    assert list_cells("a\u2028b,c\x0bd\n") == [("a\u2028b", "c\x0bd")]


def test_a_row_over_several_lines_is_known_by_its_first() -> None:
    records = list(open_sheet('a,b\n"one\ntwo",c\nd,e\n').read_records())
    assert [(record.line, record.cells) for record in records] == [
        (1, ("a", "b")),
        (2, ("one\ntwo", "c")),
        (4, ("d", "e")),
    ]


def test_a_quote_nobody_closed_costs_one_row_and_no_other() -> None:
    lines = ["email,name", 'a@example.jp,"Abe', "b@example.jp,Baba"]
    lines += [f"r{number}@example.jp,Reader" for number in range(3 * MAX_RECORD_LINES)]
    records = list(open_sheet("\n".join(lines)).read_records())
    assert [record.line for record in records] == list(range(1, len(lines) + 1))
    assert [record.line for record in records if record.fault] == [2]


def test_text_after_a_closed_quote_is_a_fault_of_its_row() -> None:
    records = list(open_sheet('a,"b"c\nd,e\n').read_records())
    assert [(record.line, bool(record.fault)) for record in records] == [(1, True), (2, False)]


def test_a_damaged_row_does_not_garble_the_others() -> None:
    good = "a@example.jp,山本\nb@example.jp,佐藤\n".encode()
    records = list(open_sheet(good + b"c@example.jp,\xe5\xb1\nd@example.jp,Doi\n").read_records())
    assert [record.cells for record in records if not record.fault] == [
        ("a@example.jp", "山本"),
        ("b@example.jp", "佐藤"),
        ("d@example.jp", "Doi"),
    ]
    faults = [(record.line, record.fault) for record in records if record.fault]
    assert faults == [(3, "it has characters that cannot be read")]


def test_a_cut_utf_16_file_loses_its_last_row_only() -> None:
    content = "a@example.jp\nb@example.jp".encode("utf-16")[:-1]
    assert [bool(record.fault) for record in open_sheet(content).read_records()] == [False, True]


def test_a_line_without_an_end_costs_one_row_and_little_memory() -> None:
    content = "email\n" + "a@example.jp," * 200_000 + "\nb@example.jp\n"
    records = list(open_sheet(content).read_records())
    assert [(record.line, bool(record.fault)) for record in records] == [
        (1, False),
        (2, True),
        (3, False),
    ]


def test_an_empty_sheet_has_no_rows() -> None:
    assert list_cells("") == list_cells(b"\xef\xbb\xbf") == list_cells("\n \n,,\n") == []


@given(st.binary(max_size=80))
def test_no_bytes_stop_the_reading(content: bytes) -> None:
    for record in open_sheet(content).read_records():
        assert record.line >= 1


@given(st.lists(st.tuples(st.just("x"), READABLE_TEXT, READABLE_TEXT), min_size=1, max_size=8))
def test_what_a_csv_writer_wrote_is_read_as_it_was(rows: list[tuple[str, str, str]]) -> None:
    sheet = io.StringIO(newline="")
    csv.writer(sheet).writerows([("one", "two", "three"), *rows])
    assert list_cells(sheet.getvalue())[1:] == rows
