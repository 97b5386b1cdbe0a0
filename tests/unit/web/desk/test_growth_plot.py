from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from service.store.growth import GrowthDay
from service.web.desk.growth_plot import list_midnights, plot_growth
from service.words.catalogues import find_voice

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def grow(*joined: int) -> list[GrowthDay]:
    first = NOON - timedelta(days=len(joined) - 1)
    return [
        GrowthDay(first + timedelta(days=number), count, 0, 0)
        for number, count in enumerate(joined)
    ]


def test_midnights_are_those_of_the_zone_also_when_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    found = list_midnights(datetime(2026, 3, 30, 12, tzinfo=UTC), berlin, days=3)
    assert [one.isoformat() for one in found] == [
        "2026-03-28T00:00:00+01:00",
        "2026-03-29T00:00:00+01:00",
        "2026-03-30T00:00:00+02:00",
        "2026-03-31T00:00:00+02:00",
    ]


@pytest.mark.parametrize("days", [grow(), grow(0, 0, 0)])
def test_nothing_is_drawn_of_nobody(days: list[GrowthDay]) -> None:
    assert plot_growth(days, UTC, find_voice("en")) is None


def test_the_most_of_a_day_is_within_the_drawing_and_nobody_at_its_floor() -> None:
    plot = plot_growth(grow(0, 35, 0), UTC, find_voice("en"))
    assert plot is not None
    heights = [float(point.split(",")[1]) for point in plot.lines[0].points.split()]
    assert (heights[0], heights[2]) == (plot.floor, plot.floor)
    assert 0 < heights[1] < plot.floor
    assert [one.label for one in plot.numbers] == ["0", "20", "40"]


def test_the_table_says_the_same_in_weeks_the_newest_first() -> None:
    plot = plot_growth(grow(1, *[2] * 7), UTC, find_voice("en"))
    assert plot is not None
    assert [week[1] for week in plot.weeks] == [14, 1]
    assert plot.lines[0].total == 15
