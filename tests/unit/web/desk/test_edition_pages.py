"""What the pages of editions work out before anything is drawn."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from service.errors import UsageError
from service.model.delivery import Accounting
from service.model.edition import EditionState
from service.model.event import EventKind
from service.store.event_counts import EventCount
from service.web.desk.edition_moving import read_addresses, read_local, read_number
from service.web.desk.edition_previews import light_up
from service.web.desk.edition_progress import say_progress
from service.web.desk.edition_view import list_orders
from service.web.desk.plot import plot_events
from service.web.desk.progress import Board, Progress, Reading
from service.words.catalogues import find_voice

TOKYO = ZoneInfo("Asia/Tokyo")
START = datetime(2026, 11, 16, 8, tzinfo=UTC)
ENGLISH = find_voice("en")


@pytest.mark.parametrize(
    ("post_id", "move", "order"),
    [
        (1, "down", (2, 1, 3, 4, 5)),
        (2, "up", (2, 1, 3, 4, 5)),
        (2, "down", (3, 4, 1, 2, 5)),  # at the edge of its group it takes the group along
        (4, "up", (1, 2, 4, 3, 5)),
        (3, "up", (3, 4, 1, 2, 5)),
        (4, "top", (4, 3, 1, 2, 5)),
        (5, "top", (5, 1, 2, 3, 4)),
        (9, "top", (9, 1, 2, 3, 4, 5)),  # not shown yet
    ],
)
def test_a_move_changes_the_mail_group_by_group(
    post_id: int, move: str, order: tuple[int, ...]
) -> None:
    assert list_orders([[1, 2], [3, 4], [5]], post_id)[move] == order


def test_moves_that_would_change_nothing_are_not_offered() -> None:
    groups = [[1, 2], [3]]
    assert set(list_orders(groups, 1)) == {"down"}
    assert set(list_orders(groups, 3)) == {"up", "top"}
    assert list_orders([[7]], 7) == {}


def count(hour: int, kind: EventKind, many: int) -> EventCount:
    return EventCount(START + timedelta(hours=hour), kind, many)


def test_a_plot_stacks_complaints_on_bounces_and_says_the_same_as_a_table() -> None:
    counts = [
        count(0, EventKind.BOUNCED, 6),
        count(0, EventKind.COMPLAINED, 2),
        count(0, EventKind.DELIVERED, 900),
        count(3, EventKind.BOUNCED, 1),
    ]
    plot = plot_events(counts, TOKYO, ENGLISH)
    assert plot is not None
    below, above, _ = plot.bars
    assert (below.kind, above.kind) == (EventKind.BOUNCED, EventKind.COMPLAINED)
    assert below.y + below.height == pytest.approx(plot.floor)
    assert above.y + above.height == pytest.approx(below.y)
    assert below.height == pytest.approx(3 * above.height, abs=0.1)
    assert [tick.label for tick in plot.numbers] == ["0", "4", "8"]
    assert [(row.when, row.counts) for row in plot.rows] == [
        ("November 16, 2026 17:00", (6, 2)),
        ("November 16, 2026 20:00", (1, 0)),
    ]
    assert plot.totals == (7, 2)


def test_a_long_time_is_drawn_in_longer_steps_and_nothing_is_lost() -> None:
    counts = [count(hour, EventKind.BOUNCED, 1) for hour in range(24 * 30)]
    plot = plot_events(counts, TOKYO, ENGLISH)
    assert plot is not None
    assert len(plot.bars) <= 48
    assert sum(row.counts[0] for row in plot.rows) == 24 * 30
    assert all(bar.x + bar.width <= plot.width for bar in plot.bars)


def test_nothing_that_came_back_is_no_plot() -> None:
    assert plot_events([count(0, EventKind.DELIVERED, 3)], TOKYO, ENGLISH) is None


def read(waiting: int, state: EditionState = EditionState.SENDING) -> Reading:
    return Reading(state, Accounting(1000, 1000 - waiting, 0, 0, 0, 0, waiting))


class Ledger:
    """Gives out readings one after the other, by a clock that moves when it is told."""

    def __init__(self, *readings: Reading) -> None:
        self.left = list(readings)
        self.now = 0.0

    def read(self, _: int) -> Reading:
        return self.left.pop(0)

    def tell_time(self) -> float:
        return self.now


def test_what_a_provider_has_of_a_cancelled_edition_is_looked_on_at_to_its_end() -> None:
    assert read(10, EditionState.CANCELLED).is_under_way
    assert not read(0, EditionState.CANCELLED).is_under_way


def test_however_many_look_on_the_ledger_is_read_once_a_second() -> None:
    ledger = Ledger(read(1000), read(800))
    board = Board(ledger.read, ledger.tell_time)

    async def look() -> list[Progress]:
        first = await asyncio.gather(*(board.look(1) for _ in range(50)))
        ledger.now = 4.0
        return [*first, *await asyncio.gather(*(board.look(1) for _ in range(50)))]

    seen = asyncio.run(look())
    assert not ledger.left
    assert {one.reading.settled for one in seen} == {0, 200}
    assert seen[-1].rate == 50.0
    assert seen[-1].ends_in == timedelta(seconds=16)


def test_a_pause_does_not_count_into_the_rate() -> None:
    paused = read(500, EditionState.PAUSED)
    ledger = Ledger(read(1000), paused, read(500), read(400))
    board = Board(ledger.read, ledger.tell_time)

    async def look() -> list[Progress]:
        seen = []
        for now in (0.0, 10.0, 20.0, 22.0):
            ledger.now = now
            seen.append(await board.look(1))
        return seen

    assert [one.rate for one in asyncio.run(look())] == [None, None, None, 50.0]


def test_progress_is_said_in_words_and_as_a_share() -> None:
    told = say_progress(ENGLISH, Progress(read(250), 12.4))
    assert told["share"] == 0.75
    words = told["words"]
    assert isinstance(words, dict)
    assert (words["settled"], words["rate"], words["ends"]) == (
        "750 of 1,000",
        "12 a second",
        "in 20 seconds",
    )


@pytest.mark.parametrize("typed", ["1234", "1,234", " １，２３４ ", "1.234"])
def test_a_number_of_readers_is_read_as_people_type_it(typed: str) -> None:
    assert read_number(typed) == 1234


@pytest.mark.parametrize("typed", ["", "all", "-5", "12e3", "9" * 40])
def test_anything_else_is_no_number_of_readers(typed: str) -> None:
    with pytest.raises(UsageError, match="type how many"):
        read_number(typed)


def test_a_time_is_read_by_the_clock_of_the_publication() -> None:
    assert read_local("2026-11-21T08:00", TOKYO) == datetime(2026, 11, 20, 23, tzinfo=UTC)
    for odd in ("", "tomorrow", "0001-01-01T00:00"):
        with pytest.raises(UsageError):
            read_local(odd, TOKYO)


def test_addresses_for_a_test_are_taken_as_they_are_typed() -> None:
    assert read_addresses("A@Example.com, b@example.com\na@example.com") == [
        "a@example.com",
        "b@example.com",
    ]
    for odd in ("", "nobody", " ".join(f"a{n}@example.com" for n in range(21))):
        with pytest.raises(UsageError):
            read_addresses(odd)


def test_a_mail_is_shown_by_day_or_in_the_dark_whatever_the_system_says() -> None:
    mail = (
        '<head><meta name="color-scheme" content="light dark"></head>'
        "<style>@media (prefers-color-scheme:dark){p{color:red}}</style>"
    )
    dark, light = light_up(mail, "dark"), light_up(mail, "light")
    assert 'content="dark"' in dark
    assert "@media (min-width: 0)" in dark
    assert 'content="light"' in light
    assert "@media (max-width: 0)" in light
    assert "prefers-color-scheme" not in dark + light


def test_an_end_that_waits_for_people_is_not_said_to_come_in_no_time() -> None:
    count = Accounting(10, 7, 0, 0, 0, 3, 0)
    progress = Progress(Reading(EditionState.SENDING, count), 5.0)
    words = say_progress(find_voice("en"), progress)["words"]
    assert isinstance(words, dict)
    assert (words["rate"], words["ends"]) == ("–", "once the unknown are settled")
