"""What came back of an edition, hour by hour, as bars: numbers only, which a template draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from service.model.event import EventKind
from service.store.event_counts import EventCount
from service.words.voice import Voice

KINDS = (EventKind.BOUNCED, EventKind.COMPLAINED)
"""What is drawn, from the bottom of a bar to its top."""

WIDTH, HEIGHT = 720, 200
_LEFT, _BOTTOM, _TOP = 44, 24, 10
_MOST_BARS = 48
_MOST_LABELS = 6
_AN_HOUR = timedelta(hours=1)
_STEPS = tuple(timedelta(hours=hours) for hours in (1, 3, 6, 12, 24, 72, 168))


@dataclass(frozen=True, slots=True)
class Bar:
    """One rectangle: how many of a kind in one stretch of time."""

    kind: EventKind
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis, `at` so far along it."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Row:
    """One stretch of time for those who would rather read: when, and how many of each kind."""

    when: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """Everything a template needs to draw it, and the same as a table."""

    bars: tuple[Bar, ...]
    times: tuple[Tick, ...]
    numbers: tuple[Tick, ...]
    rows: tuple[Row, ...]
    totals: tuple[int, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    floor: int = HEIGHT - _BOTTOM


def plot_events(counts: Sequence[EventCount], zone: tzinfo, voice: Voice) -> Plot | None:
    """Bounces and complaints over time, in the zone; None when nothing came back."""
    drawn = [one for one in counts if one.kind in KINDS and one.count]
    if not drawn:
        return None
    start = min(one.hour_at for one in drawn).astimezone(zone)
    end = max(one.hour_at for one in drawn) + _AN_HOUR
    step = next((one for one in _STEPS if (end - start) / one <= _MOST_BARS), _STEPS[-1])
    columns = _gather(drawn, start, step, int(-(-(end - start) // step)))
    top = round_up(max(sum(column) for column in columns))
    return Plot(
        bars=tuple(_list_bars(columns, top)),
        times=tuple(_list_times(len(columns), start, step)),
        numbers=tuple(Tick(_find_y(number, top), f"{number:,}") for number in divide(top)),
        rows=tuple(
            Row(voice.write_moment(start + step * number), column)
            for number, column in enumerate(columns)
            if any(column)
        ),
        totals=tuple(sum(column[kind] for column in columns) for kind in range(len(KINDS))),
    )


def _gather(
    counts: Sequence[EventCount], start: datetime, step: timedelta, length: int
) -> list[tuple[int, ...]]:
    sums = [[0] * len(KINDS) for _ in range(length)]
    for one in counts:
        sums[(one.hour_at - start) // step][KINDS.index(one.kind)] += one.count
    return [tuple(column) for column in sums]


def _list_bars(columns: Sequence[tuple[int, ...]], top: int) -> list[Bar]:
    slot = (WIDTH - _LEFT) / max(len(columns), 12)
    bars: list[Bar] = []
    for number, column in enumerate(columns):
        below = 0
        for kind, count in zip(KINDS, column, strict=True):
            if count:
                y = _find_y(below + count, top)
                height = round(_find_y(below, top) - y, 1)
                bars.append(Bar(kind, round(_LEFT + slot * (number + 0.15), 1), y,
                                round(slot * 0.7, 1), height))  # fmt: skip
            below += count
    return bars


def _list_times(length: int, start: datetime, step: timedelta) -> list[Tick]:
    slot = (WIDTH - _LEFT) / max(length, 12)
    every = -(-length // _MOST_LABELS)
    pattern = "%m-%d" if step >= timedelta(days=1) else "%m-%d %H:%M"
    return [
        Tick(round(_LEFT + slot * number, 1), (start + step * number).strftime(pattern))
        for number in range(0, length, every)
    ]


def _find_y(count: int, top: int) -> float:
    return round((HEIGHT - _BOTTOM) - (HEIGHT - _BOTTOM - _TOP) * count / top, 1)


def round_up(most: int) -> int:
    """The least of 2, 4, 6, 8, 10, 20, 40 … that holds the most: it can be halved."""
    scale = 1
    while True:
        for first in (2, 4, 6, 8, 10):
            if most <= first * scale:
                return first * scale
        scale *= 10


def divide(top: int) -> tuple[int, int, int]:
    """The numbers that stand on an axis up to `top`."""
    return (0, top // 2, top)
