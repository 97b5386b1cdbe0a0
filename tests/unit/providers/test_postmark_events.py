"""Postmark's callbacks: who may send them, and what they say in our words."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from service.errors import CallbackError
from service.model.event import EventKind, RejectReason, digest_address
from service.providers.postmark_events import check_signature, parse_events

NOW = datetime(2025, 10, 20, tzinfo=UTC)
SECRET = "kawaraban:a long password"
EVENT: dict[str, Any] = {
    "RecordType": "Bounce",
    "ID": 42,
    "Type": "HardBounce",
    "TypeCode": 1,
    "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
    "Metadata": {"batch": "kb-x-e7-0-a1", "row": "12"},
    "Email": "Reader1@example.com",
    "Description": "The server was unable to deliver your message",
    "Details": "550 5.1.1 no such user reader1@example.com",
    "BouncedAt": "2025-10-19T19:59:59.5000000-04:00",
}


def write(**changes: object) -> bytes:
    return json.dumps({**EVENT, **changes}).encode()


def is_let_in(authorization: str, *secrets: str) -> bool:
    try:
        check_signature({"authorization": authorization}, b"{}", secrets, now=NOW)
    except CallbackError:
        return False
    return True


def test_the_password_lets_in_and_nothing_else_does() -> None:
    given = "Basic " + base64.b64encode(SECRET.encode()).decode()

    assert is_let_in(given, "other:password", SECRET)
    assert not is_let_in(given, "kawaraban:another password")
    assert not is_let_in(given)
    assert not is_let_in("", SECRET)
    assert not is_let_in(SECRET, SECRET)


def test_a_bounce_is_told_in_our_words_without_the_address() -> None:
    [event] = parse_events(write())

    assert (event.kind, event.reject_reason, event.is_permanent) == (
        EventKind.BOUNCED,
        RejectReason.BOUNCED,
        True,
    )
    assert (event.batch_key, event.row_id) == ("kb-x-e7-0-a1", 12)
    assert event.message_id == "883953f4-6105-42a2-a16a-77a8eac79483"
    assert event.address_digest == digest_address("reader1@example.com")
    assert event.occurred_at == datetime(2025, 10, 19, 23, 59, 59, 500_000, tzinfo=UTC)
    assert event.diagnostic == "550 5.1.1 no such user (address)"


def test_the_same_event_has_the_same_id_and_another_has_another() -> None:
    [event], [again], [other] = (parse_events(one) for one in (write(), write(), write(ID=43)))

    assert event.event_id == again.event_id != other.event_id


@pytest.mark.parametrize(
    ("changes", "kind", "reason", "is_permanent"),
    [
        ({"Type": "SoftBounce"}, EventKind.BOUNCED, RejectReason.BOUNCED, False),
        ({"Type": "Transient"}, EventKind.DEFERRED, None, False),
        ({"Type": "BadEmailAddress"}, EventKind.REJECTED, RejectReason.INVALID, True),
        ({"Type": "SpamNotification"}, EventKind.BOUNCED, RejectReason.BLOCKED, False),
        ({"Type": "DMARCPolicy"}, EventKind.BOUNCED, RejectReason.BLOCKED, False),
        ({"Type": "AutoResponder"}, EventKind.AUTORESPONDED, None, False),
        ({"Type": "Unheard"}, EventKind.UNKNOWN, None, False),
        ({"RecordType": "Delivery"}, EventKind.DELIVERED, None, False),
        ({"RecordType": "SpamComplaint"}, EventKind.COMPLAINED, RejectReason.SPAM, True),
        ({"RecordType": "Inbound"}, EventKind.UNKNOWN, None, False),
        (
            {"RecordType": "SubscriptionChange", "SuppressSending": True},
            *(EventKind.UNSUBSCRIBED, RejectReason.UNSUBSCRIBED, True),
        ),
        (
            {
                "RecordType": "SubscriptionChange",
                "SuppressSending": True,
                "SuppressionReason": "SpamComplaint",
            },
            *(EventKind.COMPLAINED, RejectReason.SPAM, True),
        ),
        (
            {"RecordType": "SubscriptionChange", "SuppressSending": False},
            *(EventKind.SUBSCRIBED, None, False),
        ),
    ],
)
def test_every_event_has_its_word(
    changes: dict[str, object], kind: EventKind, reason: RejectReason | None, is_permanent: bool
) -> None:
    [event] = parse_events(write(**changes))

    assert (event.kind, event.reject_reason, event.is_permanent) == (kind, reason, is_permanent)


@pytest.mark.parametrize("body", [b"", b"7", b"[[]]", b"nonsense"])
def test_what_is_no_callback_is_refused(body: bytes) -> None:
    with pytest.raises(CallbackError):
        parse_events(body)


def test_an_event_that_leaves_almost_everything_out_is_one_still() -> None:
    [event] = parse_events(b'{"Metadata": [], "BouncedAt": "soon"}')

    assert (event.kind, event.row_id, event.occurred_at) == (EventKind.UNKNOWN, None, None)
