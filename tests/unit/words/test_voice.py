"""A language with its sentences, numbers and dates."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from gettext import NullTranslations

import pytest
from babel import Locale

from service.words.catalogues import find_voice, list_languages
from service.words.voice import Voice

ENGLISH, JAPANESE = find_voice("en"), find_voice("ja")


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("en", "en"),
        ("en-GB", "en"),
        ("en_GB", "en"),
        ("ja", "ja"),
        ("ja-JP", "ja"),
        ("xx", "en"),
        ("", "en"),
        ("../../secret", "en"),
    ],
)
def test_a_language_that_nobody_wrote_is_answered_in_english(tag: str, language: str) -> None:
    assert find_voice(tag).language == language


def test_languages_are_the_files_there_are_and_english() -> None:
    assert list_languages()[0] == "en"
    assert "ja" in list_languages()
    assert find_voice("ja-JP") is find_voice("ja")


def test_a_sentence_is_said_in_the_language_and_filled() -> None:
    assert ENGLISH.say("Did you mean {address}?", address="a@b.c") == "Did you mean a@b.c?"
    assert JAPANESE.say("Did you mean {address}?", address="a@b.c") == "a@b.c ではありませんか"


def test_what_fills_a_sentence_is_not_read_as_one() -> None:
    assert ENGLISH.say("Did you mean {address}?", address="{0}{x}") == "Did you mean {0}{x}?"
    assert ENGLISH.say("100 % of {this}") == "100 % of {this}"


def test_a_sentence_without_translation_is_said_in_english() -> None:
    assert JAPANESE.say("Nobody ever translated {this}.", this="it") == (
        "Nobody ever translated it."
    )


def test_nothing_is_said_as_nothing() -> None:
    assert JAPANESE.say("") == ENGLISH.say("") == ""


def test_one_english_sentence_can_mean_two_things() -> None:
    stories, topics = (
        JAPANESE.say_of(context, "Everything") for context in ("all stories", "all topics")
    )
    assert stories != topics


@pytest.mark.parametrize(
    ("count", "english", "japanese"),
    [(0, "0 stories", "0本"), (1, "1 story", "1本"), (2513, "2,513 stories", "2,513本")],
)
def test_things_are_counted_as_the_language_counts(count: int, english: str, japanese: str) -> None:
    for voice, said in ((ENGLISH, english), (JAPANESE, japanese)):
        assert voice.say_count("{count} story", "{count} stories", count) == said


def test_dates_and_times_are_written_as_people_write_them() -> None:
    day, moment = date(2026, 11, 30), datetime(2026, 11, 30, 8, 5, tzinfo=UTC)
    assert ENGLISH.write_date(day) == "November 30, 2026"
    assert JAPANESE.write_date(day) == "2026年11月30日"
    assert ENGLISH.write_moment(moment) == "November 30, 2026 08:05"
    assert ENGLISH.write_appointment(moment) == "Monday 30 November, 8:05"
    assert JAPANESE.write_appointment(moment) == "11月30日（月）8時5分"
    assert JAPANESE.write_appointment(moment.replace(minute=0)) == "11月30日（月）8時"
    assert ENGLISH.write_time(time(8)) == "08:00"
    assert JAPANESE.write_time(time(8)) == "8時"
    assert JAPANESE.write_time(time(18, 30)) == "18時30分"
    assert JAPANESE.name_weekday(6) == "日曜日"


def test_cities_have_the_names_that_the_language_gives_them() -> None:
    assert JAPANESE.name_city("America/New_York") == "ニューヨーク"
    assert ENGLISH.name_city("America/Argentina/Buenos_Aires") == "Buenos Aires"


def test_names_stand_in_a_row() -> None:
    assert ENGLISH.join_names(["A", "B", "C"]) == "A, B, C"
    assert JAPANESE.join_names(["A", "B"]) == "A、B"


def test_names_in_quotation_marks_have_their_own() -> None:
    assert f"“{ENGLISH.join_quoted(['A', 'B'])}”" == "“A”, “B”"
    assert f"「{JAPANESE.join_quoted(['A', 'B'])}」" == "「A」「B」"
    assert ENGLISH.join(["A", "B", "C"]) == "A, B, and C"


def test_a_language_with_more_plurals_needs_no_code() -> None:
    class Polish(NullTranslations):
        def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
            forms = ("{count} artykuł", "{count} artykuły", "{count} artykułów")
            return forms[0 if n == 1 else 1 if n % 10 in (2, 3, 4) else 2]

    voice = Voice("pl", Locale.parse("pl"), Polish())
    said = [voice.say_count("{count} story", "{count} stories", n) for n in (1, 3, 5)]
    assert said == ["1 artykuł", "3 artykuły", "5 artykułów"]
