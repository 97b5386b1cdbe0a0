from __future__ import annotations

import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError, StatementError

from service.errors import SendHoldError
from service.model.editor import COMMAND
from service.model.post import Body
from service.store.accounts import count_unknown, open_account
from service.store.database import Database
from service.store.installation import (
    find_installation,
    open_installation,
    record_scan,
    release_send_hold,
    require_no_send_hold,
)
from service.store.news import find_mark, open_newsletter, record_news
from service.store.posts import insert_post
from service.store.tables import accounts, newsletters
from tests.fakes.world import NOON, describe_post


def test_what_raises_inside_a_transaction_never_happened(database: Database) -> None:
    with suppress(ZeroDivisionError), database.writing() as connection:
        open_account(connection, "fake")
        raise ZeroDivisionError
    with database.reading() as connection:
        assert connection.execute(select(accounts)).all() == []


def test_two_writers_that_count_lose_no_step(database: Database) -> None:
    with database.writing() as connection:
        open_newsletter(connection, "weekly", NOON)
        ids = [insert_post(connection, describe_post(n), Body("", "")) for n in range(40)]

    def number(some: list[int]) -> None:
        for post_id in some:
            with database.writing() as connection:
                record_news(connection, "weekly", [post_id], NOON)

    run_together(lambda: number(ids[:20]), lambda: number(ids[20:]))
    with database.reading() as connection:
        assert find_mark(connection, "weekly") == 40


def test_two_workers_may_meet_an_account_at_the_same_moment(database: Database) -> None:
    def meet() -> None:
        with database.writing() as connection:
            count_unknown(connection, "fake")

    run_together(meet, meet)
    with database.reading() as connection:
        assert len(connection.execute(select(accounts)).all()) == 1


def test_a_moment_comes_back_as_the_same_moment_whatever_zone_it_went_in_with(
    database: Database,
) -> None:
    tokyo = timezone(timedelta(hours=9))
    written = datetime(2025, 10, 13, 8, 0, 0, 123456, tzinfo=tokyo)
    with database.writing() as connection:
        open_newsletter(connection, "weekly", written)
    with database.reading() as connection:
        read = connection.execute(select(newsletters.c.since_at)).scalar_one()
    assert read == written
    assert read.utcoffset() == timedelta(0)


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(StatementError, match="without a zone"), database.writing() as connection:
        connection.execute(
            insert(newsletters).values(newsletter_id="weekly", news_mark=0, since_at=naive)
        )


def test_an_error_of_the_database_quotes_no_values(database: Database) -> None:
    row = {"newsletter_id": "secret@example.jp", "news_mark": 0, "since_at": NOON}
    with database.writing() as connection:
        connection.execute(insert(newsletters), [row])
    with pytest.raises(IntegrityError) as caught, database.writing() as connection:
        connection.execute(insert(newsletters), [row])
    assert "[parameters" not in str(caught.value)
    assert "hide_parameters" in str(caught.value)


def test_an_installation_keeps_its_name_and_its_home(database: Database) -> None:
    first = open_installation(database)
    assert open_installation(database) == first
    assert not first.is_send_held
    with database.reading() as connection:
        require_no_send_hold(connection)


def test_a_database_that_moved_is_held_until_somebody_says_so(database: Database) -> None:
    open_installation(database)
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE installation SET home = 'another machine'")
    assert open_installation(database).is_send_held
    with database.reading() as connection, pytest.raises(SendHoldError, match="release-hold"):
        require_no_send_hold(connection)
    release_send_hold(database, NOON, by=COMMAND)
    assert not open_installation(database).is_send_held


def test_the_first_scan_is_remembered_and_the_last_moves_on(database: Database) -> None:
    open_installation(database)
    later = NOON + timedelta(days=1)
    with database.writing() as connection:
        record_scan(connection, NOON)
        record_scan(connection, later)
        found = find_installation(connection)
    assert (found.first_scan_at, found.last_scan_at) == (NOON, later)
    assert found.first_scan_at is not None
    assert found.first_scan_at.tzinfo is UTC


def run_together(*tasks: object) -> None:
    """Run these at once, and raise what any of them raised."""
    failures: list[BaseException] = []

    def run(task: object) -> None:
        try:
            task()  # type: ignore[operator]
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
