from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.editions.slots import (
    Slot,
    edition_key,
    find_instant,
    find_leaving_time,
    find_next_slot,
    list_slots,
)
from service.model.newsletter import Cadence, Newsletter

TOKYO = ZoneInfo("Asia/Tokyo")
NEW_YORK = ZoneInfo("America/New_York")
WEEKLY = Newsletter("n", "N", "ja")


def test_a_weekly_newsletter_is_due_on_monday_morning_in_tokyo() -> None:
    after = datetime(2025, 10, 13, 0, 0, tzinfo=TOKYO)
    slots = list_slots(WEEKLY, Cadence.WEEKLY, TOKYO, after, after + timedelta(days=14))
    assert slots == [
        Slot(date(2025, 10, 13), datetime(2025, 10, 12, 23, 0, tzinfo=UTC)),
        Slot(date(2025, 10, 20), datetime(2025, 10, 19, 23, 0, tzinfo=UTC)),
    ]


def test_the_first_bound_is_left_out_and_the_last_belongs_to_it() -> None:
    monday = datetime(2025, 10, 20, 8, 0, tzinfo=TOKYO)
    week = timedelta(days=7)
    assert list_slots(WEEKLY, Cadence.WEEKLY, TOKYO, monday, monday + week / 2) == []
    assert len(list_slots(WEEKLY, Cadence.WEEKLY, TOKYO, monday - week, monday)) == 1
    assert find_next_slot(WEEKLY, Cadence.WEEKLY, TOKYO, monday).at == monday + week


def test_a_daily_newsletter_has_one_slot_on_the_night_an_hour_comes_twice() -> None:
    daily = replace(WEEKLY, send_at=time(1, 30))
    after = datetime(2026, 10, 31, 12, 0, tzinfo=NEW_YORK)
    slots = list_slots(daily, Cadence.DAILY, NEW_YORK, after, after + timedelta(days=2))
    assert [slot.local_date for slot in slots] == [date(2026, 11, 1), date(2026, 11, 2)]
    assert slots[0].at == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert slots[1].at == datetime(2026, 11, 2, 6, 30, tzinfo=UTC)


def test_a_slot_between_the_two_equal_hours_is_not_found_again() -> None:
    daily = replace(WEEKLY, send_at=time(1, 30))
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert list_slots(daily, Cadence.DAILY, NEW_YORK, first, first + timedelta(hours=2)) == []


def test_a_slot_in_the_skipped_hour_leaves_right_after_it() -> None:
    daily = replace(WEEKLY, send_at=time(2, 30))
    after = datetime(2027, 3, 13, 12, 0, tzinfo=NEW_YORK)
    slots = list_slots(daily, Cadence.DAILY, NEW_YORK, after, after + timedelta(days=2))
    assert slots[0] == Slot(date(2027, 3, 14), datetime(2027, 3, 14, 7, 0, tzinfo=UTC))
    assert slots[0].at.astimezone(NEW_YORK).time() == time(3, 0)
    assert slots[1] == Slot(date(2027, 3, 15), datetime(2027, 3, 15, 6, 30, tzinfo=UTC))


def test_a_skipped_midnight_begins_its_day_an_hour_later() -> None:
    beirut = ZoneInfo("Asia/Beirut")
    instant = find_instant(date(2026, 3, 29), time(0, 0), beirut)
    assert instant.astimezone(beirut).replace(tzinfo=None) == datetime(2026, 3, 29, 1, 0)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("monthday", "days"),
    [
        (1, [date(2027, 12, 1), date(2028, 1, 1), date(2028, 2, 1), date(2028, 3, 1)]),
        (28, [date(2027, 12, 28), date(2028, 1, 28), date(2028, 2, 28)]),
        (0, [date(2027, 11, 30), date(2027, 12, 31), date(2028, 1, 31), date(2028, 2, 29)]),
    ],
)
def test_a_month_has_its_day_or_its_last_one(monthday: int, days: list[date]) -> None:
    monthly = replace(WEEKLY, monthday=monthday)
    after = datetime(2027, 11, 29, 0, 0, tzinfo=TOKYO)
    until = datetime(2028, 3, 2, 0, 0, tzinfo=TOKYO)
    slots = list_slots(monthly, Cadence.MONTHLY, TOKYO, after, until)
    assert [slot.local_date for slot in slots] == days


def test_the_next_monthly_slot_is_found_from_right_after_the_last() -> None:
    monthly = replace(WEEKLY, monthday=0)
    last = datetime(2026, 12, 31, 8, 0, tzinfo=TOKYO)
    found = find_next_slot(monthly, Cadence.MONTHLY, TOKYO, last)
    assert found.local_date == date(2027, 1, 31)


def test_the_key_of_an_edition_is_the_local_date() -> None:
    slot = find_next_slot(WEEKLY, Cadence.WEEKLY, TOKYO, datetime(2025, 10, 19, 12, 0, tzinfo=UTC))
    assert slot.at.date() == date(2025, 10, 19)
    assert edition_key(slot) == "2025-10-20"


def test_each_has_no_slots() -> None:
    now = datetime(2025, 10, 19, tzinfo=UTC)
    with pytest.raises(ValueError, match="each"):
        list_slots(WEEKLY, Cadence.EACH, TOKYO, now, now)


ZONES = st.sampled_from(
    [TOKYO, NEW_YORK, ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("UTC")]
)
INSTANTS = st.datetimes(
    min_value=datetime(2025, 1, 1),  # noqa: DTZ001
    max_value=datetime(2030, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@given(ZONES, INSTANTS, st.times(), st.integers(1, 30))
def test_every_local_date_has_exactly_one_daily_slot(
    zone: ZoneInfo, after: datetime, send_at: time, days: int
) -> None:
    daily = replace(WEEKLY, send_at=send_at.replace(microsecond=0))
    middle, until = after + timedelta(days=days / 2), after + timedelta(days=days)
    whole = list_slots(daily, Cadence.DAILY, zone, after, until)
    parts = [
        *list_slots(daily, Cadence.DAILY, zone, after, middle),
        *list_slots(daily, Cadence.DAILY, zone, middle, until),
    ]
    dates = [slot.local_date for slot in whole]
    assert parts == whole
    assert dates == [dates[0] + timedelta(days=n) for n in range(len(dates))] if dates else True
    assert abs(len(dates) - days) <= 1


def test_a_reader_without_an_hour_gets_the_edition_at_the_freeze() -> None:
    freeze = datetime(2025, 10, 19, 23, 0, tzinfo=UTC)
    assert find_leaving_time(freeze, None, NEW_YORK) == freeze


def test_a_readers_hour_is_the_next_one_in_the_readers_zone() -> None:
    freeze = datetime(2025, 10, 20, 8, 0, tzinfo=TOKYO)
    evening = find_leaving_time(freeze, 20, TOKYO)
    assert evening == datetime(2025, 10, 20, 20, 0, tzinfo=TOKYO)
    abroad = find_leaving_time(freeze, 7, NEW_YORK)
    assert abroad == datetime(2025, 10, 20, 7, 0, tzinfo=NEW_YORK)
    earlier = find_leaving_time(freeze, 7, TOKYO)
    assert earlier == datetime(2025, 10, 21, 7, 0, tzinfo=TOKYO)


def test_a_freeze_inside_the_readers_hour_leaves_at_once() -> None:
    freeze = datetime(2025, 10, 20, 8, 20, tzinfo=TOKYO)
    assert find_leaving_time(freeze, 8, TOKYO) == freeze


def test_an_hour_the_clocks_skip_becomes_the_next_instant() -> None:
    freeze = datetime(2027, 3, 13, 8, 0, tzinfo=NEW_YORK)
    assert find_leaving_time(freeze, 2, NEW_YORK) == datetime(2027, 3, 14, 7, 0, tzinfo=UTC)


@given(ZONES, INSTANTS, st.integers(0, 23))
def test_nobody_waits_longer_than_a_day_or_gets_it_early(
    zone: ZoneInfo, freeze: datetime, hour: int
) -> None:
    leaves = find_leaving_time(freeze, hour, zone)
    assert timedelta(0) <= leaves - freeze <= timedelta(hours=24)
