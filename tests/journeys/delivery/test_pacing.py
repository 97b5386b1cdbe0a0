"""Mail that keeps to a provider's rate, and never waits longer than that takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from service.delivery.envelope import Letterhead
from service.delivery.mailbag import Mailbag
from service.delivery.recording import Ending
from service.delivery.send import send_batch
from service.providers.base import Rate, RateUnit
from service.store import claims
from service.store.database import Database
from tests.fakes.provider import NOT_SENT, ProgrammedProvider
from tests.fakes.replay import freeze_news
from tests.fakes.world import HandClock

SECOND = timedelta(seconds=1)
STEP = timedelta(milliseconds=50)


def make_bag(head: Letterhead, rate: Rate) -> Mailbag:
    provider = ProgrammedProvider()
    provider.capabilities = replace(provider.capabilities, rate=rate)
    return Mailbag(provider, head)


def send_all(database: Database, bag: Mailbag, clock: HandClock) -> list[tuple[datetime, int]]:
    """When each batch left, and for how many; everybody tries all the time."""
    left = []
    for _ in range(1000):
        with database.reading() as connection:
            account = bag.provider.account
            due = claims.list_due_batches(connection, clock(), 3, account)
        for batch_id in due:
            if send_batch(database, bag, batch_id, clock) is not Ending.NOT_CLAIMED:
                assert isinstance(bag.provider, ProgrammedProvider)
                left.append((clock(), len(bag.provider.calls[-1].addresses)))
        clock.now += STEP
        with database.reading() as connection:
            if not claims.list_due_batches(connection, clock() + timedelta(hours=1), 1):
                return left
    raise AssertionError("not everything left")


@pytest.mark.parametrize(
    ("rate", "batch_size", "within"),
    [
        (Rate(5, SECOND, RateUnit.CALLS), 3, 5),
        (Rate(6, SECOND, RateUnit.RECIPIENTS), 3, 6),
        (Rate(4, SECOND, RateUnit.RECIPIENTS), 1, 4),
    ],
)
def test_no_stretch_of_time_sees_more_than_the_rate_and_no_turn_is_lost(
    database: Database, head: Letterhead, rate: Rate, batch_size: int, within: int
) -> None:
    freeze_news(database, 12, batch_size)
    left = send_all(database, make_bag(head, rate), HandClock())
    counts = [1 if rate.unit is RateUnit.CALLS else size for _, size in left]
    for position, (start, _) in enumerate(left):
        window = [at for at, _ in left[position:] if at < start + SECOND]
        assert sum(counts[position : position + len(window)]) <= within
    took = left[-1][0] - left[0][0]
    fair = (sum(counts) - counts[-1]) * SECOND / within
    assert took <= fair + len(left) * STEP


def test_a_batch_whose_turn_has_not_come_is_left_as_it_was(
    database: Database, head: Letterhead
) -> None:
    freeze_news(database, 2, batch_size=1)
    bag, clock = make_bag(head, Rate(1, SECOND, RateUnit.CALLS)), HandClock()
    with database.reading() as connection:
        first, second = claims.list_due_batches(connection, clock(), 2)
    assert send_batch(database, bag, first, clock) is Ending.ACCEPTED
    assert send_batch(database, bag, second, clock) is Ending.NOT_CLAIMED
    clock.advance(seconds=1)
    assert send_batch(database, bag, second, clock) is Ending.ACCEPTED


def test_what_could_not_be_sent_has_used_its_turn_up(database: Database, head: Letterhead) -> None:
    freeze_news(database, 2, batch_size=1)
    bag, clock = make_bag(head, Rate(1, SECOND, RateUnit.CALLS)), HandClock()
    assert isinstance(bag.provider, ProgrammedProvider)
    bag.provider.program = [NOT_SENT]
    with database.reading() as connection:
        first, second = claims.list_due_batches(connection, clock(), 2)
    assert send_batch(database, bag, first, clock) is Ending.NOT_SENT
    assert send_batch(database, bag, second, clock) is Ending.NOT_CLAIMED


def test_a_claim_that_ends_before_its_call_is_no_claim(head: Letterhead) -> None:
    with pytest.raises(ValueError, match="longer than the call"):
        Mailbag(ProgrammedProvider(), head, total_for=SECOND, claim_for=SECOND)
