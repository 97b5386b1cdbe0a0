from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from service.delivery.envelope import Letterhead
from service.delivery.mailbag import Mailbag
from service.delivery.reconcile import reconcile
from service.delivery.retrying import Retried, retry_edition
from service.delivery.send import send_batch
from service.errors import NotAllowedError
from service.model.edition import EditionState
from service.model.editor import COMMAND
from service.store import claims
from service.store.database import Database
from service.store.editions import find_edition
from tests.fakes.provider import FULL, NO_MAILBOX, ProgrammedProvider
from tests.fakes.provider import Ending as Programmed
from tests.fakes.replay import freeze_news
from tests.fakes.world import HandClock, add_news, freeze, open_edition


class Desk:
    """An edition of four readers: one refused for good, one for now, two accepted."""

    def __init__(self, database: Database, head: Letterhead) -> None:
        self.database = database
        self.clock = HandClock()
        self.provider = ProgrammedProvider()
        self.bag = Mailbag(self.provider, head)
        self.woken: list[int] = []
        self.edition_id = freeze_news(database, 4).edition_id
        refusals = {"reader0@example.jp": NO_MAILBOX, "reader1@example.jp": FULL}
        self.provider.program = [Programmed(refusals=refusals)]
        self.send()

    def send(self) -> None:
        with self.database.reading() as connection:
            due = claims.list_due_batches(connection, self.clock(), 9)
        for batch_id in due:
            send_batch(self.database, self.bag, batch_id, self.clock)
        reconcile(self.database, self.provider, self.clock())

    def retry(self) -> Retried:
        return retry_edition(
            self.database, self.provider, self._wake, self.edition_id, self.clock(), by=COMMAND
        )

    def find_state(self) -> EditionState:
        with self.database.reading() as connection:
            return find_edition(connection, self.edition_id).state

    def _wake(self, connection: Connection, batch_ids: Sequence[int]) -> None:
        self.woken += batch_ids


@pytest.fixture
def desk(database: Database, head: Letterhead) -> Desk:
    return Desk(database, head)


def test_who_was_refused_and_who_waits_are_tried_at_once_and_nobody_else(desk: Desk) -> None:
    assert desk.retry() == Retried(planned=1, hurried=1, left=0)
    assert len(desk.woken) == 2
    desk.send()
    assert set(desk.provider.delivered.values()) == {1}
    assert len(desk.provider.delivered) == 4
    assert desk.find_state() is EditionState.FINISHED
    assert desk.retry() == Retried(planned=0, hurried=0, left=0)


def test_a_finished_edition_goes_on_for_those_it_missed(desk: Desk) -> None:
    desk.clock.advance(hours=1)
    desk.send()
    assert desk.find_state() is EditionState.FINISHED
    assert desk.retry().planned == 1
    assert desk.find_state() is EditionState.SENDING
    desk.send()
    assert desk.find_state() is EditionState.FINISHED


def test_a_reader_whom_the_next_edition_brought_the_posts_is_left_alone(desk: Desk) -> None:
    add_news(desk.database, 2)
    freeze(desk.database, open_edition(desk.database, "next"))
    assert desk.retry() == Retried(planned=0, hurried=1, left=1)
    desk.send()
    titles = [text for address, text in desk.provider.mail if address == "reader0@example.jp"]
    assert titles == ["記事1、記事2"]


def test_a_reader_tried_again_does_not_get_the_posts_with_the_next_edition(desk: Desk) -> None:
    desk.retry()
    add_news(desk.database, 2)
    freeze(desk.database, open_edition(desk.database, "next"))
    desk.send()
    titles = [text for address, text in desk.provider.mail if address == "reader0@example.jp"]
    assert sorted(titles) == ["記事1", "記事2"]


def test_a_reader_who_left_meanwhile_stays_refused(desk: Desk) -> None:
    with desk.database.writing() as connection:
        connection.exec_driver_sql("UPDATE subscriptions SET state = 'unsubscribed'")
    assert desk.retry().planned == 0


def test_an_edition_that_ended_is_not_tried_again(desk: Desk) -> None:
    with desk.database.writing() as connection:
        connection.exec_driver_sql("UPDATE editions SET state = 'cancelled'")
    with pytest.raises(NotAllowedError, match="nothing to try again"):
        desk.retry()


def test_readers_own_hours_are_kept(desk: Desk) -> None:
    at = desk.clock() + timedelta(hours=8)
    with desk.database.writing() as connection:
        connection.exec_driver_sql("UPDATE batches SET detail = ''")
    desk.retry()
    with desk.database.reading() as connection:
        assert len(claims.list_due_batches(connection, desk.clock(), 9)) == 1
        assert len(claims.list_due_batches(connection, at, 9)) == 2
