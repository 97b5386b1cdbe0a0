from __future__ import annotations

from datetime import UTC, datetime

from service.audience.consent import IMPORT_TEXT, asked_consent, import_consent, row_consent
from service.audience.exchange import ExportRow
from service.model.subscriber import Consent

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
ASKED_AT = datetime(2025, 4, 1, 9, 0, tzinfo=UTC)
CONFIRMED_AT = datetime(2025, 4, 1, 9, 5, tzinfo=UTC)


def test_an_import_records_where_from_and_when() -> None:
    consent = import_consent("readers.csv", NOW)
    assert consent == Consent("import: readers.csv", IMPORT_TEXT, NOW)


def test_a_row_without_words_of_its_own_gets_those_of_the_import() -> None:
    row = ExportRow("hanako@example.jp", confirmed_at=CONFIRMED_AT)
    assert row_consent(row, "readers.csv", NOW) == import_consent("readers.csv", NOW)


def test_a_row_keeps_the_consent_it_brings() -> None:
    row = ExportRow(
        "hanako@example.jp",
        consent_source="form: /subscribe",
        consent_text="毎週月曜日にお届けします。",
        consent_given_at=ASKED_AT,
    )
    consent = row_consent(row, "readers.csv", NOW)
    assert consent == Consent("form: /subscribe", "毎週月曜日にお届けします。", ASKED_AT)


def test_a_consent_without_a_date_counts_from_the_confirmation_or_the_sign_up() -> None:
    confirmed = ExportRow(
        "a@example.jp", consent_text="Yes.", created_at=ASKED_AT, confirmed_at=CONFIRMED_AT
    )
    signed_up = ExportRow("a@example.jp", consent_text="Yes.", created_at=ASKED_AT)
    undated = ExportRow("a@example.jp", consent_text="Yes.")
    given = [row_consent(row, "x.csv", NOW).given_at for row in (confirmed, signed_up, undated)]
    assert given == [CONFIRMED_AT, ASKED_AT, NOW]


def test_words_without_a_source_came_with_the_sheet() -> None:
    row = ExportRow("a@example.jp", consent_text="Yes.")
    assert row_consent(row, "x.csv", NOW).source == "import: x.csv"


def test_nobody_who_is_only_asked_is_written_down_as_having_agreed() -> None:
    bare, worded = ExportRow("a@example.jp"), ExportRow("a@example.jp", consent_text="Yes.")
    assert asked_consent(bare, "x.csv", NOW) == Consent("import: x.csv", "", NOW)
    assert asked_consent(worded, "x.csv", NOW) == row_consent(worded, "x.csv", NOW)
