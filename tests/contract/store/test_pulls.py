from __future__ import annotations

from datetime import UTC, datetime, timedelta

from service.store.database import Database
from service.store.pulls import (
    Pull,
    ask_pull,
    find_pull,
    record_failure,
    record_pulled,
    record_try,
)

NOW = datetime(2026, 1, 7, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SOURCE = "https://example.com/site.git (main)"


def test_pushes_before_a_pull_are_answered_by_it_and_one_during_it_by_the_next(
    database: Database,
) -> None:
    with database.writing() as connection:
        assert find_pull(connection, SOURCE) == Pull(SOURCE)
        ask_pull(connection, SOURCE, NOW)
        ask_pull(connection, SOURCE, NOW + MINUTE)
        assert find_pull(connection, SOURCE).asked_at == NOW + MINUTE
        record_try(connection, SOURCE, NOW + 2 * MINUTE)
        assert find_pull(connection, SOURCE).asked_at is None
        ask_pull(connection, SOURCE, NOW + 3 * MINUTE)
        record_pulled(connection, SOURCE, "abc", NOW + 4 * MINUTE)
        found = find_pull(connection, SOURCE)
    assert found.asked_at == NOW + 3 * MINUTE
    assert (found.revision, found.pulled_at) == ("abc", NOW + 4 * MINUTE)


def test_it_fails_since_the_first_failure_in_a_row_and_a_good_pull_ends_that(
    database: Database,
) -> None:
    with database.writing() as connection:
        record_pulled(connection, SOURCE, "abc", NOW)
        record_failure(connection, SOURCE, "no network", NOW + MINUTE)
        record_failure(connection, SOURCE, "no key", NOW + 2 * MINUTE)
        failing = find_pull(connection, SOURCE)
        record_pulled(connection, SOURCE, "def", NOW + 3 * MINUTE)
        good = find_pull(connection, SOURCE)
    assert (failing.failing_since_at, failing.failure) == (NOW + MINUTE, "no key")
    assert (failing.revision, failing.pulled_at) == ("abc", NOW)
    assert (good.failing_since_at, good.failure) == (None, "")


def test_a_source_of_before_fails_no_more_once_another_was_pulled(database: Database) -> None:
    with database.writing() as connection:
        record_failure(connection, "the old one", "gone", NOW)
        record_pulled(connection, SOURCE, "abc", NOW)
        assert find_pull(connection, "the old one") == Pull("the old one")
