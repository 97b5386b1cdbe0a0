"""What strangers post to the doors of providers: none is let in, and nothing makes them fail."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from service.errors import CallbackError
from service.outbound.client import OutboundClient
from service.providers.events import EventSource
from service.providers.sources import open_hooks

NOW = datetime(2025, 10, 20, tzinfo=UTC)
SOURCES = {name: hook.source for name, hook in open_hooks({}, OutboundClient()).items()}
SECRETS = ("sixteen letters!", "user:sixteen letters!", "whsec_c2l4dGVlbiBsZXR0ZXJz", "arn:aws:sns")
HEADERS = {
    "authorization": "Basic \xff",
    "svix-id": "msg_1",
    "svix-timestamp": str(int(NOW.timestamp())),
    "svix-signature": "v1,AAAA v1 v1, \xff",
    "x-twilio-email-event-webhook-signature": "AAAA",
    "x-twilio-email-event-webhook-timestamp": str(int(NOW.timestamp())),
}
EVENT = {"event": "bounce", "type": "Bounce", "Type": "Notification", "RecordType": "Bounce"}
BODIES = {
    "nothing": b"",
    "an event": json.dumps(EVENT).encode(),
    "gzip": gzip.compress(json.dumps(EVENT).encode()),
    "a bomb": gzip.compress(b"[" * 1_000_000),
    "depth": b"[" * 500_000,
    "a long number": b'{"timestamp": ' + b"9" * 5_000 + b"}",
    "no text": b"\xff\xfe\x00",
    "half a character": b'["\\ud800"]',
    "many": json.dumps([EVENT] * 10_000).encode(),
}
ODD: tuple[Any, ...] = (None, True, -1, 1e308, "\ud800\0", "9" * 30, [], [[]], {}, {"reason": 7})
NAMES = (
    *("event", "email", "timestamp", "sg_event_id", "sg_message_id", "kawaraban_row", "status"),
    *("ID", "Email", "Metadata", "MessageID", "BouncedAt", "Details", "SuppressSending"),
    *("message-id", "ts_epoch", "X-Mailin-custom", "link", "data", "created_at", "type"),
    *("event-data", "signature", "recipient", "user-variables", "delivery-status", "message"),
    *("to", "tags", "bounce", "suppressed", "click", "email_id"),
)


@pytest.mark.parametrize("secrets", [(), ("",), SECRETS], ids=["none", "empty", "others"])
@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_no_stranger_is_let_in_whatever_is_posted(
    source: EventSource, secrets: tuple[str, ...]
) -> None:
    for headers in ({}, HEADERS):
        for body in BODIES.values():
            with pytest.raises(CallbackError):
                source.check_signature(headers, body, secrets, now=NOW)


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_what_is_odd_in_a_callback_is_told_or_left_out_and_never_fails(source: EventSource) -> None:
    everywhere = [dict.fromkeys(NAMES, odd) for odd in ODD]
    inside = [
        outer | dict.fromkeys(("data", "event-data", "mail", "bounce"), inner)
        for inner in everywhere
        for outer in (EVENT, inner)
    ]
    for event in everywhere + inside + [EVENT | {name: odd} for name in NAMES for odd in ODD]:
        for body in (event, _put_into_sns(event)):
            try:
                told = source.parse_events(json.dumps(body).encode())
            except CallbackError:
                continue
            assert all(one.diagnostic.isprintable() for one in told)


def _put_into_sns(event: object) -> dict[str, str]:
    names = ("MessageId", "Timestamp", "TopicArn")
    text = json.dumps({"mail": event, "eventType": "Bounce", "bounce": event})
    return {"Type": "Notification", "Message": text, **dict.fromkeys(names, "x")}
