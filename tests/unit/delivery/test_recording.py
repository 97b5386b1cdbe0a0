"""A database that is away while a batch is on its way."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from service.delivery.envelope import Letterhead
from service.delivery.mailbag import Mailbag
from service.delivery.recording import Ending
from service.delivery.send import send_batch
from service.providers.base import Outcome, Prepared
from service.store.accounts import open_account
from service.store.claims import list_due_batches
from service.store.database import Database
from service.store.tables import deliveries
from tests.fakes.provider import BAD_REQUEST, LOST_REPLY, NOT_SENT, ProgrammedProvider, refuse
from tests.fakes.provider import Ending as Programmed
from tests.fakes.replay import freeze_news
from tests.fakes.world import HandClock

AWAY = OperationalError("SELECT", {}, sqlite3.OperationalError("the database is away"))


class Unreachable(ProgrammedProvider):
    """The claim cannot be looked at right before the first byte."""

    def send(
        self, prepared: Prepared, *, total_for: timedelta, ready: Callable[[], None]
    ) -> Outcome:
        raise AWAY


def record_twice(record: Callable[[], Ending]) -> Ending:
    """As after a commit whose confirmation was lost."""
    record()
    return record()


def send(database: Database, head: Letterhead, provider: ProgrammedProvider) -> Ending:
    freeze_news(database, 2)
    clock = HandClock()
    with database.reading() as connection:
        due = list_due_batches(connection, clock(), 1)
    return send_batch(database, Mailbag(provider, head), due[0], clock, record_twice)


def list_states(database: Database) -> list[str]:
    with database.reading() as connection:
        return list(connection.execute(select(deliveries.c.state)).scalars())


@pytest.mark.parametrize(
    ("programmed", "ending", "state"),
    [
        (Programmed(), Ending.ACCEPTED, "accepted"),
        (LOST_REPLY, Ending.UNKNOWN, "unknown"),
        (NOT_SENT, Ending.NOT_SENT, "planned"),
        (refuse(BAD_REQUEST), Ending.REFUSED, "planned"),
    ],
)
def test_an_end_that_is_recorded_twice_counts_once(
    database: Database, head: Letterhead, programmed: Programmed, ending: Ending, state: str
) -> None:
    provider = ProgrammedProvider()
    provider.program = [programmed]
    assert send(database, head, provider) is ending
    assert list_states(database) == [state, state]
    with database.writing() as connection:
        assert open_account(connection, provider.account).unknown_in_a_row <= 1


def test_a_database_lost_before_the_first_byte_leaves_nothing_unknown(
    database: Database, head: Letterhead
) -> None:
    assert send(database, head, Unreachable()) is Ending.NOT_SENT
    assert list_states(database) == ["planned", "planned"]
