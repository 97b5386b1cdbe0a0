from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest

from service.model.webhook import MessageState, WebhookEvent, WebhookKey, WebhookMessage
from service.store import webhook_messages as messages
from service.store import webhooks as rows
from service.store.database import Database

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TOKYO = timezone(timedelta(hours=9))
SENT, LEFT = WebhookEvent.EDITION_SENT, WebhookEvent.SUBSCRIBER_LEFT


def _add(database: Database, *events: WebhookEvent) -> int:
    with database.writing() as connection:
        return rows.insert_webhook(
            connection,
            url="https://crm.example/kawara",
            events=events,
            is_private=False,
            key=WebhookKey("k1", "00ff"),
            created_by="owner@example.jp",
            now=NOON,
        )


def _record(database: Database, *numbers: int, event: WebhookEvent = SENT) -> int:
    with database.writing() as connection:
        return messages.record_events(connection, event, [{"n": n} for n in numbers], NOON)


def _claim(
    database: Database, webhook_id: int, now: datetime = NOON, lasts: timedelta = MINUTE
) -> WebhookMessage | None:
    with database.writing() as connection:
        return messages.claim_message(connection, webhook_id, now, now + lasts)


def _claim_one(database: Database, webhook_id: int, now: datetime = NOON) -> WebhookMessage:
    found = _claim(database, webhook_id, now)
    assert found is not None
    return found


def _list(database: Database, webhook_id: int) -> list[WebhookMessage]:
    with database.reading() as connection:
        return messages.list_messages(connection, webhook_id, 99)


def _list_due(database: Database, now: datetime = NOON) -> list[int]:
    with database.reading() as connection:
        return messages.list_due_webhooks(connection, now)


def test_what_happened_is_recorded_for_each_webhook_that_wants_it(database: Database) -> None:
    first, second, _ = _add(database, SENT), _add(database, SENT, LEFT), _add(database, LEFT)
    assert _record(database, 1, 2) == 4
    latest, earlier = _list(database, first)
    assert [json.loads(one.body)["data"] for one in (earlier, latest)] == [{"n": 1}, {"n": 2}]
    assert json.loads(earlier.body) == {
        "type": "edition.sent",
        "timestamp": "2026-03-10T12:00:00Z",
        "data": {"n": 1},
    }
    assert " " not in earlier.body
    uids = {one.uid for id_ in (first, second) for one in _list(database, id_)}
    assert len(uids) == 4
    assert earlier.state is MessageState.WAITING
    assert (earlier.due_at, earlier.attempt, earlier.status) == (None, 0, None)
    with database.reading() as connection:
        assert messages.count_waiting_messages(connection) == {first: 2, second: 2}


def test_where_nobody_wants_it_what_happened_is_not_even_looked_at(database: Database) -> None:
    looked_at: list[int] = []

    def look() -> Iterator[dict[str, object]]:
        looked_at.append(1)
        yield {}

    webhook_id = _add(database, SENT)
    with database.writing() as connection:
        assert messages.record_events(connection, LEFT, look(), NOON) == 0
        rows.stop_webhook(connection, webhook_id, "it is gone", NOON)
        assert messages.record_events(connection, SENT, look(), NOON) == 0
    assert looked_at == []


def test_thousands_of_things_are_recorded_at_once(database: Database) -> None:
    webhook_id = _add(database, SENT)
    assert _record(database, *range(2500)) == 2500
    with database.reading() as connection:
        assert messages.count_waiting_messages(connection) == {webhook_id: 2500}


def test_a_message_is_claimed_once_and_again_when_its_claim_is_over(database: Database) -> None:
    webhook_id = _add(database, SENT)
    _record(database, 1)
    first = _claim_one(database, webhook_id)
    assert first.attempt == 1
    assert _claim(database, webhook_id) is None
    assert _list_due(database) == []
    again = _claim_one(database, webhook_id, NOON + MINUTE)
    assert (again.uid, again.attempt) == (first.uid, 2)
    with database.writing() as connection:
        assert not messages.record_not_told(
            connection, first, status=500, failure="late", again_at=NOON, now=NOON
        )
        messages.record_told(connection, first.message_id, 204, NOON)
        assert not messages.record_not_told(
            connection, again, status=500, failure="late", again_at=NOON, now=NOON
        )
    (told,) = _list(database, webhook_id)
    assert (told.state, told.status, told.told_at) == (MessageState.TOLD, 204, NOON)
    assert _claim(database, webhook_id, NOON + 9 * MINUTE) is None


def test_what_was_not_told_waits_for_its_time_or_is_given_up(database: Database) -> None:
    webhook_id = _add(database, SENT)
    _record(database, 1, 2)
    first, second = _claim_one(database, webhook_id), _claim_one(database, webhook_id)
    with database.writing() as connection:
        for one, again_at in ((first, NOON + MINUTE), (second, None)):
            assert messages.record_not_told(
                connection, one, status=503, failure="it answered 503", again_at=again_at, now=NOON
            )
    assert _list_due(database) == []
    assert _list_due(database, NOON + MINUTE) == [webhook_id]
    given_up, waiting = _list(database, webhook_id)
    assert (given_up.state, given_up.given_up_at) == (MessageState.GIVEN_UP, NOON)
    assert (waiting.state, waiting.due_at) == (MessageState.WAITING, NOON + MINUTE)
    assert (waiting.status, waiting.failure) == (503, "it answered 503")
    with database.writing() as connection:
        assert messages.redeliver_message(connection, given_up.message_id)
    again = _claim_one(database, webhook_id)
    assert (again.uid, again.attempt, again.given_up_at) == (given_up.uid, 1, None)


def test_all_that_waits_rests_with_its_webhook_and_wakes_with_it(database: Database) -> None:
    away, other = _add(database, SENT), _add(database, SENT)
    _record(database, 1, 2)
    with database.writing() as connection:
        messages.rest_messages(connection, away, NOON + MINUTE)
    assert _list_due(database) == [other]
    assert _list_due(database, NOON + MINUTE) == [other, away]
    with database.writing() as connection:
        rows.stop_webhook(connection, away, "it is gone", NOON)
        (stopped,) = rows.list_stopped_webhooks(connection)
        assert (stopped.webhook_id, stopped.stopped_for) == (away, "it is gone")
    assert _claim(database, away, NOON + MINUTE) is None
    assert _list_due(database, NOON + MINUTE) == [other]
    with database.writing() as connection:
        rows.start_webhook(connection, away)
        messages.wake_messages(connection, away)
    assert _list_due(database) == [away, other]


def test_a_webhook_fails_since_the_first_time_in_a_row(database: Database) -> None:
    webhook_id = _add(database, SENT)
    with database.writing() as connection:
        rows.record_failing(connection, webhook_id, NOON.astimezone(TOKYO))
        rows.record_failing(connection, webhook_id, NOON + MINUTE)
        (found,) = rows.list_webhooks(connection)
        assert found.failing_since_at == NOON
        assert rows.count_webhooks(connection) == {"well": 0, "failing": 1, "stopped": 0}
        rows.record_well(connection, webhook_id)
        rows.record_failing(connection, webhook_id, NOON + MINUTE)
        (found,) = rows.list_webhooks(connection)
        assert found.failing_since_at == NOON + MINUTE


def test_another_secret_leaves_the_former_one_beside_it(database: Database) -> None:
    webhook_id = _add(database, SENT)
    with database.writing() as connection:
        before = rows.find_webhook(connection, webhook_id)
        assert before is not None
        assert before.former is None
        rows.rotate_webhook(connection, before, WebhookKey("k2", "11ee"), NOON)
        after = rows.find_webhook(connection, webhook_id)
    assert after is not None
    assert (after.key, after.former) == (WebhookKey("k2", "11ee"), before.key)
    assert after.rotated_at == NOON
    assert after.host == "crm.example"
    assert "kawara" not in repr(after)


def test_what_is_removed_is_told_nothing_and_forgotten(database: Database) -> None:
    webhook_id = _add(database, SENT)
    _record(database, 1)
    with database.writing() as connection:
        assert rows.remove_webhook(connection, webhook_id, NOON)
        assert not rows.remove_webhook(connection, webhook_id, NOON)
        assert rows.find_webhook(connection, webhook_id) is None
        assert rows.list_webhooks(connection) == []
    assert _list(database, webhook_id) == []
    assert _record(database, 1) == 0


@pytest.mark.parametrize(("before", "is_old"), [(NOON, False), (NOON + MINUTE, True)])
def test_old_messages_are_dropped_whatever_became_of_them(
    database: Database, before: datetime, is_old: bool
) -> None:
    _add(database, SENT)
    _record(database, 1, 2)
    with database.writing() as connection:
        assert messages.has_old_messages(connection, before) is is_old
        assert messages.drop_old_messages(connection, before) == 2 * is_old
