from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import astuple
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.audience.cells import guard_cell, unguard_cell
from service.audience.exchange import (
    ExportRow,
    ImportRow,
    RowProblem,
    stream_export,
)
from service.model.newsletter import Cadence
from service.model.subscriber import SubscriptionState, SuppressionReason
from tests.fakes.paper import read_import

TOKYO = ZoneInfo("Asia/Tokyo")
GOLDEN = Path(__file__).parents[2] / "golden" / "audience"
SAMPLE = Path(__file__).parents[3] / "content" / "sample-readers.csv"
TRIGGERS = tuple("=+-@\t\r\n＝＋－＠")


def _export(rows: Iterable[ExportRow]) -> str:
    return "".join(stream_export(rows))


HANAKO = ExportRow(
    address="hanako@example.jp",
    name="山本 花子",
    newsletter_id="kawaraban-weekly",
    cadence=Cadence.WEEKLY,
    topics=("町のこと", "a|b", "100%"),
    language="ja",
    send_hour=7,
    timezone="Asia/Tokyo",
    state=SubscriptionState.ACTIVE,
    created_at=datetime(2026, 4, 1, 9, 0, tzinfo=TOKYO),
    confirmed_at=datetime(2026, 4, 1, 9, 5, 30, tzinfo=TOKYO),
    consent_source="form: /subscribe",
    consent_text="毎週月曜日に、\n一度だけお届けします。",
    consent_given_at=datetime(2026, 4, 1, 9, 0, tzinfo=TOKYO),
)
MALLORY = ExportRow(
    address="+mallory@example.com",
    name='=HYPERLINK("http://example.com")',
    newsletter_id="kawaraban-each",
    cadence=Cadence.EACH,
    topics=(),
    language="en",
    send_hour=0,
    state=SubscriptionState.UNSUBSCRIBED,
    consent_text="@see '=the form",
)

ONE_LINE = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=20).map(
    str.strip
)
TOPIC = ONE_LINE.filter(bool)
INSTANT = st.none() | st.datetimes(timezones=st.just(UTC))
EXPORT_ROW = st.builds(
    ExportRow,
    address=st.from_regex(r"[a-z0-9'=+_-]{1,12}@[a-z]{1,8}\.(jp|com)", fullmatch=True),
    name=ONE_LINE,
    newsletter_id=ONE_LINE,
    cadence=st.none() | st.sampled_from(Cadence),
    topics=st.lists(TOPIC, unique=True, max_size=4).map(tuple),
    language=st.sampled_from(["", "ja", "en", "pt-BR"]),
    send_hour=st.none() | st.integers(0, 23),
    timezone=st.sampled_from([None, "Asia/Tokyo", "Europe/Lisbon"]),
    state=st.none() | st.sampled_from(SubscriptionState),
    created_at=INSTANT,
    confirmed_at=INSTANT,
    consent_source=ONE_LINE,
    ended_at=INSTANT,
    consent_text=st.text(
        st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\r\n\t")
    ),
    consent_given_at=INSTANT,
    paused_until=INSTANT,
    reader_since=INSTANT,
    suppressed=st.none() | st.sampled_from(SuppressionReason),
    suppressed_at=INSTANT,
    suppressed_note=ONE_LINE,
)


def told(row: ExportRow) -> tuple[object, ...]:
    """What a row says, whether it was read or is to be written."""
    return tuple(value for value in astuple(row)[:20])


def test_a_plain_sheet_of_addresses_and_names_is_read() -> None:
    sheet = read_import("email,name\nHanako@Example.JP,山本 花子\ntaro@example.jp,\n")
    assert sheet.rows == (
        ImportRow("hanako@example.jp", "山本 花子", line=2),
        ImportRow("taro@example.jp", line=3),
    )
    assert (sheet.problems, sheet.folded, sheet.ignored) == ((), 0, ())


@pytest.mark.parametrize(
    "header",
    [
        "email",
        "E-mail",
        "mail",
        "Email Address",
        "メールアドレス",
        "Ｅメール",
        "address",
    ],
)
def test_the_column_of_addresses_goes_by_many_names(header: str) -> None:
    sheet = read_import(f"氏名,{header}\n花子,hanako@example.jp\n")
    assert sheet.rows == (ImportRow("hanako@example.jp", "花子", line=2),)


def test_a_column_of_street_addresses_is_left_alone_when_there_is_a_surer_one() -> None:
    sheet = read_import("address,email\n1-2-3 Suzurizaka,hanako@example.jp\n")
    assert sheet.rows == (ImportRow("hanako@example.jp", line=2),)
    assert sheet.ignored == ("address",)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("hanako@example.jp\n", ""),
        ("hanako@example.jp,花子\n", "花子"),
        ("花子\thanako@example.jp\n", "花子"),
        ("1,hanako@example.jp,花子\n", ""),
    ],
)
def test_a_sheet_without_a_header_is_read_by_its_first_address(content: str, name: str) -> None:
    assert read_import(content).rows == (ImportRow("hanako@example.jp", name, line=1),)


def test_a_sheet_without_any_address_says_that_nothing_was_read() -> None:
    sheet = read_import("name,city\n花子,東京\n")
    assert sheet.rows == ()
    reason = "nothing was read: name the column of addresses email in the first row"
    assert sheet.problems == (RowProblem(1, reason),)


def test_an_empty_sheet_holds_nobody() -> None:
    assert read_import(b"").rows == read_import("email\n").rows == ()


def test_a_sheet_from_a_japanese_spreadsheet_is_read() -> None:
    content = "メールアドレス,氏名,備考\r\nhanako@example.jp,髙橋 花子,〜\r\n".encode("cp932")
    sheet = read_import(content)
    assert sheet.rows == (ImportRow("hanako@example.jp", "髙橋 花子", line=2),)
    assert sheet.ignored == ("備考",)


def test_every_choice_of_a_reader_is_understood() -> None:
    content = (
        "email,newsletter,cadence,topics,language,send hour,timezone,state,created_at\n"
        "a@example.jp,weekly,Daily, 町 | 催し |町,ja,07,Asia/Tokyo,Confirmed,2026/1/5 9:05\n"
    )
    assert read_import(content, zone=TOKYO).rows == (
        ImportRow(
            "a@example.jp",
            newsletter_id="weekly",
            cadence=Cadence.DAILY,
            topics=("町", "催し"),
            language="ja",
            send_hour=7,
            timezone="Asia/Tokyo",
            state=SubscriptionState.ACTIVE,
            created_at=datetime(2026, 1, 5, 9, 5, tzinfo=TOKYO),
            line=2,
        ),
    )


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-11-20T08:00:00+09:00", datetime(2026, 11, 19, 23, 0, tzinfo=UTC)),
        ("2026-11-20T08:00:00.5Z", datetime(2026, 11, 20, 8, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-11-20 08:00", datetime(2026, 11, 20, 8, 0, tzinfo=TOKYO)),
        ("2026/1/5", datetime(2026, 1, 5, tzinfo=TOKYO)),
    ],
)
def test_a_time_without_an_offset_was_written_in_the_given_zone(
    written: str, instant: datetime
) -> None:
    sheet = read_import(f"email,timestamp\na@example.jp,{written}\n", zone=TOKYO)
    assert sheet.rows[0].created_at == instant


def test_an_empty_cell_of_topics_means_everything_and_no_column_says_nothing() -> None:
    assert read_import("email,topics\na@example.jp,\n").rows[0].topics == ()
    assert read_import("email\na@example.jp\n").rows[0].topics is None


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("cadence", "hourly", "cadence: it must be one of each, daily, weekly, monthly"),
        ("state", "archived", "state: it must be one of active, confirmed, subscribed, pending"),
        ("language", "にほんご", "language: it must be a language tag"),
        ("send_hour", "24", "send_hour: it must be an hour from 0 to 23"),
        ("send_hour", "٣", "send_hour: it must be an hour from 0 to 23"),
        ("timezone", "Asia/Edo", "timezone: it must be a zone"),
        ("timezone", "Asia", "timezone: it must be a zone"),
        ("timezone", "../../etc/passwd", "timezone: it must be a zone"),
        ("created_at", "11/20/2026", "created_at: it must be a time"),
        ("confirmed_at", "0001-01-01T00:00:00+09:00", "confirmed_at: it must be a time"),
        ("name", "長" * 201, "name: it is longer than 200 characters"),
    ],
)
def test_a_cell_that_cannot_be_understood_is_reported_with_its_line(
    column: str, cell: str, reason: str
) -> None:
    sheet = read_import(f"email,{column}\na@example.jp,\nsecret@example.jp,{cell}\n")
    assert [row.line for row in sheet.rows] == [2]
    assert [problem.line for problem in sheet.problems] == [3]
    assert sheet.problems[0].reason.startswith(reason)


def test_no_reason_shows_an_address() -> None:
    content = (
        "email,name,cadence,send_hour\n"
        "secret@\n"
        "secret@sec_ret.jp\n"
        "a@example.jp,,secret@example.jp\n"
        "b@example.jp,,,secret@example.jp\n"
        "c@example.jp,Abe, Jr.,each,9,secret@example.jp\n"
        'secret@example.jp,"Abe\n'
    )
    problems = read_import(content).problems
    assert [problem.line for problem in problems] == [2, 3, 4, 5, 6, 7]
    assert not any("sec" in problem.reason for problem in problems)


def test_a_row_that_slipped_to_the_right_is_not_guessed_at() -> None:
    sheet = read_import("email,name\na@example.jp,Abe, Jr.\nb@example.jp,Baba,\n")
    assert [row.address for row in sheet.rows] == ["b@example.jp"]
    assert sheet.problems == (RowProblem(2, "it has more cells than the first row"),)


def test_a_reader_named_twice_is_one_reader() -> None:
    sheet = read_import(
        "email,name,cadence\nhanako@example.jp,,weekly\nHANAKO@example.jp ,花子,daily\n"
    )
    assert sheet.rows == (ImportRow("hanako@example.jp", "花子", cadence=Cadence.WEEKLY, line=2),)
    assert sheet.folded == 1


@pytest.mark.parametrize("states", [("confirmed", "unsubscribed"), ("unsubscribed", "confirmed")])
def test_who_unsubscribed_in_any_row_has_unsubscribed(states: tuple[str, str]) -> None:
    sheet = read_import("email,state\n" + "".join(f"a@example.jp,{s}\n" for s in states))
    assert [row.state for row in sheet.rows] == [SubscriptionState.UNSUBSCRIBED]


def test_one_reader_of_two_newsletters_is_two_rows() -> None:
    sheet = read_import("email,newsletter\na@example.jp,weekly\na@example.jp,each\n")
    assert [row.newsletter_id for row in sheet.rows] == ["weekly", "each"]
    assert sheet.folded == 0


def test_a_name_loses_its_line_breaks_and_control_characters() -> None:
    sheet = read_import('email,name\na@example.jp,"Abe\r\nBcc: x\x00\u2028y"\n')
    assert sheet.rows[0].name == "Abe Bcc: x y"


@given(
    st.lists(
        st.sampled_from(
            [
                "a@example.jp,Abe",
                "b@example.jp,",
                "no address,x",
                'c@example.jp,"open',
                ",",
                "",
                "d@x",
            ]
        ),
        max_size=12,
    )
)
def test_every_row_is_taken_folded_or_reported(lines: list[str]) -> None:
    sheet = read_import("\n".join(["email,name", *lines]))
    filled = {number for number, line in enumerate(lines, start=2) if line.strip(",")}
    lines_told = [row.line for row in sheet.rows] + [one.line for one in sheet.problems]
    assert filled.issuperset(lines_told)
    assert len(lines_told) + sheet.folded == len(filled)


def test_an_export_looks_as_it_always_did() -> None:
    expected = (GOLDEN / "export.csv").read_bytes().decode("utf-8")
    assert _export([HANAKO, MALLORY]) == expected


def test_an_export_is_read_back_without_loss() -> None:
    sheet = read_import(_export([HANAKO, MALLORY]))
    assert [told(row) for row in sheet.rows] == [told(HANAKO), told(MALLORY)]
    assert (sheet.problems, sheet.folded, sheet.ignored) == ((), 0, ())


@given(st.lists(EXPORT_ROW, max_size=3, unique_by=lambda row: (row.address, row.newsletter_id)))
def test_any_export_is_read_back_without_loss(rows: list[ExportRow]) -> None:
    sheet = read_import(_export(rows).encode("utf-8-sig"))
    assert sheet.problems == ()
    assert [told(row) for row in sheet.rows] == [told(row) for row in rows]


@given(st.lists(EXPORT_ROW, max_size=2))
def test_no_cell_of_an_export_is_a_formula(rows: list[ExportRow]) -> None:
    for cells in csv.reader(io.StringIO(_export(rows), newline="")):
        assert not any(cell.startswith(TRIGGERS) for cell in cells)


@given(st.text())
def test_the_guard_comes_off_as_it_went_on(text: str) -> None:
    assert unguard_cell(guard_cell(text)) == text
    assert not guard_cell(text).startswith(TRIGGERS)


def test_an_apostrophe_that_belongs_to_a_name_stays() -> None:
    assert read_import("email,name\na@example.jp,'t Hooft\n").rows[0].name == "'t Hooft"


def test_a_million_readers_pass_through_one_at_a_time() -> None:
    def list_endless_readers() -> Iterator[ExportRow]:
        while True:
            yield HANAKO

    lines = list(islice(stream_export(list_endless_readers()), 3))
    assert lines[0].startswith("email,name,newsletter,")
    assert lines[1] == lines[2]


def test_the_sample_readers_of_this_repository_are_read_without_a_problem() -> None:
    sheet = read_import(SAMPLE.read_bytes())
    assert len({row.address for row in sheet.rows}) == 5
    assert (sheet.problems, sheet.folded, sheet.ignored) == ((), 0, ())
    assert {row.cadence for row in sheet.rows} == {Cadence.EACH, Cadence.DAILY, Cadence.WEEKLY}
