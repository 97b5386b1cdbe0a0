"""Two transactions on one server, the second begun before the first commits: whatever they are."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import Connection, select, text, update

from service.delivery.feedback import apply_events
from service.delivery.inspecting import list_faults
from service.model.delivery import Batch, BatchState, DeliveryState, Refusal, Scope
from service.model.edition import Edition, EditionState
from service.model.editor import COMMAND
from service.model.event import EventKind, ProviderEvent, RejectReason
from service.sending import cancel_edition
from service.store import claims, outcomes, unknowns
from service.store.accounting import count_deliveries, finish_editions
from service.store.batches import cut_batch, find_batch, find_batch_key
from service.store.database import Database
from service.store.editions import find_edition, lock_edition, move_edition
from service.store.erasures import ask_to_erase, complete_erasures
from service.store.rows import list_planned_rows
from service.store.subscription_states import end_subscriptions
from service.store.suppressions import list_suppressions
from service.store.tables import batches, deliveries, subscribers, subscriptions
from tests.fakes.waiting import wait_until
from tests.fakes.world import NOON, freeze_news

pytestmark = pytest.mark.postgres

UNTIL = NOON + timedelta(minutes=3)
FULL = Refusal(Scope.RECIPIENT, "full", "try later", retry_after=timedelta(hours=1))


@contextmanager
def before_the_commit(database: Database, act: Callable[[], object]) -> Iterator[Connection]:
    """A transaction that commits only when `act`, begun after the block, waits for it or is over.

    What `act` raises is raised here.
    """
    failures: list[BaseException] = []

    def run() -> None:
        try:
            act()
        except BaseException as error:  # noqa: BLE001  (raised again below)
            failures.append(error)

    thread = threading.Thread(target=run)
    with database.writing() as connection:
        yield connection
        thread.start()
        wait_until(lambda: not thread.is_alive() or waits(database), "it waits, or is over")
    thread.join()
    if failures:
        raise failures[0]


def waits(database: Database) -> bool:
    """Whether anybody waits for a lock."""
    query = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    with database.reading() as connection:
        return bool(connection.execute(query).scalar_one())


@pytest.fixture
def edition(postgres: Database) -> Edition:
    """Four readers in two batches."""
    return freeze_news(postgres, 4, batch_size=2)


def claim(connection: Connection) -> Batch:
    """Take the first batch that may leave, as a worker does."""
    batch_id = claims.list_due_batches(connection, NOON, 1)[0]
    batch = claims.claim_batch(connection, batch_id, now=NOON, claimed_until=UNTIL)
    assert batch is not None
    claims.suppress_rows(connection, batch)
    rows = list_planned_rows(connection, batch)
    claims.record_claimed(connection, batch, {"rows": [[row.row_id] for row in rows]})
    return batch


@pytest.fixture
def claimed(postgres: Database, edition: Edition) -> Batch:
    with postgres.writing() as connection:
        return claim(connection)


def put_back(connection: Connection, batch: Batch) -> None:
    outcomes.record_not_sent(connection, batch, detail="", not_before=None, now=NOON)


def cancel(database: Database, edition: Edition) -> None:
    cancel_edition(database, edition.edition_id, "a mistake", NOON, by=COMMAND)


def put_off(connection: Connection, batch: Batch) -> None:
    ids = connection.execute(
        select(deliveries.c.delivery_id).where(deliveries.c.batch_id == batch.batch_id)
    )
    refusals = dict.fromkeys(ids.scalars(), FULL)
    outcomes.record_outcome(connection, batch, message_ids={}, refusals=refusals, now=NOON)


def halve(connection: Connection, batch: Batch) -> None:
    outcomes.record_batch_refused(connection, batch, Refusal(Scope.BATCH, "bad", ""), NOON)


@pytest.mark.parametrize("come_back", [put_back, put_off, halve])
def test_what_comes_back_to_an_edition_cancelled_just_now_is_cancelled_with_it(
    postgres: Database,
    edition: Edition,
    claimed: Batch,
    come_back: Callable[[Connection, Batch], None],
) -> None:
    with before_the_commit(postgres, partial(cancel, postgres, edition)) as connection:
        come_back(connection, claimed)
    with postgres.reading() as connection:
        assert count_deliveries(connection, edition.edition_id).cancelled == 4
        assert list_faults(connection, NOON) == []
        # So they get its posts with the next one.
        marks = connection.execute(select(subscriptions.c.served_through)).scalars().all()
    assert marks == [0] * 4


def test_what_would_be_asked_again_stays_unknown_when_its_edition_is_cancelled_just_now(
    postgres: Database, edition: Edition, claimed: Batch
) -> None:
    with postgres.writing() as connection:
        outcomes.record_unsure(connection, claimed, "lost", NOON)
    with before_the_commit(postgres, partial(cancel, postgres, edition)) as connection:
        unknowns.plan_replay(connection, claimed.batch_id)
    with postgres.reading() as connection:
        count = count_deliveries(connection, edition.edition_id)
        assert (count.cancelled, count.unknown) == (2, 2)
        assert list_faults(connection, NOON) == []


def test_an_edition_paused_just_now_is_cancelled_whole(
    postgres: Database, edition: Edition
) -> None:
    with before_the_commit(postgres, partial(cancel, postgres, edition)) as connection:
        move_edition(connection, edition, EditionState.PAUSED, reason="wait")
    with postgres.reading() as connection:
        assert find_edition(connection, edition.edition_id).state is EditionState.CANCELLED
        assert count_deliveries(connection, edition.edition_id).cancelled == 4


def test_an_edition_of_which_more_is_planned_just_now_is_not_finished(
    postgres: Database, edition: Edition, claimed: Batch
) -> None:
    with postgres.writing() as connection:
        refused = update(deliveries).where(deliveries.c.batch_id == claimed.batch_id)
        connection.execute(refused.values(state=DeliveryState.REFUSED))
        settled = update(batches).where(batches.c.batch_id == claimed.batch_id)
        connection.execute(settled.values(state=BatchState.SETTLED, envelope=None))
        last = claim(connection)
        outcomes.record_outcome(connection, last, message_ids={}, refusals={}, now=NOON)

    def finish() -> None:
        with postgres.writing() as connection:
            finish_editions(connection, NOON)

    with before_the_commit(postgres, finish) as connection:
        lock_edition(connection, edition.edition_id)
        ids = select(deliveries.c.delivery_id).where(deliveries.c.batch_id == claimed.batch_id)
        missed = connection.execute(ids).scalars().all()
        cut_batch(connection, find_batch(connection, claimed.batch_id), missed, None, NOON)
    with postgres.reading() as connection:
        assert find_edition(connection, edition.edition_id).state is EditionState.SENDING
        assert count_deliveries(connection, edition.edition_id).waiting == 2


def erase(connection: Connection, subscriber_id: int) -> bool:
    end_subscriptions(connection, subscriber_id, NOON)
    ask_to_erase(connection, subscriber_id, NOON)
    return subscriber_id in complete_erasures(connection)


def find_first_reader(connection: Connection) -> int:
    query = select(subscribers.c.subscriber_id).order_by(subscribers.c.subscriber_id).limit(1)
    return int(connection.execute(query).scalar_one())


def test_who_is_erased_while_their_batch_is_claimed_is_erased_when_it_settles(
    postgres: Database, edition: Edition
) -> None:
    with postgres.reading() as connection:
        reader = find_first_reader(connection)
    erased: list[bool] = []

    def erase_now() -> None:
        with postgres.writing() as connection:
            erased.append(erase(connection, reader))

    with before_the_commit(postgres, erase_now) as connection:
        batch = claim(connection)
    assert erased == [False]
    with postgres.writing() as connection:
        outcomes.record_outcome(connection, batch, message_ids={}, refusals={}, now=NOON)
        assert complete_erasures(connection) == [reader]
        assert count_deliveries(connection, edition.edition_id).accepted == 2


def test_who_is_erased_just_before_their_batch_is_claimed_gets_nothing(
    postgres: Database, edition: Edition
) -> None:
    def claim_now() -> None:
        with postgres.writing() as connection:
            claim(connection)

    with before_the_commit(postgres, claim_now) as connection:
        assert erase(connection, find_first_reader(connection))
    with postgres.reading() as connection:
        states = Counter(connection.execute(select(deliveries.c.state)).scalars())
        assert states["suppressed"] <= 1
        assert list_faults(connection, NOON) == []
        assert count_deliveries(connection, edition.edition_id).adds_up
        sent = connection.execute(select(batches.c.envelope)).scalars().all()
    assert "null" not in str(sent)


def test_a_bounce_of_somebody_erased_just_now_does_not_bring_their_address_back(
    postgres: Database, claimed: Batch
) -> None:
    with postgres.writing() as connection:
        outcomes.record_outcome(connection, claimed, message_ids={}, refusals={}, now=NOON)
        key = find_batch_key(connection, claimed.batch_id)
        first = select(deliveries.c.delivery_id).order_by(deliveries.c.subscriber_id).limit(1)
        row_id = connection.execute(first).scalar_one()
    bounced = ProviderEvent(
        EventKind.BOUNCED,
        "e1",
        batch_key=f"{key}-a1",
        row_id=row_id,
        reject_reason=RejectReason.INVALID,
        is_permanent=True,
    )
    with before_the_commit(
        postgres, lambda: apply_events(postgres, "fake", [bounced], NOON)
    ) as connection:
        assert erase(connection, find_first_reader(connection))
    with postgres.reading() as connection:
        assert list_suppressions(connection) == []
        state = select(deliveries.c.state).where(deliveries.c.delivery_id == row_id)
        assert connection.execute(state).scalar_one() == "bounced"
