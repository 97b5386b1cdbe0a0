"""Nobody loses a post: not by a hold between two editions, not by a delivery that failed late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from service.engine.works import run_pass
from service.model.delivery import Batch, Refusal, Scope
from service.model.newsletter import Cadence
from service.store import claims, outcomes
from service.store.holds import hold_post, release_post
from service.store.rows import list_planned_rows
from tests.fakes.house import MONDAY, WEEKLY, House

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
DAILY = 'cadences = ["daily"]\nsend_at = "08:00"\n'
BOTH = 'cadences = ["daily", "weekly"]\nweekday = "mon"\nsend_at = "08:00"\n'


def publish(house: House, name: str, days: float) -> None:
    house.clock.now = MONDAY + days * DAY
    house.write(name, house.clock.now)
    house.tick(house.clock.now + timedelta(minutes=1))
    house.tick(house.clock.now + timedelta(minutes=20))


def test_a_post_held_between_two_editions_reaches_everybody_once(
    open_house: Callable[[str], House],
) -> None:
    house = open_house(BOTH)
    house.write("old", MONDAY - 3 * DAY)
    house.tick(MONDAY - timedelta(hours=1))
    house.add_readers("daily@example.jp", cadence=Cadence.DAILY)
    house.add_readers("weekly@example.jp", cadence=Cadence.WEEKLY)
    publish(house, "doubtful", 1)
    house.tick(MONDAY + 2 * DAY)
    assert house.read_posts("daily@example.jp") == ["doubtful"]
    with house.app.works.database.writing() as connection:
        hold_post(connection, house.find_post_id("doubtful"), "is that true?")
    publish(house, "sound", 3)
    house.tick(MONDAY + WEEK)
    assert house.read_posts("weekly@example.jp") == ["sound"]
    with house.app.works.database.writing() as connection:
        at = MONDAY + WEEK + DAY
        release_post(connection, house.find_post_id("doubtful"), "it is", at)
    for days in range(1, 8):
        house.tick(MONDAY + WEEK + days * DAY)
    assert house.read_posts("weekly@example.jp") == ["sound", "doubtful"]
    assert sorted(house.read_posts("daily@example.jp")) == ["doubtful", "sound"]


def test_a_delivery_that_fails_after_the_next_draft_was_made_costs_its_reader_nothing(
    open_house: Callable[[str], House],
) -> None:
    house = open_house(WEEKLY + 'approval = "notice"\nnotice = "2h"\n')
    house.tick(MONDAY - timedelta(hours=1))
    house.add_readers("a@example.jp")
    publish(house, "first", 1)
    house.clock.now = MONDAY + WEEK
    house.tick(house.clock.now - timedelta(hours=1))
    run_pass(house.app.works, MONDAY + WEEK)
    batch = claim_only(house)
    publish(house, "second", 8)
    house.tick(MONDAY + 2 * WEEK - timedelta(hours=1))
    with house.app.works.database.writing() as connection:
        refusal = Refusal(Scope.BATCH, "invalid", "no good")
        outcomes.record_batch_refused(connection, batch, refusal, house.clock.now)
    house.tick(MONDAY + 2 * WEEK)
    assert sorted(house.read_posts("a@example.jp")) == ["first", "second"]
    assert house.count_mail() == {"a@example.jp": 1}


@pytest.mark.parametrize("notice", ["2h", "24h", "60h"])
def test_drafts_made_longer_ahead_than_the_next_slot_all_leave(
    open_house: Callable[[str], House], notice: str
) -> None:
    house = open_house(DAILY + f'approval = "notice"\nnotice = "{notice}"\n')
    house.tick(MONDAY - timedelta(hours=1))
    house.add_readers("a@example.jp", cadence=Cadence.DAILY)
    for hours in range(0, 24 * 8, 6):
        if hours % 24 == 6 and hours < 96:
            publish(house, f"n{hours}", hours / 24)
        house.tick(MONDAY + timedelta(hours=hours))
    assert len(house.list_mail()) >= 3
    assert sorted(house.read_posts("a@example.jp")) == ["n30", "n54", "n6", "n78"]


def claim_only(house: House) -> Batch:
    """A worker takes the one batch, and is not heard of for two weeks."""
    now = house.clock.now
    with house.app.works.database.writing() as connection:
        (batch_id,) = claims.list_due_batches(connection, now, 10)
        batch = claims.claim_batch(connection, batch_id, now=now, claimed_until=now + 15 * DAY)
        assert batch is not None
        rows = [[row.row_id] for row in list_planned_rows(connection, batch)]
        claims.record_claimed(connection, batch, {"rows": rows})
    return batch
