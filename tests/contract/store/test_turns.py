from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from service.store import accounts, claims
from service.store.buckets import find_turn, take_turn
from service.store.clock import find_clock
from service.store.database import Database
from tests.fakes.replay import freeze_news
from tests.fakes.world import NOON

SECOND = timedelta(seconds=1)


def take(database: Database, at: datetime, lasts_for: timedelta = SECOND) -> bool:
    with database.writing() as connection:
        return take_turn(connection, "fake", lasts_for=lasts_for, now=at)


def test_a_turn_lasts_as_long_as_it_was_taken_for(database: Database) -> None:
    assert take(database, NOON)
    assert not take(database, NOON + 0.999 * SECOND)
    with database.reading() as connection:
        assert find_turn(connection, "fake", NOON) == NOON + SECOND
        assert find_turn(connection, "fake", NOON + SECOND) is None
        assert find_turn(connection, "another", NOON) is None
    assert take(database, NOON + SECOND)


def test_a_clock_that_was_set_back_stops_nobody(database: Database) -> None:
    assert take(database, NOON + timedelta(hours=1))
    assert take(database, NOON)
    assert not take(database, NOON)


def test_workers_at_once_take_one_turn(database: Database) -> None:
    take(database, NOON - SECOND)
    taken = []
    start = threading.Barrier(4)

    def work() -> None:
        start.wait()
        taken.append(take(database, NOON))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [False, False, False, True]


def test_nothing_of_an_account_is_due_until_its_turn_and_of_another_it_is(
    database: Database,
) -> None:
    freeze_news(database, 2)
    take(database, NOON)
    with database.reading() as connection:
        assert claims.list_due_batches(connection, NOON, 9) == []
        assert claims.list_due_batches(connection, NOON, 9, "another") == []
        assert len(claims.list_due_batches(connection, NOON + SECOND, 9, "fake")) == 1


def test_a_paused_account_has_no_turn_to_wait_for(database: Database) -> None:
    take(database, NOON)
    with database.writing() as connection:
        accounts.delay_account(connection, "fake", NOON + timedelta(hours=1))
        assert find_turn(connection, "fake", NOON) is None


def test_the_longest_wait_and_the_first_reason_count(database: Database) -> None:
    with database.writing() as connection:
        for minutes in (5, 60, 1):
            accounts.delay_account(connection, "fake", NOON + timedelta(minutes=minutes))
        for reason in ("the key is wrong", "something else"):
            accounts.pause_account(connection, "fake", reason, NOON)
        account = accounts.open_account(connection, "fake")
    assert account.not_before == NOON + timedelta(hours=1)
    assert account.paused_reason == "the key is wrong"


def test_unknown_calls_are_counted_however_many_workers_count(database: Database) -> None:
    with database.writing() as connection:
        accounts.open_account(connection, "fake")
    counted = []

    def work() -> None:
        for _ in range(5):
            with database.writing() as connection:
                counted.append(accounts.count_unknown(connection, "fake"))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counted) == list(range(1, 16))


def test_times_are_kept_by_one_clock(database: Database) -> None:
    before = datetime.now(UTC) - timedelta(minutes=1)
    now = find_clock(database)()
    assert before < now < before + timedelta(minutes=2)
    assert now.tzinfo is UTC
