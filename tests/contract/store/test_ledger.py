from __future__ import annotations

from collections import Counter
from datetime import timedelta, timezone

import pytest
from sqlalchemy import select

from service.model.delivery import Batch, BatchState, Refusal, Scope
from service.model.edition import EditionState
from service.model.newsletter import Cadence
from service.model.subscriber import SubscriptionState, SuppressionReason
from service.store import accounts, claims, editions, outcomes, subscribers, unknowns
from service.store.accounting import count_deliveries, finish_editions
from service.store.batches import find_batch, find_batch_key
from service.store.cancelling import cancel_rows
from service.store.database import Database
from service.store.history import list_unvouched
from service.store.rows import Row, list_planned_rows
from service.store.subscription_states import set_subscription_state
from service.store.suppressions import Suppression, add_suppression
from service.store.tables import attempts, batches, deliveries, subscriptions
from tests.fakes.replay import freeze_news
from tests.fakes.world import NOON, add_news, freeze, open_edition

LEASE = timedelta(minutes=5)
BAD = Refusal(Scope.BATCH, "invalid", "one of them is no good")
FOR_GOOD = Refusal(Scope.RECIPIENT, "no_mailbox", "")
FOR_NOW = Refusal(Scope.RECIPIENT, "full", "", retry_after=timedelta(hours=1))
NOT_TRIED = Refusal(Scope.ACCOUNT, "unreachable", "", retry_after=timedelta(minutes=1))


def claim(database: Database, batch_id: int, minutes: int = 0) -> Batch | None:
    now = NOON + timedelta(minutes=minutes)
    with database.writing() as connection:
        batch = claims.claim_batch(connection, batch_id, now=now, claimed_until=now + LEASE)
        if batch is not None:
            claims.suppress_rows(connection, batch)
            rows = list_planned_rows(connection, batch)
            claims.record_claimed(connection, batch, {"rows": [one.row_id for one in rows]})
        return batch


def claim_first(database: Database) -> Batch:
    with database.reading() as connection:
        batch_id = claims.list_due_batches(connection, NOON, 1)[0]
    batch = claim(database, batch_id)
    assert batch is not None
    return batch


def read_states(database: Database) -> Counter[str]:
    with database.reading() as connection:
        return Counter(connection.execute(select(deliveries.c.state)).scalars())


def read_served(database: Database) -> list[int]:
    with database.reading() as connection:
        query = select(subscriptions.c.served_through).order_by(subscriptions.c.subscription_id)
        return list(connection.execute(query).scalars())


def row_ids(database: Database, batch: Batch) -> list[int]:
    with database.reading() as connection:
        query = select(deliveries.c.delivery_id).where(deliveries.c.batch_id == batch.batch_id)
        return sorted(connection.execute(query).scalars())


def record_accepted(database: Database, batch: Batch) -> bool:
    with database.writing() as connection:
        return outcomes.record_outcome(connection, batch, message_ids={}, refusals={}, now=NOON)


def test_a_claimed_batch_is_not_due_and_moves_its_edition_to_sending(database: Database) -> None:
    edition = freeze_news(database, 2)
    batch = claim_first(database)
    assert claim(database, batch.batch_id) is None
    with database.reading() as connection:
        assert claims.list_due_batches(connection, NOON, 9) == []
        found = editions.find_edition(connection, edition.edition_id)
        assert found.state is EditionState.SENDING


def test_a_clock_of_another_zone_claims_at_the_same_moment(database: Database) -> None:
    freeze_news(database, 1)
    now = NOON.astimezone(timezone(timedelta(hours=9)))
    with database.writing() as connection:
        batch_id = claims.list_due_batches(connection, NOON, 1)[0]
        claims.claim_batch(connection, batch_id, now=now, claimed_until=now + LEASE)
        moments = select(batches.c.first_claimed_at).where(batches.c.batch_id == batch_id)
        assert connection.execute(moments).scalar_one() == NOON


def test_bytes_are_written_down_while_the_claim_lasts_and_never_over_others(
    database: Database,
) -> None:
    freeze_news(database, 2)
    batch = claim_first(database)
    with database.writing() as connection:
        assert not claims.record_body_digest(connection, batch, "digest", NOON + LEASE)
        assert claims.find_body_digest(connection, batch.batch_id) == ""
        assert claims.record_body_digest(connection, batch, "digest", NOON)
        assert claims.record_body_digest(connection, batch, "digest", NOON)
        assert not claims.record_body_digest(connection, batch, "other", NOON)
        assert claims.find_body_digest(connection, batch.batch_id) == "digest"


@pytest.mark.parametrize("closed", [EditionState.PAUSED, EditionState.CANCELLED])
def test_nothing_of_a_closed_edition_is_claimed(database: Database, closed: EditionState) -> None:
    edition = freeze_news(database, 2)
    with database.writing() as connection:
        [batch_id] = claims.list_due_batches(connection, NOON, 9)
        editions.move_edition(connection, edition, closed)
    assert claim(database, batch_id) is None


def test_nothing_leaves_while_the_account_waits(database: Database) -> None:
    freeze_news(database, 2)
    with database.writing() as connection:
        [batch_id] = claims.list_due_batches(connection, NOON, 9)
        accounts.delay_account(connection, "fake", NOON + timedelta(minutes=1))
    assert claim(database, batch_id) is None
    assert claim(database, batch_id, minutes=1) is not None


def test_an_accepted_batch_ends_its_rows_and_finishes_the_edition(database: Database) -> None:
    edition = freeze_news(database, 3)
    batch = claim_first(database)
    assert read_states(database) == {"claimed": 3}
    ids = {row_id: f"id-{row_id}" for row_id in row_ids(database, batch)}
    with database.writing() as connection:
        outcomes.record_outcome(connection, batch, message_ids=ids, refusals={}, now=NOON)
        assert finish_editions(connection, NOON) == [edition.edition_id]
        kept = connection.execute(select(deliveries.c.provider_message_id)).scalars().all()
        assert set(kept) == set(ids.values())
        accounting = count_deliveries(connection, edition.edition_id)
        assert accounting.accepted == 3
        assert accounting.adds_up
        assert claims.find_envelope(connection, batch.batch_id) is None
    assert read_states(database) == {"accepted": 3}


def test_a_late_answer_counts_by_its_attempt(database: Database) -> None:
    freeze_news(database, 2)
    batch = claim_first(database)
    with database.writing() as connection:
        late = NOON + LEASE
        assert unknowns.expire_claims(connection, late) == [batch.batch_id]
        assert unknowns.expire_claims(connection, late) == []
    assert read_states(database) == {"unknown": 2}
    assert record_accepted(database, batch)
    assert read_states(database) == {"accepted": 2}


def replay(database: Database, batch: Batch) -> Batch:
    """The batch unknown, planned again, and claimed by somebody else."""
    with database.writing() as connection:
        outcomes.record_unsure(connection, batch, "lost", NOON)
        unknowns.plan_replay(connection, batch.batch_id)
    again = claim(database, batch.batch_id, minutes=1)
    assert again is not None
    assert again.attempt == batch.attempt + 1
    return again


def test_a_late_answer_of_an_earlier_attempt_changes_nothing(database: Database) -> None:
    freeze_news(database, 2)
    first = claim_first(database)
    second = replay(database, first)
    assert not record_accepted(database, first)
    with database.writing() as connection:
        assert outcomes.record_batch_refused(connection, first, BAD, NOON) == []
        outcomes.record_unsure(connection, first, "late", NOON)
        outcomes.record_not_sent(connection, first, detail="late", not_before=None, now=NOON)
        assert not claims.record_body_digest(connection, first, "other", NOON)
        assert find_batch(connection, first.batch_id).state is BatchState.CLAIMED
    assert read_states(database) == {"claimed": 2}
    assert record_accepted(database, second)
    assert read_states(database) == {"accepted": 2}


def test_an_answer_is_recorded_once(database: Database) -> None:
    freeze_news(database, 2)
    batch = claim_first(database)
    assert record_accepted(database, batch)
    assert not record_accepted(database, batch)
    with database.writing() as connection:
        outcomes.record_not_sent(connection, batch, detail="", not_before=None, now=NOON)
    assert read_states(database) == {"accepted": 2}


def test_a_batch_that_was_not_sent_forgets_what_it_said_to_whom(database: Database) -> None:
    freeze_news(database, 2)
    batch = claim_first(database)
    later = NOON + timedelta(minutes=1)
    with database.writing() as connection:
        claims.record_body_digest(connection, batch, "digest", NOON)
        outcomes.record_not_sent(connection, batch, detail="", not_before=later, now=NOON)
        assert claims.find_envelope(connection, batch.batch_id) is None
        assert claims.find_body_digest(connection, batch.batch_id) == ""
        assert claims.find_next_batch_at(connection, NOON) == later
    assert read_states(database) == {"planned": 2}
    assert claim(database, batch.batch_id, minutes=1) is not None


def test_refused_rows_end_so_and_those_for_now_wait_in_a_batch_of_their_own(
    database: Database,
) -> None:
    edition = freeze_news(database, 4)
    batch = claim_first(database)
    first, second, *_ = row_ids(database, batch)
    with database.writing() as connection:
        refusals = {first: FOR_GOOD, second: FOR_NOW}
        outcomes.record_outcome(connection, batch, message_ids={}, refusals=refusals, now=NOON)
        assert claims.list_due_batches(connection, NOON, 9) == []
        [waiting] = claims.list_due_batches(connection, NOON + timedelta(hours=1), 9)
        assert find_batch(connection, waiting).size == 1
        assert count_deliveries(connection, edition.edition_id).adds_up
    assert read_states(database) == {"accepted": 2, "refused": 1, "planned": 1}
    assert read_served(database) == [0, 1, 1, 1]


def test_rows_put_off_for_the_same_time_wait_in_one_batch(database: Database) -> None:
    freeze_news(database, 5)
    batch = claim_first(database)
    first, second, third, fourth, _ = row_ids(database, batch)
    with database.writing() as connection:
        refusals = {first: FOR_NOW, second: FOR_NOW, third: NOT_TRIED, fourth: NOT_TRIED}
        outcomes.record_outcome(connection, batch, message_ids={}, refusals=refusals, now=NOON)
        [at_once] = claims.list_due_batches(connection, NOON, 9)
        assert find_batch(connection, at_once).size == 2
        assert len(claims.list_due_batches(connection, NOON + timedelta(hours=1), 9)) == 2
    assert read_states(database) == {"accepted": 1, "planned": 4}


@pytest.mark.parametrize("is_late", [False, True])
def test_a_row_in_doubt_stays_unknown_with_its_batch(database: Database, is_late: bool) -> None:
    edition = freeze_news(database, 4)
    batch = claim_first(database)
    first, second, third, fourth = row_ids(database, batch)
    with database.writing() as connection:
        if is_late:
            unknowns.expire_claims(connection, NOON + LEASE)
        assert outcomes.record_outcome(
            connection,
            batch,
            message_ids={first: "id"},
            refusals={second: FOR_GOOD, fourth: NOT_TRIED},
            unsure={third: "lost after the last byte"},
            now=NOON,
        )
        query = select(deliveries.c.provider_message_id).order_by(deliveries.c.delivery_id)
        assert list(connection.execute(query).scalars()) == ["id", "", "", ""]
        [doubtful] = list_unvouched(connection)
        assert (doubtful.batch_id, doubtful.rows) == (batch.batch_id, 1)
        assert doubtful.detail == "lost after the last byte"
        assert claims.find_envelope(connection, batch.batch_id) is not None
        assert count_deliveries(connection, edition.edition_id).adds_up
        assert finish_editions(connection, NOON) == []
    assert read_states(database) == {"accepted": 1, "refused": 1, "unknown": 1, "planned": 1}


def test_a_replay_changes_no_row_that_was_accepted_before(database: Database) -> None:
    freeze_news(database, 3)
    batch = claim_first(database)
    first, second, _ = row_ids(database, batch)
    with database.writing() as connection:
        outcomes.record_outcome(
            connection, batch, message_ids={}, refusals={}, unsure={second: "lost"}, now=NOON
        )
        unknowns.plan_replay(connection, batch.batch_id)
    again = claim(database, batch.batch_id, minutes=1)
    assert again is not None
    with database.writing() as connection:
        refusals = {first: FOR_GOOD, second: FOR_NOW}
        outcomes.record_outcome(connection, again, message_ids={}, refusals=refusals, now=NOON)
    assert read_states(database) == {"accepted": 2, "planned": 1}


def test_keys_stay_short_and_different_however_often_a_row_is_put_off(database: Database) -> None:
    freeze_news(database, 2, batch_size=1)
    keys = set()
    for hours in range(30):
        now = NOON + timedelta(hours=hours)
        with database.writing() as connection:
            batch_id = claims.list_due_batches(connection, now, 9)[-1]
            keys.add(find_batch_key(connection, batch_id))
            batch = claims.claim_batch(connection, batch_id, now=now, claimed_until=now + LEASE)
            assert batch is not None
            claims.record_claimed(connection, batch, {})
            rows = dict.fromkeys(
                connection.execute(
                    select(deliveries.c.delivery_id).where(deliveries.c.batch_id == batch_id)
                ).scalars(),
                FOR_NOW,
            )
            outcomes.record_outcome(connection, batch, message_ids={}, refusals=rows, now=now)
    assert len(keys) == 30
    assert max(len(key) for key in keys) < 40


def test_a_refused_batch_is_halved_until_the_bad_row_stands_alone(database: Database) -> None:
    edition = freeze_news(database, 7)
    with database.reading() as connection:
        bad = sorted(connection.execute(select(deliveries.c.delivery_id)).scalars())[2]
    calls = 0
    while True:
        with database.reading() as connection:
            due = claims.list_due_batches(connection, NOON, 9)
        if not due:
            break
        batch = claim(database, due[0])
        assert batch is not None
        calls += 1
        with database.writing() as connection:
            if bad in [row.row_id for row in list_claimed(connection, batch)]:
                outcomes.record_batch_refused(connection, batch, BAD, NOON)
            else:
                outcomes.record_outcome(connection, batch, message_ids={}, refusals={}, now=NOON)
            assert count_deliveries(connection, edition.edition_id).adds_up
    assert read_states(database) == {"accepted": 6, "refused": 1}
    assert calls <= 7
    assert sorted(read_served(database)) == [0, 1, 1, 1, 1, 1, 1]


def list_claimed(connection: object, batch: Batch) -> list[Row]:
    query = select(deliveries.c.delivery_id).where(
        deliveries.c.batch_id == batch.batch_id, deliveries.c.state == "claimed"
    )
    found = connection.execute(query).scalars()  # type: ignore[attr-defined]
    return [Row(row_id, 0, 0, "") for row_id in found]


def test_who_left_or_is_suppressed_is_not_in_the_claim(database: Database) -> None:
    freeze_news(database, 3)
    with database.writing() as connection:
        readers = list(subscribers.stream_readers(connection))
        set_subscription_state(
            connection,
            readers[0].subscription.subscription_id,
            SubscriptionState.UNSUBSCRIBED,
            NOON,
        )
        reason = SuppressionReason.COMPLAINT
        address = readers[1].subscriber.address
        add_suppression(connection, Suppression(address, None, reason, "", NOON))
    claim_first(database)
    assert read_states(database) == {"suppressed": 2, "claimed": 1}
    assert read_served(database) == [0, 0, 1]


def test_a_replay_asks_no_second_time_who_left(database: Database) -> None:
    freeze_news(database, 2)
    batch = claim_first(database)
    with database.writing() as connection:
        outcomes.record_unsure(connection, batch, "lost", NOON)
        unknowns.plan_replay(connection, batch.batch_id)
        kept = claims.find_envelope(connection, batch.batch_id)
    assert kept is not None
    assert kept["rows"] == row_ids(database, batch)


def test_readers_get_back_what_an_edition_did_not_bring_them(database: Database) -> None:
    edition = freeze_news(database, 2)
    assert read_served(database) == [1, 1]
    with database.writing() as connection:
        editions.move_edition(connection, edition, EditionState.CANCELLED)
        assert cancel_rows(connection, edition.edition_id) == 2
    assert read_states(database) == {"cancelled": 2}
    assert read_served(database) == [0, 0]


def test_readers_whom_something_later_moved_get_nothing_back(database: Database) -> None:
    first = freeze_news(database, 2)
    add_news(database, 2)
    freeze(database, open_edition(database, "later", Cadence.WEEKLY))
    with database.writing() as connection:
        cancel_rows(connection, first.edition_id)
    assert read_served(database) == [2, 2]


def test_an_edition_by_hand_gives_nothing_back(database: Database) -> None:
    freeze_news(database, 2)
    add_news(database, 2)
    by_hand = freeze(database, open_edition(database, "hand", None, above=1))
    with database.writing() as connection:
        assert cancel_rows(connection, by_hand.edition_id) == 2
    assert read_served(database) == [1, 1]


def test_what_comes_back_to_a_cancelled_edition_is_cancelled_too(database: Database) -> None:
    edition = freeze_news(database, 4)
    batch = claim_first(database)
    with database.writing() as connection:
        now = editions.find_edition(connection, edition.edition_id)
        editions.move_edition(connection, now, EditionState.CANCELLED)
        assert cancel_rows(connection, edition.edition_id) == 0
        outcomes.record_not_sent(connection, batch, detail="", not_before=None, now=NOON)
    assert read_states(database) == {"cancelled": 4}
    assert read_served(database) == [0, 0, 0, 0]


def test_halves_of_a_cancelled_edition_are_cancelled(database: Database) -> None:
    edition = freeze_news(database, 4)
    batch = claim_first(database)
    with database.writing() as connection:
        now = editions.find_edition(connection, edition.edition_id)
        editions.move_edition(connection, now, EditionState.CANCELLED)
        outcomes.record_batch_refused(connection, batch, BAD, NOON)
        assert count_deliveries(connection, edition.edition_id).is_settled
    assert read_states(database) == {"cancelled": 4}


def test_cancelling_takes_nothing_back_that_may_have_been_taken(database: Database) -> None:
    edition = freeze_news(database, 2)
    batch = claim_first(database)
    with database.writing() as connection:
        outcomes.record_unsure(connection, batch, "lost", NOON)
        unknowns.plan_replay(connection, batch.batch_id)
        now = editions.find_edition(connection, edition.edition_id)
        editions.move_edition(connection, now, EditionState.CANCELLED)
        assert cancel_rows(connection, edition.edition_id) == 0
        assert unknowns.list_unknown_batches(connection, "fake") == []
    assert read_states(database) == {"unknown": 2}
    assert read_served(database) == [1, 1]


def test_every_attempt_is_written_down(database: Database) -> None:
    freeze_news(database, 1)
    second = replay(database, claim_first(database))
    record_accepted(database, second)
    with database.reading() as connection:
        query = select(attempts.c.attempt, attempts.c.outcome).order_by(attempts.c.attempt)
        assert [tuple(row) for row in connection.execute(query)] == [
            (1, "unknown"),
            (2, "accepted"),
        ]
