from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from service.delivery.inspecting import SENTENCES, list_faults
from service.store import claims, outcomes
from service.store.accounting import count_all_deliveries, count_deliveries
from service.store.database import Database
from service.store.inspection import Fault, inspect_ledger
from service.store.rows import list_planned_rows
from tests.fakes.replay import lay_down
from tests.fakes.world import NOON, freeze_news

SOON = NOON + timedelta(minutes=1)
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def busy(database: Database) -> Database:
    """One batch accepted, one under way, one unknown, one still planned."""
    lay_down(database, _work)
    return database


def _work(database: Database) -> None:
    freeze_news(database, 8, batch_size=2)
    with database.writing() as connection:
        due = claims.list_due_batches(connection, NOON, 9)
        claimed = []
        for batch_id in due[:3]:
            until = NOON + timedelta(minutes=3)
            batch = claims.claim_batch(connection, batch_id, now=NOON, claimed_until=until)
            assert batch is not None
            rows = [[row.row_id] for row in list_planned_rows(connection, batch)]
            claims.record_claimed(connection, batch, {"rows": rows})
            claimed.append(batch)
        outcomes.record_outcome(connection, claimed[0], message_ids={}, refusals={}, now=NOON)
        outcomes.record_unsure(connection, claimed[1], "lost", NOON)


def test_nothing_is_wrong_with_a_ledger_at_work(busy: Database) -> None:
    with busy.reading() as connection:
        assert inspect_ledger(connection, SOON) == {}
        [(edition_id, accounting)] = count_all_deliveries(connection).items()
        assert accounting == count_deliveries(connection, edition_id)
        assert accounting.adds_up
        assert accounting.frozen == 8


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (
            "UPDATE deliveries SET state = 'planned' WHERE state = 'accepted'",
            Fault.ROW_LEFT_BEHIND,
        ),
        (
            "UPDATE deliveries SET state = 'accepted' WHERE state = 'unknown'",
            Fault.BATCH_HOLLOW,
        ),
        ("UPDATE batches SET edition_id = NULL WHERE state = 'settled'", Fault.ROW_ELSEWHERE),
        ("UPDATE batches SET envelope = NULL WHERE state = 'unknown'", Fault.ENVELOPE_LOST),
        ("UPDATE batches SET body_digest = 'x' WHERE state = 'planned'", Fault.ENVELOPE_STALE),
        (
            """UPDATE batches SET envelope = '{"rows": []}' WHERE state = 'claimed'""",
            Fault.ENVELOPE_DIFFERS,
        ),
        ("UPDATE attempts SET outcome = ''", Fault.ATTEMPT_OPEN),
        ("UPDATE editions SET state = 'cancelled'", Fault.CANCELLED_WAITS),
        ("UPDATE subscriptions SET served_through = 99", Fault.SERVED_BEYOND),
        ("UPDATE news SET news_no = 99", Fault.NEWS_BEYOND),
    ],
)
def test_what_must_never_be_is_found(busy: Database, damage: str, fault: Fault) -> None:
    with busy.writing() as connection:
        connection.exec_driver_sql(damage)
        found = inspect_ledger(connection, SOON)
        assert found[fault].count >= 1
        assert found[fault].example >= 1


def test_what_nobody_looks_after_is_found_in_time(busy: Database) -> None:
    with busy.reading() as connection:
        assert set(inspect_ledger(connection, LATER)) == {
            Fault.CLAIM_FORGOTTEN,
            Fault.NOBODY_SENDS,
        }
        said = list_faults(connection, LATER)
    assert any("start `kawaraban up`" in one for one in said)


def test_an_edition_that_stopped_while_it_was_frozen_is_found(busy: Database) -> None:
    with busy.writing() as connection:
        connection.execute(text("UPDATE editions SET state = 'freezing'"))
        assert Fault.FREEZE_STUCK in inspect_ledger(connection, LATER)


def test_a_reader_lost_from_the_ledger_is_missed(busy: Database) -> None:
    with busy.writing() as connection:
        connection.execute(text("DELETE FROM deliveries WHERE state = 'planned'"))
        [accounting] = count_all_deliveries(connection).values()
    assert not accounting.adds_up


def test_every_fault_has_its_sentence() -> None:
    assert set(SENTENCES) == set(Fault)
