from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from service.model.reader_list import (
    DroppedFor,
    ListCounts,
    ListMistake,
    ListState,
    ListTerms,
    ReaderList,
)
from service.store import imports
from service.store.database import Database
from tests.fakes.world import NOON

MINUTE = timedelta(minutes=1)


def upload(database: Database) -> int:
    with database.writing() as connection:
        return imports.add_list(
            connection, "a.csv", "x.list", 1000, ListTerms("weekly"), created_by="Anna", now=NOON
        )


def find(database: Database, import_id: int) -> ReaderList:
    with database.reading() as connection:
        found = imports.find_list(connection, import_id)
    assert found is not None
    return found


def claim(database: Database, import_id: int, after: timedelta = timedelta()) -> ReaderList | None:
    now = NOON + after
    with database.writing() as connection:
        return imports.claim_list(connection, import_id, now, now + MINUTE)


def test_a_list_is_run_by_one_until_its_claim_ends(database: Database) -> None:
    list_id = upload(database)
    first = claim(database, list_id)
    assert first is not None
    assert first.counts.attempt == 1
    assert claim(database, list_id) is None
    second = claim(database, list_id, after=2 * MINUTE)
    assert second is not None
    assert second.counts.attempt == 2
    with database.writing() as connection:
        until = NOON + 9 * MINUTE
        assert not imports.renew_claim(connection, first, until, 500, first.counts)
        assert not imports.conclude_list(
            connection, first, ListState.DONE, first.counts, (), "", NOON
        )
        assert imports.renew_claim(connection, second, until, 500, replace(second.counts, taken=7))
    assert find(database, list_id).counts.taken == 7


def test_what_a_run_came_to_is_read_as_it_was_written(database: Database) -> None:
    list_id = upload(database)
    one = claim(database, list_id)
    assert one is not None
    counts = ListCounts(1, 3, {"added": 2}, 3, 0, 0, 1, ("ours",), ("colour",), (("red", 2),))
    mistakes = (ListMistake("", 4, "email: it has no @"),)
    with database.writing() as connection:
        imports.conclude_list(connection, one, ListState.REHEARSED, counts, mistakes, "", NOON)
    found = find(database, list_id)
    assert (found.counts, found.mistakes) == (counts, mistakes)
    assert (found.state, found.bytes_read, found.ended_at) == (ListState.REHEARSED, 1000, None)


def test_only_what_was_looked_through_is_brought_in_and_once(database: Database) -> None:
    list_id = upload(database)
    with database.writing() as connection:
        assert not imports.ask_to_import(connection, list_id)
    one = claim(database, list_id)
    assert one is not None
    with database.writing() as connection:
        imports.conclude_list(connection, one, ListState.REHEARSED, one.counts, (), "", NOON)
        assert imports.ask_to_import(connection, list_id)
        assert not imports.ask_to_import(connection, list_id)
    asked = find(database, list_id)
    assert (asked.is_rehearsal, asked.counts) == (False, ListCounts())


def test_a_list_that_is_put_away_is_taken_from_whoever_runs_it(database: Database) -> None:
    list_id = upload(database)
    one = claim(database, list_id)
    assert one is not None
    with database.writing() as connection:
        assert imports.drop_list(connection, list_id, DroppedFor.ASKED, NOON)
        assert not imports.drop_list(connection, list_id, DroppedFor.ASKED, NOON)
        assert not imports.renew_claim(connection, one, NOON + MINUTE, 0, one.counts)
        assert imports.list_open_lists(connection) == []


@pytest.mark.parametrize(("is_run", "dropped"), [(False, 1), (True, 0)])
def test_old_lists_are_put_away_unless_somebody_runs_them(
    database: Database, is_run: bool, dropped: int
) -> None:
    list_id = upload(database)
    if is_run:
        claim(database, list_id, after=10 * MINUTE)
    later = NOON + 10 * MINUTE
    with database.writing() as connection:
        assert imports.drop_old_lists(connection, later, later) == dropped
