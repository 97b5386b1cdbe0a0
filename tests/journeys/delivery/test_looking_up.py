from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from service.delivery.envelope import Letterhead
from service.delivery.looking_up import is_log_complete
from service.delivery.mailbag import Mailbag
from service.delivery.reconcile import reconcile
from service.delivery.recording import Ending
from service.delivery.send import send_batch
from service.providers.base import Capabilities
from service.store import claims
from service.store.accounting import count_deliveries
from service.store.database import Database
from service.store.unknowns import Unknown
from tests.fakes.log_keeper import LogKeeper
from tests.fakes.provider import LOST_REPLY, LOST_REQUEST, NO_MAILBOX
from tests.fakes.provider import Ending as Programmed
from tests.fakes.replay import freeze_news
from tests.fakes.world import NOON, HandClock

LAG = timedelta(minutes=30)
KEEPS_LOG = Capabilities(
    batch_limit=100,
    byte_limit=25_000_000,
    merges=True,
    same_key_for=None,
    looks_up=True,
    log_complete_after=LAG,
    log_kept_for=timedelta(days=3),
)
TRIED = Unknown(1, 1, NOON, NOON + timedelta(minutes=3))


class Desk:
    """One batch of three readers, sent through a provider that keeps a log."""

    def __init__(self, database: Database, head: Letterhead, provider: LogKeeper) -> None:
        self.database = database
        self.provider = provider
        self.bag = Mailbag(provider, head)
        self.edition_id = freeze_news(database, 3).edition_id

    def send(self, clock: HandClock) -> Ending:
        with self.database.reading() as connection:
            due = claims.list_due_batches(connection, clock(), 1)
        return send_batch(self.database, self.bag, due[0], clock)

    def count(self) -> tuple[int, int, int]:
        """Accepted, unknown, waiting."""
        with self.database.reading() as connection:
            count = count_deliveries(connection, self.edition_id)
        assert count.adds_up
        return count.accepted, count.unknown, count.waiting


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def desk(database: Database, head: Letterhead, clock: HandClock) -> Desk:
    return Desk(database, head, LogKeeper(clock))


def test_what_the_log_shows_was_accepted(desk: Desk, clock: HandClock) -> None:
    desk.provider.program = [LOST_REPLY]
    assert desk.send(clock) is Ending.UNKNOWN
    clock.advance(minutes=31)
    reconcile(desk.database, desk.provider, clock())
    assert desk.count() == (3, 0, 0)
    assert set(desk.provider.delivered.values()) == {1}


def test_nothing_is_asked_while_the_claim_may_still_bring_an_answer(
    desk: Desk, clock: HandClock
) -> None:
    desk.provider.program = [LOST_REPLY]
    desk.send(clock)
    clock.advance(minutes=2)
    reconcile(desk.database, desk.provider, clock())
    assert desk.provider.asked == []


def test_a_slow_log_is_asked_again_and_proves_nothing_meanwhile(
    desk: Desk, clock: HandClock
) -> None:
    desk.provider.program = [LOST_REPLY]
    desk.send(clock)
    for _ in range(5):
        clock.advance(minutes=5)
        reconcile(desk.database, desk.provider, clock())
        reconcile(desk.database, desk.provider, clock())
        assert desk.count() == (0, 3, 0)
    assert len(desk.provider.asked) == 5
    clock.advance(minutes=10)
    reconcile(desk.database, desk.provider, clock())
    assert desk.count() == (3, 0, 0)


def test_what_a_complete_log_does_not_show_goes_again_under_another_key(
    desk: Desk, clock: HandClock
) -> None:
    desk.provider.program = [LOST_REQUEST]
    desk.send(clock)
    clock.advance(minutes=37)
    reconcile(desk.database, desk.provider, clock())
    assert desk.count() == (0, 3, 0), "not before the margin is over as well"
    clock.advance(minutes=5)
    reconcile(desk.database, desk.provider, clock())
    assert desk.count() == (0, 0, 3)
    assert desk.send(clock) is Ending.ACCEPTED
    assert len({call.key for call in desk.provider.calls}) == 2
    assert set(desk.provider.delivered.values()) == {1}


def test_readers_of_whom_the_log_knows_are_not_sent_to_with_the_others(
    desk: Desk, clock: HandClock
) -> None:
    lost = replace(LOST_REPLY, refusals={"reader1@example.jp": NO_MAILBOX})
    desk.provider.program = [lost]
    desk.send(clock)
    clock.advance(minutes=32)
    reconcile(desk.database, desk.provider, clock())
    assert desk.count() == (2, 1, 0)
    clock.advance(minutes=10)
    reconcile(desk.database, desk.provider, clock())
    assert desk.count() == (2, 0, 1)
    desk.provider.program = [Programmed()]
    assert desk.send(clock) is Ending.ACCEPTED
    assert desk.count() == (3, 0, 0)
    assert set(desk.provider.delivered.values()) == {1}


@pytest.mark.parametrize(
    "make",
    [
        lambda clock: LogKeeper(clock, is_complete=False),
        lambda clock: LogKeeper(clock, kept_for=None),
    ],
    ids=["lag", "memory"],
)
def test_a_log_that_does_not_say_when_it_is_complete_never_proves_a_refusal(
    database: Database, head: Letterhead, clock: HandClock, make: Callable[[HandClock], LogKeeper]
) -> None:
    desk = Desk(database, head, make(clock))
    desk.provider.program = [LOST_REQUEST]
    desk.send(clock)
    clock.advance(days=2)
    reconcile(desk.database, desk.provider, clock())
    assert desk.provider.asked
    assert desk.count() == (0, 3, 0)


def test_a_log_that_may_have_forgotten_proves_nothing(desk: Desk, clock: HandClock) -> None:
    desk.provider.program = [LOST_REPLY]
    desk.send(clock)
    clock.advance(days=3)
    reconcile(desk.database, desk.provider, clock())
    assert desk.count() == (0, 3, 0)


def test_a_look_up_without_an_answer_changes_nothing(desk: Desk, clock: HandClock) -> None:
    desk.provider.program = [LOST_REQUEST]
    desk.provider.is_silent = True
    desk.send(clock)
    clock.advance(hours=1)
    reconcile(desk.database, desk.provider, clock())
    assert desk.provider.asked
    assert desk.count() == (0, 3, 0)


@pytest.mark.parametrize(
    ("minutes", "is_complete"),
    [(3, False), (37, False), (38, True), (3 * 24 * 60 - 6, True), (3 * 24 * 60 - 5, False)],
)
def test_a_log_is_complete_after_its_lag_and_until_it_forgets(
    minutes: int, is_complete: bool
) -> None:
    assert is_log_complete(KEEPS_LOG, TRIED, NOON + timedelta(minutes=minutes)) is is_complete
