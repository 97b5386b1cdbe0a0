"""Webhooks added, shown, tried and taken away by those who work at the desk."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import SplitResult, urlsplit

from sqlalchemy import Connection

from service.audience.tokens import KeyRing
from service.errors import NotAllowedError, UsageError
from service.model.editor import Actor
from service.model.webhook import (
    WEBHOOK_EVENTS,
    Webhook,
    WebhookEvent,
    WebhookKey,
    WebhookMessage,
)
from service.outbound.guard import is_public, is_spelled_out
from service.store import webhook_messages as messages
from service.store import webhooks as rows
from service.store.audit import record_action
from service.store.database import Database
from service.webhooks.signing import derive_secret, write_secret

_LONGEST_URL = 2000
_MOST_WEBHOOKS = 50
_MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class ShownWebhook:
    """A webhook, how many messages wait for it, and its last ones, the newest first."""

    webhook: Webhook
    waiting: int
    messages: tuple[WebhookMessage, ...] = ()


def add_webhook(
    database: Database,
    key_ring: KeyRing,
    url: str,
    events: Iterable[str],
    *,
    by: Actor,
    now: datetime,
    is_private: bool = False,
) -> Webhook:
    """Tell a service from now on; raises UsageError for an address or events that cannot be.

    With `is_private` its address may be without TLS, and in our own network: only who runs the
    installation should say so. Raises NotAllowedError when there are very many already.
    """
    address, wanted = check_url(url, is_private=is_private), check_events(events)
    key = _mint_key(key_ring)
    with database.writing() as connection:
        if len(rows.list_webhooks(connection)) >= _MOST_WEBHOOKS:
            raise NotAllowedError(
                "there are {most} webhooks already; remove one first",
                most=_MOST_WEBHOOKS,
            )
        webhook_id = rows.insert_webhook(
            connection,
            url=address,
            events=wanted,
            is_private=is_private,
            key=key,
            created_by=by.name,
            now=now,
        )
        added = _find(connection, webhook_id)
        _record(connection, by, "webhook.add", webhook_id, now, host=added.host)
        return added


def list_webhooks(database: Database) -> list[ShownWebhook]:
    """Every webhook, the oldest first, without its messages."""
    with database.reading() as connection:
        waiting = messages.count_waiting_messages(connection)
        found = rows.list_webhooks(connection)
    return [ShownWebhook(one, waiting.get(one.webhook_id, 0)) for one in found]


def show_webhook(database: Database, webhook_id: int, limit: int = _MOST_SHOWN) -> ShownWebhook:
    """One webhook with its last messages; raises NotAllowedError when there is none."""
    with database.reading() as connection:
        webhook = _find(connection, webhook_id)
        waiting = messages.count_waiting_messages(connection).get(webhook_id, 0)
        last = messages.list_messages(connection, webhook_id, limit)
    return ShownWebhook(webhook, waiting, tuple(last))


def show_secret(
    database: Database, key_ring: KeyRing, webhook_id: int, now: datetime, *, by: Actor
) -> str:
    """The secret a service verifies with ("whsec_..."), for an owner's eyes: it is written down.

    Raises NotAllowedError when there is no such webhook, or its key is gone.
    """
    with database.writing() as connection:
        secret = find_secret(key_ring, _find(connection, webhook_id))
        _record(connection, by, "webhook.secret", webhook_id, now)
    return secret


def find_secret(key_ring: KeyRing, webhook: Webhook) -> str:
    """The secret of a webhook, for whoever has just added it; raises NotAllowedError."""
    return write_secret(derive_secret(key_ring, webhook.webhook_id, webhook.key))


def rotate_secret(
    database: Database, key_ring: KeyRing, webhook_id: int, now: datetime, *, by: Actor
) -> str:
    """Give a webhook another secret, and return it; for a day the one of before signs as well.

    Raises NotAllowedError when there is no such webhook.
    """
    key = _mint_key(key_ring)
    with database.writing() as connection:
        rows.rotate_webhook(connection, _find(connection, webhook_id), key, now)
        _record(connection, by, "webhook.rotate", webhook_id, now)
    return write_secret(derive_secret(key_ring, webhook_id, key))


def remove_webhook(database: Database, webhook_id: int, now: datetime, *, by: Actor) -> None:
    """Tell a service nothing more, also not what waits; raises NotAllowedError without it."""
    with database.writing() as connection:
        _find(connection, webhook_id)
        rows.remove_webhook(connection, webhook_id, now)
        _record(connection, by, "webhook.remove", webhook_id, now)


def start_again(database: Database, webhook_id: int, now: datetime, *, by: Actor) -> None:
    """Tell a stopped service again, at once what waited; raises NotAllowedError without it.

    What happened while it was stopped was not recorded for it.
    """
    with database.writing() as connection:
        if _find(connection, webhook_id).stopped_at is None:
            raise NotAllowedError("webhook {webhook} is not stopped", webhook=webhook_id)
        rows.start_webhook(connection, webhook_id)
        messages.wake_messages(connection, webhook_id)
        _record(connection, by, "webhook.start", webhook_id, now)


def send_test(database: Database, webhook_id: int, now: datetime, *, by: Actor) -> WebhookMessage:
    """Send a webhook an event that says it is a test, whatever it wants; it leaves in seconds.

    Raises NotAllowedError when there is no such webhook, or it is stopped.
    """
    with database.writing() as connection:
        webhook = _find_live(connection, webhook_id)
        data = {"webhook_id": webhook_id, "events": [one.value for one in webhook.events]}
        number = messages.record_message(connection, webhook_id, WebhookEvent.TEST, data, now)
        _record(connection, by, "webhook.test", webhook_id, now)
        return _find_message(connection, webhook_id, number)


def redeliver(
    database: Database, webhook_id: int, message_id: int, now: datetime, *, by: Actor
) -> WebhookMessage:
    """Send one message again under its own id, with all its tries before it; leaves in seconds.

    Raises NotAllowedError when there is no such webhook or message, or the webhook is stopped.
    """
    with database.writing() as connection:
        _find_live(connection, webhook_id)
        _find_message(connection, webhook_id, message_id)
        messages.redeliver_message(connection, message_id)
        _record(connection, by, "webhook.redeliver", webhook_id, now, message=message_id)
        return _find_message(connection, webhook_id, message_id)


def check_url(url: str, *, is_private: bool = False) -> str:
    """The address of a service, if it may be called; raises UsageError with what is wrong."""
    address = url.strip()
    if len(address) > _LONGEST_URL or not (address.isascii() and address.isprintable()):
        raise UsageError("an address is up to {most} printable ASCII characters", most=_LONGEST_URL)
    parts = _split(address)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise UsageError("an address begins with https:// and a host")
    if parts.username is not None or parts.fragment or " " in address:
        raise UsageError("an address has no user, no fragment and no blank in it")
    if is_private:
        return address
    if parts.scheme != "https":
        raise UsageError("an address begins with https://, unless it is in our own network")
    if is_spelled_out(parts.hostname) and not is_public(parts.hostname):
        raise UsageError("this address is in our own network; say so if it is meant to be")
    return address


def check_events(events: Iterable[str]) -> tuple[WebhookEvent, ...]:
    """The events of these names, each once, in our order; raises UsageError for any other."""
    wanted = set(events)
    known = [one.value for one in WEBHOOK_EVENTS]
    strange = sorted(wanted.difference(known))
    if strange:
        raise UsageError(
            "there is no event '{event}'; there are: {known}",
            event=strange[0],
            known=", ".join(known),
        )
    if not wanted:
        raise UsageError("name at least one event: {known}", known=", ".join(known))
    return tuple(one for one in WEBHOOK_EVENTS if one.value in wanted)


def _split(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        # Read here, because a port that is none is only found out by looking.
        _ = parts.port
    except ValueError:
        raise UsageError("this is no web address") from None
    return parts


def _record(
    connection: Connection,
    by: Actor,
    action: str,
    webhook_id: int,
    now: datetime,
    **detail: object,
) -> None:
    record_action(connection, by, action, f"webhook:{webhook_id}", detail, now)


def _mint_key(key_ring: KeyRing) -> WebhookKey:
    return WebhookKey(key_ring.current.key_id, secrets.token_hex(16))


def _find(connection: Connection, webhook_id: int) -> Webhook:
    webhook = rows.find_webhook(connection, webhook_id)
    if webhook is None:
        raise NotAllowedError("there is no webhook {webhook}", webhook=webhook_id)
    return webhook


def _find_live(connection: Connection, webhook_id: int) -> Webhook:
    webhook = _find(connection, webhook_id)
    if webhook.stopped_at is not None:
        raise NotAllowedError(
            "webhook {webhook} is stopped: start it again first", webhook=webhook_id
        )
    return webhook


def _find_message(connection: Connection, webhook_id: int, message_id: int) -> WebhookMessage:
    message = messages.find_message(connection, message_id)
    if message is None or message.webhook_id != webhook_id:
        raise NotAllowedError(
            "webhook {webhook} has no message {message}", webhook=webhook_id, message=message_id
        )
    return message
