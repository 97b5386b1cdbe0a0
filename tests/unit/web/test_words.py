from __future__ import annotations

import string
from dataclasses import fields, replace
from datetime import time

import pytest

from service.model.newsletter import Cadence, Newsletter
from service.web.words import Saying, find_words

ALL = tuple(Cadence)
NEWSLETTER = Newsletter("n", "n", "ja", cadences=ALL, default_cadence=Cadence.MONTHLY)


def list_names(value: object) -> set[str]:
    """The {names} in a text, or in every text of a saying."""
    if isinstance(value, Saying):
        return list_names(" ".join((value.heading, *value.lines, value.button)))
    return {name for _, name, _, _ in string.Formatter().parse(str(value)) if name is not None}


def test_an_unknown_language_is_answered_in_english() -> None:
    assert find_words("ja-JP").language == "ja"
    assert find_words("en_GB").language == "en"
    assert find_words("de").language == "en"
    assert find_words("").language == "en"


def test_both_languages_say_the_same_things_about_the_same_names() -> None:
    english, japanese = find_words("en"), find_words("ja")
    for field in fields(english):
        ours, theirs = getattr(english, field.name), getattr(japanese, field.name)
        if isinstance(ours, str):
            assert list_names(ours) == list_names(theirs), field.name
        elif hasattr(ours, "keys"):
            assert ours.keys() == theirs.keys(), field.name
            for key in ours:
                assert list_names(ours[key]) == list_names(theirs[key]), key


@pytest.mark.parametrize(
    ("cadence", "english", "japanese"),
    [
        (Cadence.EACH, "Each story as it appears", "新着のつど"),
        (Cadence.DAILY, "Every day at 07:30", "毎日 7時30分"),
        (Cadence.WEEKLY, "Every Friday at 07:30", "毎週金曜日 7時30分"),
        (Cadence.MONTHLY, "On the 22nd of every month at 07:30", "毎月22日 7時30分"),
    ],
)
def test_how_often_is_said_in_words(cadence: Cadence, english: str, japanese: str) -> None:
    newsletter = replace(NEWSLETTER, weekday=4, monthday=22, send_at=time(7, 30))
    newsletter = replace(newsletter, cadences=(cadence,), default_cadence=cadence)
    assert find_words("en").write_rhythm(newsletter) == english
    assert find_words("ja").write_rhythm(newsletter) == japanese


def test_the_usual_cadence_comes_first_and_the_last_day_has_a_name() -> None:
    newsletter = replace(NEWSLETTER, monthday=0, cadences=(Cadence.DAILY, Cadence.MONTHLY))
    assert find_words("ja").write_rhythm(newsletter) == "毎月末日 8時、または毎日 8時"
    assert (
        find_words("en").write_rhythm(newsletter)
        == "On the last day of every month at 08:00, or every day at 08:00"
    )


@pytest.mark.parametrize(
    ("monthday", "named"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (11, "11th"), (28, "28th")]
)
def test_english_days_end_as_they_should(monthday: int, named: str) -> None:
    newsletter = replace(NEWSLETTER, monthday=monthday, cadences=(Cadence.MONTHLY,))
    assert named in find_words("en").write_rhythm(newsletter)


def test_one_post_is_counted_as_one() -> None:
    assert find_words("en").write_count(1) == "1 story"
    assert find_words("en").write_count(2513) == "2,513 stories"
    assert find_words("ja").write_count(0) == "0本"


def test_a_problem_without_words_of_its_own_is_ours() -> None:
    words = find_words("en")
    assert words.find_problem(418) == words.problems[500]
