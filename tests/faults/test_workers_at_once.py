"""Workers that reach for the same rows at once, on both databases."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from service.model.delivery import Batch, Refusal, Scope
from service.store import claims, outcomes
from service.store.database import Database
from tests.fakes.replay import freeze_news
from tests.fakes.world import NOON

LEASE = timedelta(minutes=5)
BAD = Refusal(Scope.BATCH, "invalid", "one of them is no good")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Database:
    """An empty, migrated database."""
    found: Database = request.getfixturevalue(request.param)
    return found


def claim(database: Database, batch_id: int) -> Batch | None:
    with database.writing() as connection:
        until = NOON + LEASE
        batch = claims.claim_batch(connection, batch_id, now=NOON, claimed_until=until)
        if batch is not None:
            claims.record_claimed(connection, batch, {})
        return batch


def test_four_workers_never_claim_one_batch_twice(database: Database) -> None:
    count = 120
    freeze_news(database, count, batch_size=1)
    with database.reading() as connection:
        due = claims.list_due_batches(connection, NOON, count)
    claimed: list[int] = []

    def work() -> None:
        for start in range(0, count, 10):
            with database.writing() as connection:
                for batch_id in due[start : start + 10]:
                    until = NOON + LEASE
                    if claims.claim_batch(connection, batch_id, now=NOON, claimed_until=until):
                        claimed.append(batch_id)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == sorted(due)


def test_two_workers_may_cut_batches_of_one_edition_at_once(database: Database) -> None:
    freeze_news(database, 40, batch_size=2)
    with database.reading() as connection:
        due = claims.list_due_batches(connection, NOON, 99)
    claimed = [claim(database, batch_id) for batch_id in due]
    failures: list[Exception] = []

    def refuse(some: list[Batch | None]) -> None:
        try:
            for batch in some:
                assert batch is not None
                with database.writing() as connection:
                    outcomes.record_batch_refused(connection, batch, BAD, NOON)
        except Exception as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=refuse, args=(claimed[at::2],)) for at in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with database.reading() as connection:
        assert len(claims.list_due_batches(connection, NOON, 99)) == 40
