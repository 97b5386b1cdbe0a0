from __future__ import annotations

from datetime import date

import pytest

from service.audience.caps import Asking, judge_asking, may_remind

TODAY = date(2026, 11, 20)
DAYS = [date(2026, 11, day) for day in (16, 17, 18, 19)]


@pytest.mark.parametrize(
    ("sent", "clicked_on", "today", "turn"),
    [
        ([], None, TODAY, Asking.NOW),
        ([TODAY], None, TODAY, Asking.TOMORROW),
        (DAYS[:2], None, TODAY, Asking.NOW),
        (DAYS[:3], None, TODAY, Asking.NEVER),
        (DAYS[:3], None, date(2030, 1, 1), Asking.NEVER),
        (DAYS, DAYS[-1], TODAY, Asking.NOW),
        (DAYS, DAYS[0], TODAY, Asking.NEVER),
        (DAYS, DAYS[1], TODAY, Asking.NOW),
        ([TODAY, DAYS[0]], DAYS[0], TODAY, Asking.TOMORROW),
    ],
    ids=[
        "the first may go",
        "one on a day",
        "two earlier ones leave one",
        "three without a click are the last",
        "and stay so",
        "a click allows three more",
        "but no more than three",
        "those after the click count",
        "the order of the days does not matter",
    ],
)
def test_an_address_is_asked_once_a_day_and_thrice_without_a_click(
    sent: list[date], clicked_on: date | None, today: date, turn: Asking
) -> None:
    assert judge_asking(sent, clicked_on, today) is turn


def test_a_clock_set_back_earns_no_further_confirmation() -> None:
    assert judge_asking([TODAY], DAYS[0], DAYS[0]) is Asking.TOMORROW


def test_readers_who_sign_up_again_are_reminded_rarely() -> None:
    assert may_remind([], TODAY)
    assert not may_remind([TODAY], TODAY)
    assert may_remind(DAYS[:2], TODAY)
    assert not may_remind(DAYS[:3], TODAY)
    assert may_remind(DAYS[:3], date(2027, 1, 1))
