"""Webhooks told: at least once each, the same id at every try, one at a time for each of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from service.audience.tokens import KeyRing
from service.errors import NotAllowedError, NotSentError, UnsureError
from service.model.webhook import Webhook, WebhookMessage
from service.model.wording import word
from service.outbound.client import OutboundClient, Reply
from service.store import webhook_messages as messages
from service.store import webhooks as rows
from service.store.database import Database
from service.store.happenings import complete_body
from service.store.installation import find_installation
from service.webhooks.retrying import find_again_at, find_rest_until, is_hopeless
from service.webhooks.signing import derive_secret, sign

log = structlog.get_logger(__name__)

CALL_FOR = timedelta(seconds=20)
"""How long a service may take to answer, from the first look for its name to the last byte."""

_CLAIM_FOR = timedelta(minutes=1)
_FORMER_SIGNS_FOR = timedelta(hours=24)
_IN_A_ROW = 100
"""Messages of one webhook before others that wait for a thread have their turn."""

_GONE = 410
_FOR_NOW = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Messenger:
    """What webhooks are told with: by whom they are called, whose keys sign, by which clock.

    `client` keeps to public addresses; `private_client` is for the webhooks that need not be.
    """

    database: Database
    client: OutboundClient
    private_client: OutboundClient
    key_ring: KeyRing
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class _Call:
    """One try: what is sent to whom, signed by what."""

    webhook: Webhook
    message: WebhookMessage
    body: bytes
    secrets: tuple[bytes, ...]


def list_to_tell(messenger: Messenger) -> list[int]:
    """The webhooks for which something is due now; none in a database that may be a copy."""
    with messenger.database.reading() as connection:
        due = messages.list_due_webhooks(connection, messenger.clock())
        return [] if due and find_installation(connection).is_send_held else due


def tell_webhook(messenger: Messenger, webhook_id: int, goes_on: Callable[[], bool]) -> int:
    """Send what is due to one webhook, one after the other; how many it took.

    Ends at the first that finds nobody there, and when `goes_on` says so, between two calls.
    """
    taken = 0
    for _ in range(_IN_A_ROW):
        call = _claim(messenger, webhook_id) if goes_on() else None
        if call is None:
            break
        is_taken, is_there = _tell(messenger, call)
        taken += is_taken
        if not is_there:
            break
    return taken


def _claim(messenger: Messenger, webhook_id: int) -> _Call | None:
    """Take what is due next, with whatever it needs; None when there is nothing to send."""
    now = messenger.clock()
    with messenger.database.writing() as connection:
        message = messages.claim_message(connection, webhook_id, now, now + _CLAIM_FOR)
        webhook = rows.find_webhook(connection, webhook_id) if message else None
        if message is None or webhook is None:
            return None
        try:
            secrets = _list_secrets(messenger.key_ring, webhook, now)
        except NotAllowedError as error:
            rows.stop_webhook(connection, webhook_id, str(error), now)
            log.error("a webhook is stopped", webhook_id=webhook_id, reason=str(error))
            return None
        body = complete_body(connection, message).encode()
    return _Call(webhook, message, body, secrets)


def _list_secrets(ring: KeyRing, webhook: Webhook, now: datetime) -> tuple[bytes, ...]:
    secrets = [derive_secret(ring, webhook.webhook_id, webhook.key)]
    former, since = webhook.former, webhook.rotated_at
    is_fresh = since is not None and now - since < _FORMER_SIGNS_FOR
    if former is not None and is_fresh and ring.find_key(former.key_id) is not None:
        secrets.append(derive_secret(ring, webhook.webhook_id, former))
    return tuple(secrets)


def _tell(messenger: Messenger, call: _Call) -> tuple[bool, bool]:
    """Make one call and note how it ended; whether it was taken, and whether anybody is there."""
    try:
        reply = _send(messenger, call)
    except (NotSentError, UnsureError) as error:
        _note_failure(messenger, call, str(error), None, is_away=True)
        return False, False
    if 200 <= reply.status < 300:
        _note_success(messenger, call, reply.status)
        return True, True
    if reply.status == _GONE:
        _note_gone(messenger, call)
        return False, False
    is_away = reply.status >= 500 or reply.status in _FOR_NOW
    _note_failure(
        messenger,
        call,
        word("it answered {status}", status=str(reply.status)),
        reply,
        is_away=is_away,
    )
    return False, not is_away


def _send(messenger: Messenger, call: _Call) -> Reply:
    client = messenger.private_client if call.webhook.is_private else messenger.client
    signed = sign(call.secrets, call.message.uid, messenger.clock(), call.body)
    return client.post(
        call.webhook.url,
        content=call.body,
        headers={"Content-Type": "application/json; charset=utf-8", **signed},
        total_for=CALL_FOR,
        ready=_go_on,
    )


def _go_on() -> None:
    """Telling a service twice is what its ids are for, so nothing has to be looked at again."""


def _note_success(messenger: Messenger, call: _Call, status: int) -> None:
    with messenger.database.writing() as connection:
        messages.record_told(connection, call.message.message_id, status, messenger.clock())
        rows.record_well(connection, call.webhook.webhook_id)
    if call.webhook.failing_since_at is not None:
        log.info("a webhook takes what it is told again", webhook_id=call.webhook.webhook_id)


def _note_gone(messenger: Messenger, call: _Call) -> None:
    """Stop the webhook: that is what this answer asks for; what waits is kept for a while."""
    now = messenger.clock()
    with messenger.database.writing() as connection:
        messages.record_not_told(
            connection,
            call.message,
            status=_GONE,
            failure=word("it answered {status}", status=str(_GONE)),
            again_at=now,
            now=now,
        )
    _stop(
        messenger,
        call.webhook,
        word("it answered {status}: it is gone for good", status=str(_GONE)),
        now,
    )


def _note_failure(
    messenger: Messenger, call: _Call, failure: str, reply: Reply | None, *, is_away: bool
) -> None:
    """Let the message wait, and with it all others where nobody was there."""
    now, webhook, message = messenger.clock(), call.webhook, call.message
    again_at = find_again_at(message, now, reply.retry_after if reply else None)
    with messenger.database.writing() as connection:
        messages.record_not_told(
            connection,
            message,
            status=reply.status if reply else None,
            failure=failure,
            again_at=again_at,
            now=now,
        )
        rows.record_failing(connection, webhook.webhook_id, now)
        if is_away:
            until = find_rest_until(again_at, now)
            messages.rest_messages(connection, webhook.webhook_id, until)
    if webhook.failing_since_at is None:
        log.warning(
            "a webhook does not take what it is told", webhook_id=webhook.webhook_id, reason=failure
        )
    if is_hopeless(webhook, message, now):
        _stop(messenger, webhook, word("it took nothing for days: {failure}", failure=failure), now)


def _stop(messenger: Messenger, webhook: Webhook, why: str, now: datetime) -> None:
    with messenger.database.writing() as connection:
        rows.stop_webhook(connection, webhook.webhook_id, why, now)
    log.error("a webhook is stopped", webhook_id=webhook.webhook_id, reason=why)
