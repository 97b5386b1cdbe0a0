"""How a newsletter grew, day by day: numbers only, which a template draws and writes as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from service.store.growth import GrowthDay
from service.web.desk.plot import HEIGHT, WIDTH, Tick, divide, round_up
from service.words.voice import Voice

DAYS = 90

_LEFT, _BOTTOM, _TOP = 44, 24, 10
_LABEL_EVERY = 15
_A_WEEK = 7


@dataclass(frozen=True, slots=True)
class Line:
    """What happened each day of one kind, as the points of an SVG polyline, and in all."""

    kind: str
    points: str
    total: int


@dataclass(frozen=True, slots=True)
class GrowthPlot:
    """Everything a template needs to draw it; `weeks` are the same as a table, the newest first."""

    lines: tuple[Line, ...]
    times: tuple[Tick, ...]
    numbers: tuple[Tick, ...]
    weeks: tuple[tuple[str, int, int, int], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    floor: int = HEIGHT - _BOTTOM


def list_midnights(now: datetime, zone: tzinfo, days: int = DAYS) -> list[datetime]:
    """The midnights that so many days begin with, today's the last of them, and its end."""
    today = now.astimezone(zone).date()
    first = today - timedelta(days=days - 1)
    return [
        datetime.combine(first + timedelta(days=number), time(), zone) for number in range(days + 1)
    ]


def plot_growth(days: Sequence[GrowthDay], zone: tzinfo, voice: Voice) -> GrowthPlot | None:
    """Who joined, confirmed and left on each day; None where nobody did."""
    counts = {
        "joined": [one.joined for one in days],
        "confirmed": [one.confirmed for one in days],
        "left": [one.left for one in days],
    }
    most = max((max(one, default=0) for one in counts.values()), default=0)
    if not most:
        return None
    top = round_up(most)
    return GrowthPlot(
        lines=tuple(
            Line(kind, _list_points(values, top), sum(values)) for kind, values in counts.items()
        ),
        times=tuple(
            Tick(_find_x(number, len(days)), f"{days[number].begins_at.astimezone(zone):%m-%d}")
            for number in range(0, len(days), _LABEL_EVERY)
        ),
        numbers=tuple(Tick(_find_y(number, top), f"{number:,}") for number in divide(top)),
        weeks=tuple(_list_weeks(days, zone, voice)),
    )


def _list_points(values: Sequence[int], top: int) -> str:
    return " ".join(
        f"{_find_x(number, len(values))},{_find_y(value, top)}"
        for number, value in enumerate(values)
    )


def _list_weeks(
    days: Sequence[GrowthDay], zone: tzinfo, voice: Voice
) -> list[tuple[str, int, int, int]]:
    """The days in sevens from the last one backwards."""
    weeks = []
    for end in range(len(days), 0, -_A_WEEK):
        part = days[max(end - _A_WEEK, 0) : end]
        first, last = (one.begins_at.astimezone(zone).date() for one in (part[0], part[-1]))
        weeks.append(
            (
                voice.say("{first} to {last}", first=voice.write_day(first),
                          last=voice.write_day(last)),
                sum(one.joined for one in part),
                sum(one.confirmed for one in part),
                sum(one.left for one in part),
            )
        )  # fmt: skip
    return weeks


def _find_x(number: int, length: int) -> float:
    return round(_LEFT + (WIDTH - _LEFT - 6) * number / max(length - 1, 1), 1)


def _find_y(count: int, top: int) -> float:
    return round((HEIGHT - _BOTTOM) - (HEIGHT - _BOTTOM - _TOP) * count / top, 1)
