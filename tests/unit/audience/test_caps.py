from __future__ import annotations

from datetime import date

import pytest

from service.audience.caps import may_send_confirmation

TODAY = date(2026, 11, 20)
DAYS = [date(2026, 11, day) for day in (16, 17, 18, 19)]


def test_the_first_confirmation_may_go() -> None:
    assert may_send_confirmation([], clicked=False, today=TODAY)


@pytest.mark.parametrize("clicked", [False, True])
def test_only_one_confirmation_may_go_on_a_day(clicked: bool) -> None:
    assert not may_send_confirmation([TODAY], clicked=clicked, today=TODAY)


def test_three_confirmations_without_a_click_are_the_last() -> None:
    assert may_send_confirmation(DAYS[:2], clicked=False, today=TODAY)
    assert not may_send_confirmation(DAYS[:3], clicked=False, today=TODAY)
    assert not may_send_confirmation(DAYS[:3], clicked=False, today=date(2030, 1, 1))


def test_a_reader_who_clicked_once_may_be_asked_again() -> None:
    assert may_send_confirmation(DAYS, clicked=True, today=TODAY)


def test_the_order_of_the_days_does_not_matter() -> None:
    assert not may_send_confirmation([TODAY, DAYS[0]], clicked=True, today=TODAY)


def test_a_clock_set_back_earns_no_further_confirmation() -> None:
    assert not may_send_confirmation([TODAY], clicked=True, today=DAYS[0])
