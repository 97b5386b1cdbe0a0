"""What webhooks are to be told: recorded with what happened, claimed, told, tried again."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from service.model.webhook import WebhookEvent, WebhookMessage
from service.store.tables import WAITS_TO_BE_TOLD, webhook_messages, webhooks
from service.store.webhooks import is_live, list_wanting

AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""When a new message is due: an editorial `now` may be ahead of the clock that tells it."""

_AT_A_TIME = 1000


def record_event(
    connection: Connection, event: WebhookEvent, data: Mapping[str, Any], now: datetime
) -> int:
    """Note in this transaction that it happened, for each webhook that wants it; how many do."""
    return record_events(connection, event, [data], now)


def record_events(
    connection: Connection,
    event: WebhookEvent,
    happened: Iterable[Mapping[str, Any]],
    now: datetime,
) -> int:
    """Note many things of one kind; `happened` is not even begun when nobody wants them."""
    wanting = list_wanting(connection, event)
    if not wanting:
        return 0
    bodies = [_write(event, data, now) for data in happened]
    rows = [_compose(webhook_id, event, body, now) for body in bodies for webhook_id in wanting]
    for start in range(0, len(rows), _AT_A_TIME):
        connection.execute(insert(webhook_messages), rows[start : start + _AT_A_TIME])
    return len(rows)


def record_message(
    connection: Connection,
    webhook_id: int,
    event: WebhookEvent,
    data: Mapping[str, Any],
    now: datetime,
) -> int:
    """Note one message for one webhook; its number."""
    row = _compose(webhook_id, event, _write(event, data, now), now)
    statement = insert(webhook_messages).returning(webhook_messages.c.webhook_message_id)
    return int(connection.execute(statement, row).scalar_one())


def list_due_webhooks(connection: Connection, now: datetime) -> list[int]:
    """Live webhooks for which something is due, those first that have waited longest."""
    first = func.min(webhook_messages.c.not_before)
    query = (
        select(webhook_messages.c.webhook_id)
        .join(webhooks, webhooks.c.webhook_id == webhook_messages.c.webhook_id)
        .where(*_is_due(now))
        .group_by(webhook_messages.c.webhook_id)
        .order_by(first, webhook_messages.c.webhook_id)
    )
    return list(connection.execute(query).scalars())


def claim_message(
    connection: Connection, webhook_id: int, now: datetime, claimed_until: datetime
) -> WebhookMessage | None:
    """Take the first message that is due to a live webhook; None when nothing is, or not now.

    What is not told by `claimed_until` is due again: telling twice does less harm than not at all.
    """
    due = (
        select(webhook_messages.c.webhook_message_id)
        .join(webhooks, webhooks.c.webhook_id == webhook_messages.c.webhook_id)
        .where(*_is_due(now), webhook_messages.c.webhook_id == webhook_id)
        # In the order in which it happened, as far as what failed before does not wait.
        .order_by(webhook_messages.c.webhook_message_id)
        .limit(1)
    )
    message_id = connection.execute(due).scalar()
    if message_id is None:
        return None
    claimed = connection.execute(
        update(webhook_messages)
        .where(_is_it(message_id), *_is_unclaimed(now))
        .values(attempt=webhook_messages.c.attempt + 1, claimed_until=claimed_until)
    )
    return find_message(connection, message_id) if claimed.rowcount == 1 else None


def find_message(connection: Connection, message_id: int) -> WebhookMessage | None:
    """One message; None when there is none, or no more."""
    query = select(webhook_messages).where(_is_it(message_id))
    row = connection.execute(query).mappings().first()
    return None if row is None else _to_message(row)


def list_messages(connection: Connection, webhook_id: int, limit: int) -> list[WebhookMessage]:
    """The last messages of a webhook, the newest first."""
    query = (
        select(webhook_messages)
        .where(webhook_messages.c.webhook_id == webhook_id)
        .order_by(webhook_messages.c.webhook_message_id.desc())
        .limit(limit)
    )
    return [_to_message(row) for row in connection.execute(query).mappings()]


def count_waiting_messages(connection: Connection) -> dict[int, int]:
    """How many messages wait, by the number of their webhook."""
    query = (
        select(webhook_messages.c.webhook_id, func.count())
        .where(text(WAITS_TO_BE_TOLD))
        .group_by(webhook_messages.c.webhook_id)
    )
    return {int(webhook_id): int(count) for webhook_id, count in connection.execute(query)}


def record_told(connection: Connection, message_id: int, status: int, now: datetime) -> None:
    """Note that a message was taken, by whichever try."""
    connection.execute(
        update(webhook_messages)
        .where(_is_it(message_id), webhook_messages.c.told_at.is_(None))
        .values(told_at=now, given_up_at=None, status=status, failure="", claimed_until=None)
    )


def record_not_told(
    connection: Connection,
    message: WebhookMessage,
    *,
    status: int | None,
    failure: str,
    again_at: datetime | None,
    now: datetime,
) -> bool:
    """Note that a try was in vain; without `again_at` it was the last.

    False when this try is not the message's last any more, or it was told meanwhile.
    """
    ended = {"given_up_at": now} if again_at is None else {"not_before": again_at}
    noted = connection.execute(
        update(webhook_messages)
        .where(
            _is_it(message.message_id),
            webhook_messages.c.attempt == message.attempt,
            text(WAITS_TO_BE_TOLD),
        )
        .values(status=status, failure=failure, claimed_until=None, **ended)
    )
    return noted.rowcount == 1


def rest_messages(connection: Connection, webhook_id: int, until: datetime) -> None:
    """Let nothing be tried at a webhook before then."""
    connection.execute(
        update(webhook_messages)
        .where(
            webhook_messages.c.webhook_id == webhook_id,
            webhook_messages.c.not_before < until,
            text(WAITS_TO_BE_TOLD),
        )
        .values(not_before=until)
    )


def wake_messages(connection: Connection, webhook_id: int) -> None:
    """Let what waits for a webhook be tried at once."""
    chosen = webhook_messages.c.webhook_id == webhook_id
    connection.execute(
        update(webhook_messages).where(chosen, text(WAITS_TO_BE_TOLD)).values(not_before=AT_ONCE)
    )


def redeliver_message(connection: Connection, message_id: int) -> bool:
    """Let a message be told from the beginning, under the same id; False when there is none.

    One that is being told in this moment stays in hand.
    """
    again = connection.execute(
        update(webhook_messages)
        .where(_is_it(message_id))
        .values(not_before=AT_ONCE, attempt=0, told_at=None, given_up_at=None)
    )
    return again.rowcount == 1


def has_old_messages(connection: Connection, before: datetime) -> bool:
    """Whether the first message of all is from before that moment, whatever became of it."""
    query = select(webhook_messages.c.created_at).order_by(webhook_messages.c.webhook_message_id)
    first = connection.execute(query.limit(1)).scalar()
    return first is not None and first < before


def drop_old_messages(connection: Connection, before: datetime) -> int:
    """Forget messages from before that moment, also those that wait for a stopped webhook."""
    is_old = webhook_messages.c.created_at < before
    return connection.execute(delete(webhook_messages).where(is_old)).rowcount


def _write(event: WebhookEvent, data: Mapping[str, Any], now: datetime) -> str:
    return write_body({"type": event.value, "timestamp": write_moment(now), "data": dict(data)})


def write_body(body: Mapping[str, Any]) -> str:
    """A body as it is kept and sent: JSON without a blank."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def write_moment(moment: datetime) -> str:
    """A moment as bodies write it: UTC, to the second or finer, with a Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _compose(webhook_id: int, event: WebhookEvent, body: str, now: datetime) -> dict[str, Any]:
    return {
        "webhook_id": webhook_id,
        "uid": f"msg_{secrets.token_hex(16)}",
        "event": event.value,
        "body": body,
        "created_at": now,
        "not_before": AT_ONCE,
        "attempt": 0,
        "failure": "",
    }


def _is_it(message_id: int) -> ColumnElement[bool]:
    return webhook_messages.c.webhook_message_id == message_id


def _is_due(now: datetime) -> Sequence[ColumnElement[bool]]:
    return (is_live(), webhook_messages.c.not_before <= now, *_is_unclaimed(now))


def _is_unclaimed(now: datetime) -> Sequence[ColumnElement[bool]]:
    until = webhook_messages.c.claimed_until
    # In the very words of the partial index.
    return (text(WAITS_TO_BE_TOLD), or_(until.is_(None), until <= now))  # type: ignore[return-value]


def _to_message(row: RowMapping) -> WebhookMessage:
    is_over = row["told_at"] is not None or row["given_up_at"] is not None
    due_at = row["not_before"]
    return WebhookMessage(
        message_id=row["webhook_message_id"],
        webhook_id=row["webhook_id"],
        uid=row["uid"],
        event=WebhookEvent(row["event"]),
        body=row["body"],
        created_at=row["created_at"],
        due_at=None if is_over or due_at == AT_ONCE else due_at,
        attempt=row["attempt"],
        told_at=row["told_at"],
        given_up_at=row["given_up_at"],
        status=row["status"],
        failure=row["failure"],
    )
