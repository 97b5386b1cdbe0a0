"""A reader whose server says "not now" for days is given up in the end, and loses no post."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from service.engine.works import deliver_due
from service.model.delivery import Refusal, Scope
from service.model.edition import EditionState
from service.model.editor import COMMAND
from service.providers.base import Outcome, Prepared
from service.providers.outbox import OutboxProvider
from service.sending import pause_edition, resume_edition
from service.store.accounting import count_deliveries
from service.store.claims import find_next_batch_at
from service.store.refusals import count_refusals
from tests.fakes.house import MONDAY, WEEKLY, House

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOT_NOW = Refusal(Scope.RECIPIENT, "mailbox_full", "the mailbox is full", 10 * timedelta(minutes=1))


class FullMailbox(OutboxProvider):
    """Takes everybody's mail but b's; counts how often it was asked."""

    asked = 0

    def send(
        self, prepared: Prepared, *, total_for: timedelta, ready: Callable[[], None]
    ) -> Outcome:
        outcome = super().send(prepared, total_for=total_for, ready=ready)
        refused = {
            row_id: NOT_NOW
            for row_id, body in zip(prepared.row_ids, prepared.bodies, strict=True)
            if b"To: b@example.com" in body
        }
        type(self).asked += len(refused)
        return replace(outcome, refusals=refused)


def open_monday(house: House) -> None:
    """An edition to two readers, whose second one cannot have it now."""
    FullMailbox.asked = 0
    provider = FullMailbox(house.site / "var" / "outbox")
    works = house.app.works
    house.app = replace(
        house.app, works=replace(works, mailbag=replace(works.mailbag, provider=provider))
    )
    open_edition(house)


def open_edition(house: House) -> None:
    """A post on Tuesday, and the Monday after it."""
    house.clock.now = MONDAY + DAY
    house.write("new", house.clock.now)
    house.tick(MONDAY + 2 * DAY)
    house.tick(MONDAY + 7 * DAY)


def go_on(house: House, lasting_for: timedelta) -> None:
    """Deliver whenever something may leave."""
    until, works = house.clock.now + lasting_for, house.app.works
    deliver_due(works)
    while house.clock.now < until:
        with works.database.reading() as connection:
            next_at = find_next_batch_at(connection, house.clock.now)
        house.clock.now = min(next_at or until, house.clock.now + DAY, until)
        deliver_due(works)


def test_a_reader_refused_for_three_days_is_given_up_and_has_the_posts_with_the_next_edition(
    house: House,
) -> None:
    open_monday(house)
    edition = house.list_editions()[-1]
    go_on(house, 2 * DAY)
    assert house.count(edition).waiting == 1
    with house.app.works.database.reading() as connection:
        counted = count_deliveries(connection, edition.edition_id)
        waits = count_refusals(connection, edition.edition_id, counted)
    assert (waits.for_now, waits.since) == (1, MONDAY + 7 * DAY)
    go_on(house, 2 * DAY)
    assert house.count(edition).refused == 1
    assert house.list_editions()[-1].state is EditionState.FINISHED
    with house.app.works.database.reading() as connection:
        counted = count_deliveries(connection, edition.edition_id)
        ended = count_refusals(connection, edition.edition_id, counted).ended
    assert ended == {"given up: mailbox_full": 1}
    assert 10 < FullMailbox.asked < 40
    house.restart()
    house.clock.now = MONDAY + 12 * DAY
    house.write("newer", house.clock.now)
    house.tick(MONDAY + 13 * DAY)
    house.tick(MONDAY + 14 * DAY)
    assert house.read_posts("b@example.com")[-2:] == ["newer", "new"]
    assert house.read_posts("a@example.com")[-1:] == ["newer"]


@pytest.mark.parametrize("open_house", ["sqlite"], indirect=True)
def test_the_days_for_which_an_edition_is_paused_do_not_count(house: House) -> None:
    open_monday(house)
    edition = house.list_editions()[-1]
    database = house.app.works.database
    pause_edition(database, edition.edition_id, "for a while", house.clock.now, by=COMMAND)
    house.clock.now += 5 * DAY
    wake = house.app.works.press.wake
    resume_edition(database, wake, edition.edition_id, house.clock.now, by=COMMAND)
    go_on(house, 2 * DAY)
    assert house.count(edition).waiting == 1
    go_on(house, 2 * DAY)
    assert house.count(edition).refused == 1


@pytest.mark.parametrize("open_house", ["sqlite"], indirect=True)
def test_what_concerns_the_account_gives_nobody_up(open_house: Callable[[str], House]) -> None:
    house = open_house(WEEKLY)
    house.write("old", MONDAY - 3 * DAY)
    house.tick(MONDAY - HOUR)
    house.add_readers("a@example.com")
    outbox = house.site / "var" / "outbox"
    outbox.write_text("a file where the folder should be", encoding="utf-8")
    open_edition(house)
    edition = house.list_editions()[-1]
    go_on(house, 4 * DAY)
    assert house.count(edition).waiting == 1
    outbox.unlink()
    go_on(house, HOUR)
    assert house.count(edition).accepted == 1
