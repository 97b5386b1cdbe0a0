"""Resend's callbacks: who may send them, and what they say in our words."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.errors import CallbackError
from service.model.event import EventKind, RejectReason, digest_address
from service.providers.resend_events import check_signature, parse_events

NOW = datetime(2025, 10, 20, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(b"twenty-four bytes of it.").decode()
OTHER = "whsec_" + base64.b64encode(b"twenty-four other bytes.").decode()
EVENT: dict[str, Any] = {
    "type": "email.bounced",
    "created_at": "2025-10-20T08:59:59.500+09:00",
    "data": {
        "email_id": "56761188-7520-42d8-8898-ff6fc54ce618",
        "created_at": "2025-10-19T00:00:00Z",
        "to": ["Reader1@example.com"],
        "tags": {"batch": "kb-x-e7-0-a1", "row": "12"},
        "bounce": {
            "type": "Permanent",
            "subType": "General",
            "message": "no such user",
            "diagnosticCode": ["smtp; 550 5.1.1 reader1@example.com unknown"],
        },
    },
}
BODY = json.dumps(EVENT).encode()


def sign(
    at: datetime = NOW, *, body: bytes = BODY, secret: str = SECRET, version: str = "v1"
) -> dict[str, str]:
    timestamp = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"msg_1.{timestamp}.".encode() + body, hashlib.sha256)
    signature = base64.b64encode(mac.digest()).decode()
    return {
        "svix-id": "msg_1",
        "svix-timestamp": timestamp,
        "svix-signature": f"{version},{signature}",
    }


def is_let_in(headers: dict[str, str], *secrets: str, body: bytes = BODY) -> bool:
    try:
        check_signature(headers, body, secrets, now=NOW)
    except CallbackError:
        return False
    return True


def test_what_was_signed_with_a_secret_is_let_in_also_while_secrets_are_changed() -> None:
    both = " ".join(sign(secret=one)["svix-signature"] for one in (OTHER, SECRET))

    assert is_let_in(sign(), SECRET)
    assert is_let_in(sign(), OTHER, SECRET)
    assert is_let_in({**sign(), "svix-signature": both}, SECRET)
    assert is_let_in(sign(), SECRET.removeprefix("whsec_"))
    assert is_let_in(sign(NOW - timedelta(minutes=5)), SECRET)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        sign(secret=OTHER),
        sign(version="v1a"),
        sign(version="v2"),
        sign(body=BODY + b" "),
        sign(NOW - timedelta(minutes=5, seconds=1)),
        sign(NOW + timedelta(minutes=5, seconds=1)),
        {**sign(), "svix-id": "msg_2"},
        {**sign(), "svix-id": ""},
        {**sign(), "svix-timestamp": str(int(NOW.timestamp()) + 1)},
        {**sign(), "svix-timestamp": "now"},
        {**sign(), "svix-timestamp": "9" * 12},
        {**sign(), "svix-signature": ""},
        {**sign(), "svix-signature": "v1,é"},
    ],
)
def test_everybody_else_is_not(headers: dict[str, str]) -> None:
    assert not is_let_in(headers, SECRET)


def test_a_changed_body_is_not_let_in() -> None:
    assert not is_let_in(sign(), SECRET, body=BODY.replace(b"12", b"13"))


def test_nobody_is_let_in_without_a_secret_or_with_one_that_is_none() -> None:
    empty = {**sign(secret="whsec_")}
    assert not is_let_in(sign())
    assert not any(is_let_in(empty, secret) for secret in ("", "whsec_", "not base64!"))


def test_a_bounce_is_told_in_our_words_without_the_address() -> None:
    [event] = parse_events(BODY)

    assert (event.kind, event.reject_reason, event.is_permanent) == (
        EventKind.BOUNCED,
        RejectReason.BOUNCED,
        True,
    )
    assert (event.batch_key, event.row_id) == ("kb-x-e7-0-a1", 12)
    assert event.message_id == "56761188-7520-42d8-8898-ff6fc54ce618"
    assert event.address_digest == digest_address("reader1@example.com")
    assert event.occurred_at == datetime(2025, 10, 19, 23, 59, 59, 500_000, tzinfo=UTC)
    assert event.diagnostic == "smtp; 550 5.1.1 (address) unknown no such user"


def test_the_same_event_has_the_same_id_and_another_has_another() -> None:
    [event] = parse_events(BODY)
    [again] = parse_events(BODY)
    [later] = parse_events(BODY.replace(b"59.500", b"59.501"))

    assert event.event_id == again.event_id != later.event_id


@pytest.mark.parametrize(
    ("name", "bounce", "kind", "reason", "is_permanent"),
    [
        ("email.sent", None, EventKind.SENT, None, False),
        ("email.delivered", None, EventKind.DELIVERED, None, False),
        ("email.delivery_delayed", None, EventKind.DEFERRED, None, False),
        ("email.complained", None, EventKind.COMPLAINED, RejectReason.SPAM, True),
        ("email.failed", None, EventKind.FAILED, RejectReason.OTHER, False),
        ("email.suppressed", None, EventKind.REJECTED, RejectReason.BLOCKED, False),
        ("email.received", None, EventKind.UNKNOWN, None, False),
        ("email.bounced", None, EventKind.BOUNCED, RejectReason.BOUNCED, True),
        (
            "email.bounced",
            {"type": "Transient", "subType": "MailboxFull"},
            *(EventKind.BOUNCED, RejectReason.BOUNCED, False),
        ),
        (
            "email.bounced",
            {"type": "Undetermined", "subType": "Undetermined"},
            *(EventKind.BOUNCED, RejectReason.BOUNCED, False),
        ),
        (
            "email.bounced",
            {"type": "Transient", "subType": "ContentRejected"},
            *(EventKind.BOUNCED, RejectReason.BLOCKED, False),
        ),
        (
            "email.bounced",
            {"type": "Permanent", "subType": "Suppressed"},
            *(EventKind.REJECTED, RejectReason.BLOCKED, False),
        ),
    ],
)
def test_every_event_has_its_word(
    name: str,
    bounce: object,
    kind: EventKind,
    reason: RejectReason | None,
    is_permanent: bool,
) -> None:
    [event] = parse_events(json.dumps({"type": name, "data": {"bounce": bounce}}).encode())

    assert (event.kind, event.reject_reason, event.is_permanent) == (kind, reason, is_permanent)


@pytest.mark.parametrize(
    ("why", "reason", "is_permanent"),
    [
        ("previous_bounce", RejectReason.BOUNCED, True),
        ("previous_complaint", RejectReason.SPAM, True),
        ("something new", RejectReason.BLOCKED, False),
    ],
)
def test_what_was_not_even_tried_says_for_what(
    why: str, reason: RejectReason, is_permanent: bool
) -> None:
    said = {"reason": why, "type": "Suppressed", "message": "no", "diagnosticCode": ["5.1.1 gone"]}

    [event] = parse_events(
        json.dumps({"type": "email.suppressed", "data": {"suppressed": said}}).encode()
    )

    assert (event.kind, event.reject_reason) == (EventKind.REJECTED, reason)
    assert (event.is_permanent, event.diagnostic) == (is_permanent, "5.1.1 gone no")


def test_tags_are_also_read_as_they_were_sent() -> None:
    tags = [{"name": "batch", "value": "kb-x-e7-0-a1"}, {"name": "row", "value": "12"}, "odd"]

    [event] = parse_events(json.dumps({"type": "email.sent", "data": {"tags": tags}}).encode())

    assert (event.batch_key, event.row_id) == ("kb-x-e7-0-a1", 12)


@pytest.mark.parametrize("body", [b"", b"7", b"[[]]", b"nonsense"])
def test_what_is_no_callback_is_refused(body: bytes) -> None:
    with pytest.raises(CallbackError):
        parse_events(body)


@pytest.mark.parametrize("data", [None, [], {"to": [], "tags": 7, "bounce": []}, {"to": [7]}])
def test_an_event_that_leaves_almost_everything_out_is_one_still(data: object) -> None:
    [event] = parse_events(json.dumps({"data": data, "created_at": "soon"}).encode())

    assert (event.kind, event.row_id, event.address_digest) == (EventKind.UNKNOWN, None, "")
