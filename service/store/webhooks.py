"""Webhooks: which services are told of what, and how they take it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)

from service.model.webhook import Webhook, WebhookEvent, WebhookKey
from service.store.tables import webhook_messages, webhooks


def is_live() -> ColumnElement[bool]:
    """Whether a webhook is told anything."""
    return webhooks.c.removed_at.is_(None) & webhooks.c.stopped_at.is_(None)


def insert_webhook(
    connection: Connection,
    *,
    url: str,
    events: Iterable[WebhookEvent],
    is_private: bool,
    key: WebhookKey,
    created_by: str,
    now: datetime,
) -> int:
    """Write down a webhook; its number."""
    values = {
        "url": url,
        "events": [one.value for one in events],
        "is_private": is_private,
        "salt": key.salt,
        "key_id": key.key_id,
        "former_salt": "",
        "former_key_id": "",
        "created_at": now,
        "created_by": created_by,
        "stopped_for": "",
    }
    statement = insert(webhooks).values(values).returning(webhooks.c.webhook_id)
    return int(connection.execute(statement).scalar_one())


def find_webhook(connection: Connection, webhook_id: int) -> Webhook | None:
    """The webhook of this number, stopped or not; None when there is none, or no more."""
    query = select(webhooks).where(
        webhooks.c.webhook_id == webhook_id, webhooks.c.removed_at.is_(None)
    )
    row = connection.execute(query).mappings().first()
    return None if row is None else _to_webhook(row)


def list_webhooks(connection: Connection) -> list[Webhook]:
    """All that were not removed, the oldest first."""
    query = select(webhooks).where(webhooks.c.removed_at.is_(None)).order_by(webhooks.c.webhook_id)
    return [_to_webhook(row) for row in connection.execute(query).mappings()]


def list_stopped_webhooks(connection: Connection) -> list[Webhook]:
    """Those that are told nothing until a person starts them again."""
    return [one for one in list_webhooks(connection) if one.stopped_at is not None]


def count_webhooks(connection: Connection) -> dict[str, int]:
    """How many are well, fail at present, and are stopped."""
    found = list_webhooks(connection)
    stopped = sum(one.stopped_at is not None for one in found)
    failing = sum(one.stopped_at is None and one.failing_since_at is not None for one in found)
    return {"well": len(found) - stopped - failing, "failing": failing, "stopped": stopped}


def list_wanting(connection: Connection, event: WebhookEvent) -> list[int]:
    """The webhooks that are told of this: one look at a small table, often all there is to do."""
    query = select(webhooks.c.webhook_id, webhooks.c.events).where(is_live())
    return [row.webhook_id for row in connection.execute(query) if event in row.events]


def remove_webhook(connection: Connection, webhook_id: int, now: datetime) -> bool:
    """Tell a webhook nothing more, and forget what it was told; False when there is none."""
    messages = webhook_messages.c.webhook_id == webhook_id
    connection.execute(delete(webhook_messages).where(messages))
    return _change(connection, webhook_id, removed_at=now)


def rotate_webhook(connection: Connection, before: Webhook, key: WebhookKey, now: datetime) -> bool:
    """Give a webhook another secret; the one of before is kept beside it."""
    return _change(
        connection,
        before.webhook_id,
        salt=key.salt,
        key_id=key.key_id,
        former_salt=before.key.salt,
        former_key_id=before.key.key_id,
        rotated_at=now,
    )


def start_webhook(connection: Connection, webhook_id: int) -> bool:
    """Let a webhook be told again, with what waited for it; False when there is none."""
    return _change(connection, webhook_id, stopped_at=None, stopped_for="", failing_since_at=None)


def stop_webhook(connection: Connection, webhook_id: int, why: str, now: datetime) -> bool:
    """Tell a webhook nothing until a person starts it again; `why` holds no address."""
    return _change(connection, webhook_id, stopped_at=now, stopped_for=why)


def record_well(connection: Connection, webhook_id: int) -> None:
    """Note that a webhook took what it was told."""
    is_failing = webhooks.c.failing_since_at.is_not(None)
    chosen = (webhooks.c.webhook_id == webhook_id) & is_failing
    connection.execute(update(webhooks).where(chosen).values(failing_since_at=None))


def record_failing(connection: Connection, webhook_id: int, now: datetime) -> None:
    """Note that a webhook did not take something; it fails since the first time in a row."""
    # Said which kind of moment it is, or a file would keep it without its zone.
    moment = literal(now, webhooks.c.failing_since_at.type)
    since = func.coalesce(webhooks.c.failing_since_at, moment)
    chosen = webhooks.c.webhook_id == webhook_id
    connection.execute(update(webhooks).where(chosen).values(failing_since_at=since))


def _change(connection: Connection, webhook_id: int, **values: object) -> bool:
    chosen = (webhooks.c.webhook_id == webhook_id) & webhooks.c.removed_at.is_(None)
    return connection.execute(update(webhooks).where(chosen).values(values)).rowcount == 1


def _to_webhook(row: RowMapping) -> Webhook:
    former = WebhookKey(row["former_key_id"], row["former_salt"])
    return Webhook(
        webhook_id=row["webhook_id"],
        url=row["url"],
        events=tuple(WebhookEvent(one) for one in row["events"]),
        is_private=row["is_private"],
        key=WebhookKey(row["key_id"], row["salt"]),
        created_at=row["created_at"],
        created_by=row["created_by"],
        former=former if former.salt else None,
        rotated_at=row["rotated_at"],
        failing_since_at=row["failing_since_at"],
        stopped_at=row["stopped_at"],
        stopped_for=row["stopped_for"],
    )
