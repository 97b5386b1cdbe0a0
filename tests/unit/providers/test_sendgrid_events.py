"""SendGrid's callbacks: who signed them, and what they say in our words."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from service.errors import CallbackError
from service.model.event import EventKind, ProviderEvent, RejectReason, digest_address
from service.providers.sendgrid_events import check_signature, parse_events

NOW = datetime(2025, 10, 20, 0, 0, tzinfo=UTC)
BODY = b'[{"event":"delivered"}]\r\n'


class Signer:
    """The half of SendGrid that holds a private key."""

    def __init__(self, curve: ec.EllipticCurve) -> None:
        self._private = ec.generate_private_key(curve)
        public = self._private.public_key()
        der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.key = base64.b64encode(der).decode()

    def sign(self, body: bytes, at: datetime = NOW) -> dict[str, str]:
        timestamp = str(int(at.timestamp()))
        signature = self._private.sign(timestamp.encode() + body, ec.ECDSA(SHA256()))
        return {
            "x-twilio-email-event-webhook-timestamp": timestamp,
            "x-twilio-email-event-webhook-signature": base64.b64encode(signature).decode(),
        }


@pytest.fixture(scope="module")
def signer() -> Signer:
    return Signer(ec.SECP256R1())


def is_let_in(
    headers: dict[str, str], keys: list[str], body: bytes = BODY, now: datetime = NOW
) -> bool:
    try:
        check_signature(headers, body, keys, now=now)
    except CallbackError:
        return False
    return True


def test_what_sendgrid_signed_is_let_in_also_while_keys_are_changed(signer: Signer) -> None:
    headers = signer.sign(BODY)

    assert is_let_in(headers, [signer.key])
    assert is_let_in(headers, ["no key at all", Signer(ec.SECP256R1()).key, signer.key])


def test_anything_else_is_not(signer: Signer) -> None:
    headers = signer.sign(BODY)
    moved = headers | {"x-twilio-email-event-webhook-timestamp": str(int(NOW.timestamp()) + 1)}
    odd = headers | {"x-twilio-email-event-webhook-signature": "***"}
    short = headers | {"x-twilio-email-event-webhook-signature": "MAA="}
    other_curve = Signer(ec.SECP384R1())

    assert not is_let_in(headers, [signer.key], body=BODY.rstrip())
    assert not is_let_in(moved, [signer.key])
    assert not is_let_in(odd, [signer.key])
    assert not is_let_in(short, [signer.key])
    assert not is_let_in({}, [signer.key])
    assert not is_let_in(other_curve.sign(BODY), [other_curve.key])
    assert not is_let_in(headers, [])
    assert not is_let_in(headers, [""])


@pytest.mark.parametrize(
    ("age", "is_fine"),
    [(timedelta(hours=24), True), (timedelta(hours=26), False), (timedelta(minutes=-6), False)],
)
def test_a_callback_is_good_for_as_long_as_sendgrid_repeats_it(
    signer: Signer, age: timedelta, is_fine: bool
) -> None:
    assert is_let_in(signer.sign(BODY, NOW - age), [signer.key]) == is_fine


def parse(**event: Any) -> ProviderEvent:  # noqa: ANN401
    [parsed] = parse_events(json.dumps([event]).encode())
    return parsed


def test_an_event_says_everything_we_gave_and_no_address() -> None:
    event = parse(
        event="bounce",
        email="Reader2@example.com",
        timestamp=1760918400,
        sg_event_id="ZXZlbnQ",
        sg_message_id="14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0",
        type="bounce",
        status="5.1.1",
        bounce_classification="Invalid Address",
        reason="550 5.1.1 <Reader2@example.com>: user\0 unknown",
        kawaraban_batch="edition-7.batch-3",
        kawaraban_row="2",
    )

    assert event == ProviderEvent(
        kind=EventKind.BOUNCED,
        event_id="ZXZlbnQ",
        message_id="14c5d75ce93.dfd.64b469",
        batch_key="edition-7.batch-3",
        row_id=2,
        address_digest=digest_address("reader2@example.com"),
        occurred_at=NOW,
        reject_reason=RejectReason.INVALID,
        is_permanent=True,
        diagnostic="550 5.1.1 <(address)>: user unknown",
    )


@pytest.mark.parametrize(
    ("event", "kind", "reason", "is_permanent"),
    [
        ({"event": "processed"}, "queued", None, False),
        ({"event": "deferred", "response": "450 later"}, "deferred", None, False),
        ({"event": "delivered"}, "delivered", None, False),
        ({"event": "open"}, "opened", None, False),
        ({"event": "click"}, "clicked", None, False),
        ({"event": "spamreport"}, "complained", "spam", True),
        ({"event": "unsubscribe"}, "unsubscribed", "unsubscribed", True),
        ({"event": "group_unsubscribe"}, "unsubscribed", "unsubscribed", True),
        ({"event": "group_resubscribe"}, "subscribed", None, False),
        ({"event": "dropped", "reason": "Bounced Address"}, "rejected", "bounced", True),
        ({"event": "dropped", "reason": "Invalid"}, "rejected", "invalid", True),
        ({"event": "dropped", "reason": "Spam Reporting Address"}, "rejected", "spam", True),
        ({"event": "dropped", "reason": "Unsubscribed Address"}, "rejected", "unsubscribed", True),
        ({"event": "dropped", "reason": "Spam Content"}, "rejected", "spam", False),
        ({"event": "dropped", "reason": "Over package quota"}, "rejected", "other", False),
        ({"event": "bounce", "type": "bounce", "status": "5.0.0"}, "bounced", "bounced", True),
        ({"event": "bounce", "type": "bounce", "status": "4.4.7"}, "bounced", "bounced", False),
        ({"event": "bounce", "type": "blocked", "status": "5.7.1"}, "bounced", "blocked", False),
        ({"event": "bounce", "type": "expired"}, "bounced", "timed_out", False),
        (
            {"event": "bounce", "type": "bounce", "bounce_classification": "Reputation"},
            "bounced",
            "blocked",
            False,
        ),
        ({"event": "account_status_change"}, "unknown", None, False),
        ({"event": 7}, "unknown", None, False),
        ({}, "unknown", None, False),
    ],
)
def test_each_of_its_words_has_one_of_ours(
    event: dict[str, Any], kind: str, reason: str | None, is_permanent: bool
) -> None:
    parsed = parse(**event)

    assert (parsed.kind, parsed.reject_reason, parsed.is_permanent) == (kind, reason, is_permanent)


def test_an_event_without_an_id_gets_one_that_stays() -> None:
    first, again = (parse(event="dropped", email="a@example.com") for _ in range(2))

    assert first.event_id == again.event_id != parse(event="dropped").event_id
    assert "@" not in first.event_id


def test_odd_values_are_left_out() -> None:
    event = parse(event="open", timestamp="soon", kawaraban_row="2; DROP", sg_event_id=5)

    assert (event.occurred_at, event.row_id) == (None, None)
    assert len(event.event_id) == 64


@pytest.mark.parametrize("body", [b"", b"7", b"[7]", b"null", b"<html>", b'[{"event":'])
def test_what_is_no_list_of_events_is_told(body: bytes) -> None:
    with pytest.raises(CallbackError):
        parse_events(body)
