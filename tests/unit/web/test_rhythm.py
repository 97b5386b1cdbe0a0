"""How often a newsletter comes, in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest

from service.model.newsletter import Cadence, Newsletter
from service.web.problem_sayings import say_problem
from service.web.rhythm import say_pace, say_rhythm
from service.words.catalogues import find_voice

ENGLISH, JAPANESE = find_voice("en"), find_voice("ja")
NEWSLETTER = Newsletter("n", "n", "ja", cadences=tuple(Cadence), default_cadence=Cadence.MONTHLY)


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
    assert say_pace(ENGLISH, newsletter, cadence) == english
    assert say_pace(JAPANESE, newsletter, cadence) == japanese


def test_the_usual_cadence_comes_first_and_the_last_day_has_a_name() -> None:
    newsletter = replace(NEWSLETTER, monthday=0, cadences=(Cadence.DAILY, Cadence.MONTHLY))
    assert say_rhythm(JAPANESE, newsletter) == "毎月末日 8時、または毎日 8時"
    assert (
        say_rhythm(ENGLISH, newsletter)
        == "On the last day of every month at 08:00, or every day at 08:00"
    )


def test_three_cadences_are_all_named() -> None:
    cadences = (Cadence.DAILY, Cadence.EACH, Cadence.WEEKLY)
    newsletter = replace(NEWSLETTER, cadences=cadences, default_cadence=Cadence.EACH, weekday=0)
    assert say_rhythm(ENGLISH, newsletter) == (
        "Each story as it appears, or every day at 08:00, or every Monday at 08:00"
    )


@pytest.mark.parametrize(
    ("monthday", "named"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (11, "11th"), (12, "12th"), (21, "21st"), (28, "28th")],
)
def test_english_days_end_as_they_should(monthday: int, named: str) -> None:
    newsletter = replace(NEWSLETTER, monthday=monthday)
    assert f"the {named} of" in say_pace(ENGLISH, newsletter, Cadence.MONTHLY)


def test_a_problem_without_words_of_its_own_is_ours() -> None:
    assert say_problem(ENGLISH, 418) == say_problem(ENGLISH, 500)
    assert say_problem(JAPANESE, 404) != say_problem(ENGLISH, 404)
