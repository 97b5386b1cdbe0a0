from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from pathlib import Path

import pytest

from service.config import values
from service.config.database import check_database, compose_database_url


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("90s", timedelta(seconds=90)),
        ("10m", timedelta(minutes=10)),
        ("2h", timedelta(hours=2)),
        ("7d", timedelta(days=7)),
        ("0s", timedelta(0)),
    ],
)
def test_a_length_of_time_is_a_number_and_a_unit(written: str, meant: timedelta) -> None:
    assert values.read_duration(written) == meant


@pytest.mark.parametrize(
    "written", ["10", "10 m", "m", "1h30m", "-2h", "1.5h", "٣m", "9999999d", 10]
)
def test_any_other_length_of_time_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match=r'is not a length of time; write "90s"'):
        values.read_duration(written)


@pytest.mark.parametrize(
    ("written", "meant"), [("08:00", 8), ("8:00", 8), (time(8), 8), ("0:00", 0)]
)
def test_a_time_of_day_may_be_text_or_what_toml_makes_of_it(written: object, meant: int) -> None:
    assert values.read_time(written) == time(meant)


@pytest.mark.parametrize("written", ["25:00", "8", "08:60", "08:00:00", "8am", "", 8])
def test_any_other_time_of_day_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match=r'is not a time of day; write "08:00"'):
        values.read_time(written)


@pytest.mark.parametrize(("written", "meant"), [("mon", 0), ("Monday", 0), ("SUN", 6), ("thu", 3)])
def test_a_weekday_is_a_name_or_its_first_three_letters(written: str, meant: int) -> None:
    assert values.read_weekday(written) == meant


@pytest.mark.parametrize("written", ["m", "", "月", "thurs", 1])
def test_a_weekday_is_never_a_number_or_a_guess(written: object) -> None:
    with pytest.raises(ValueError, match="is not a weekday"):
        values.read_weekday(written)


@pytest.mark.parametrize(("written", "meant"), [(1, 1), (28, 28), ("last", 0)])
def test_a_day_of_the_month_is_one_that_every_month_has(written: object, meant: int) -> None:
    assert values.read_monthday(written) == meant


@pytest.mark.parametrize("written", [0, 29, 31, "1", True, -1])
def test_a_day_that_some_months_lack_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="every month has"):
        values.read_monthday(written)


@pytest.mark.parametrize("written", ["ja", "en", "pt-BR", "zh-Hant-TW", "en-us"])
def test_language_tags_are_kept_as_written(written: str) -> None:
    assert values.read_language(written) == written


@pytest.mark.parametrize("written", ["ja_JP", "", "日本語", "english!", "j", 3])
def test_what_is_no_language_tag_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="is not a language tag"):
        values.read_language(written)


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("Tokyo", 'did you mean "Asia/Tokyo"'),
        ("asia/tokyo", 'did you mean "Asia/Tokyo"'),
        ("Asia/Tokio", 'did you mean "Asia/Tokyo"'),
        ("new york", 'did you mean "America/New_York"'),
        ("Asia", "is not a time zone"),
        ("../etc/passwd", "is not a time zone"),
        ("", "is not a time zone"),
    ],
)
def test_a_time_zone_that_is_none_gets_a_hint(written: str, hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        values.read_timezone(written)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://example.com/", "https://example.com"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("https://example.com/blog//", "https://example.com/blog"),
        ("HTTPS://EXAMPLE.com", "https://example.com"),
        ("https://日本語.jp/記事", "https://xn--wgv71a119e.jp/記事"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
    ],
)
def test_addresses_lose_their_last_slash_and_become_ascii_hosts(written: str, meant: str) -> None:
    assert values.read_url(written) == meant


@pytest.mark.parametrize(
    "written",
    ["example.com", "ftp://example.com", "https://", "https://a b.com", "https://x:99999", "/", ""],
)
def test_what_is_no_web_address_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"is not a web address|is empty"):
        values.read_url(written)


def test_an_address_with_a_password_is_refused_without_showing_it() -> None:
    with pytest.raises(ValueError, match="names a user") as refused:
        values.read_url("https://me:hunter2@example.com")
    assert "hunter2" not in str(refused.value)


def test_an_address_with_a_query_is_refused() -> None:
    with pytest.raises(ValueError, match=r"has a \? or #"):
        values.read_url("https://example.com/?page=1")


@pytest.mark.parametrize("written", ["news@example.com", "a.b+c@mail.example.co.jp", ""])
def test_a_mail_address_may_still_be_empty(written: str) -> None:
    assert values.read_email(written) == written


@pytest.mark.parametrize(
    "written", ["somebody", "somebody@localhost", "a b@example.com", "a@b@c.com"]
)
def test_what_is_no_mail_address_is_refused_without_showing_it(written: str) -> None:
    with pytest.raises(ValueError, match="is not a mail address") as refused:
        values.read_email(written)
    assert written not in str(refused.value)


def test_a_line_break_cannot_reach_a_mail_header() -> None:
    with pytest.raises(ValueError, match="several lines"):
        values.read_line("瓦版\nBcc: somebody")
    with pytest.raises(ValueError, match="control characters"):
        values.read_line("瓦版\x00")


def test_names_are_compared_in_one_unicode_form() -> None:
    assert values.read_name("カ\u3099") == "ガ"


@pytest.mark.parametrize("written", ["Weekly", "a_b", "週刊", "-a", "a--b", "a" * 64, "a/b"])
def test_an_id_fits_into_an_address(written: str) -> None:
    with pytest.raises(ValueError, match="is not a short name"):
        values.read_slug(written)


@pytest.mark.parametrize("read", [values.whole_number(1, 9), values.read_flag, values.read_text])
def test_nothing_is_taken_for_another_kind(read: Callable[[object], object]) -> None:
    wrongs: tuple[object, ...] = ([], {}, 1.5)
    for wrong in wrongs:
        with pytest.raises(ValueError, match=r"a list|a table|1\.5"):
            read(wrong)


def test_a_flag_is_no_number_and_a_number_no_flag() -> None:
    with pytest.raises(ValueError, match="neither true nor false"):
        values.read_flag(1)
    with pytest.raises(ValueError, match="true is not a whole number"):
        values.whole_number(0, 9)(True)


def test_a_long_value_is_quoted_short() -> None:
    assert values.show("あ" * 500) == '"' + "あ" * 60 + '…"'


def test_a_subject_takes_only_marks_that_will_be_filled() -> None:
    assert values.read_subject("{title} {date}") == "{title} {date}"
    with pytest.raises(ValueError, match=r"\{name\} cannot be filled in"):
        values.read_subject("{title} for {name}")


@pytest.mark.parametrize("address", ["mysql://h/x", "postgres://", "kawaraban.db", "sqlite:var.db"])
def test_a_database_of_another_kind_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="is not a database known here"):
        check_database(address)


@pytest.mark.parametrize("address", ["sqlite://", "sqlite:///", "sqlite:///:memory:"])
def test_a_database_that_forgets_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="would be lost at every stop"):
        check_database(address)


@pytest.mark.parametrize(
    ("address", "opened"),
    [
        ("", "sqlite:////srv/site/var/kawaraban.db"),
        ("sqlite:///db/k.db", "sqlite:////srv/site/db/k.db"),
        ("sqlite:////mnt/k.db", "sqlite:////mnt/k.db"),
        ("postgres://h/k", "postgresql+psycopg://h/k"),
        ("postgresql://u:p@h/k?sslmode=require", "postgresql+psycopg://u:p@h/k?sslmode=require"),
        ("postgresql+psycopg://h/k", "postgresql+psycopg://h/k"),
    ],
)
def test_a_database_is_opened_where_it_is_written(address: str, opened: str) -> None:
    root = Path("/srv/site")
    assert compose_database_url(address, root, root / "var") == opened
