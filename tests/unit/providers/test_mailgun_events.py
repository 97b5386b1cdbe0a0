"""Mailgun's callbacks: who may send them, and what they say in our words."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.errors import CallbackError
from service.model.event import EventKind, ProviderEvent, RejectReason, digest_address
from service.providers.mailgun_events import check_signature, parse_events

NOW = datetime(2025, 10, 20, tzinfo=UTC)
KEY = "a webhook signing key"
TOKEN = "7f" * 25
EVENT: dict[str, Any] = {
    "event": "failed",
    "id": "G9Bn5sl1TC6nu79C8C0bwg",
    "timestamp": 1760918399.5,
    "severity": "permanent",
    "reason": "bounce",
    "recipient": "Reader1@example.com",
    "user-variables": {"batch": "kb-x-e7-0-a1", "row": "12"},
    "message": {"headers": {"message-id": "1@mailgun.example", "to": "Reader1@example.com"}},
    "delivery-status": {"code": 550, "message": "5.1.1 no such user reader1@example.com"},
}


def sign(at: datetime = NOW, key: str = KEY, token: str = TOKEN) -> dict[str, str]:
    timestamp = str(int(at.timestamp()))
    mac = hmac.new(key.encode(), (timestamp + token).encode(), hashlib.sha256)
    return {"timestamp": timestamp, "token": token, "signature": mac.hexdigest()}


def write(signature: object, **changes: object) -> bytes:
    return json.dumps({"signature": signature, "event-data": {**EVENT, **changes}}).encode()


def is_let_in(body: bytes, *keys: str) -> bool:
    try:
        check_signature({}, body, keys, now=NOW)
    except CallbackError:
        return False
    return True


def test_what_was_signed_with_a_key_is_let_in_also_while_keys_are_changed() -> None:
    assert is_let_in(write(sign()), KEY)
    assert is_let_in(write(sign()), "the next one", KEY)
    assert is_let_in(write(sign(NOW - timedelta(hours=8))), KEY)


@pytest.mark.parametrize(
    "signature",
    [
        None,
        [],
        {},
        sign(key="another key"),
        sign(token="short"),
        sign(NOW - timedelta(hours=26)),
        sign(NOW + timedelta(minutes=6)),
        {**sign(), "timestamp": str(int(NOW.timestamp()) - 1)},
        {**sign(), "timestamp": int(NOW.timestamp())},
        {**sign(), "token": "8" + TOKEN[1:]},
        {**sign(), "signature": sign()["signature"].upper()},
        {**sign(), "signature": "é\ud800"},
        {**sign(), "signature": ""},
    ],
)
def test_everybody_else_is_not(signature: object) -> None:
    assert not is_let_in(write(signature), KEY)


def test_nobody_is_let_in_without_a_key_or_with_an_empty_one() -> None:
    assert not is_let_in(write(sign()))
    assert not is_let_in(write(sign(key="")), "")


def test_a_bounce_is_told_in_our_words_without_the_address() -> None:
    [event] = parse_events(write(sign()))

    assert event == ProviderEvent(
        kind=EventKind.BOUNCED,
        event_id=TOKEN,
        message_id="<1@mailgun.example>",
        batch_key="kb-x-e7-0-a1",
        row_id=12,
        address_digest=digest_address("reader1@example.com"),
        occurred_at=datetime(2025, 10, 19, 23, 59, 59, 500_000, tzinfo=UTC),
        reject_reason=RejectReason.BOUNCED,
        is_permanent=True,
        diagnostic="550 5.1.1 no such user (address)",
    )


@pytest.mark.parametrize(
    ("changes", "kind", "reason", "is_permanent"),
    [
        ({"event": "accepted"}, EventKind.QUEUED, None, False),
        ({"event": "delivered"}, EventKind.DELIVERED, None, False),
        ({"event": "complained"}, EventKind.COMPLAINED, RejectReason.SPAM, True),
        ({"event": "unsubscribed"}, EventKind.UNSUBSCRIBED, RejectReason.UNSUBSCRIBED, True),
        ({"event": "rejected"}, EventKind.REJECTED, RejectReason.OTHER, False),
        ({"event": "list_member_uploaded"}, EventKind.UNKNOWN, None, False),
        ({"event": 7}, EventKind.UNKNOWN, None, False),
        ({"severity": "temporary"}, EventKind.DEFERRED, None, False),
        ({"reason": "suppress-bounce"}, EventKind.REJECTED, RejectReason.BOUNCED, True),
        ({"reason": "suppress-complaint"}, EventKind.REJECTED, RejectReason.SPAM, True),
        ({"reason": "suppress-unsubscribe"}, EventKind.REJECTED, RejectReason.UNSUBSCRIBED, True),
        ({"reason": "old"}, EventKind.BOUNCED, RejectReason.TIMED_OUT, False),
        ({"reason": "espblock"}, EventKind.BOUNCED, RejectReason.BLOCKED, False),
        ({"reason": "generic"}, EventKind.BOUNCED, RejectReason.OTHER, False),
    ],
)
def test_every_event_has_its_word(
    changes: dict[str, object], kind: EventKind, reason: RejectReason | None, is_permanent: bool
) -> None:
    [event] = parse_events(write(sign(), **changes))

    assert (event.kind, event.reject_reason, event.is_permanent) == (kind, reason, is_permanent)


def test_an_event_that_leaves_almost_everything_out_is_one_still() -> None:
    body = json.dumps({"signature": sign(), "event-data": {"user-variables": [], "message": []}})

    [event] = parse_events(body.encode())

    assert event == ProviderEvent(kind=EventKind.UNKNOWN, event_id=TOKEN)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"7", b"[{}, {}]", b'{"event-data": []}'])
def test_what_is_no_callback_is_refused(body: bytes) -> None:
    with pytest.raises(CallbackError):
        parse_events(body)
    assert not is_let_in(body, KEY)
