"""SendGrid's Event Webhook: its signature, and its words brought to ours.

Sources: SendGrid's pages "Event Webhook Reference" and "Getting Started with the Event Webhook
Security Features"; what is known from elsewhere says so.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from service.errors import CallbackError
from service.model.event import EventKind, ProviderEvent, RejectReason, digest_address
from service.providers.answers import describe, find_text
from service.providers.callbacks import derive_event_id, read_objects, read_row_id, read_time
from service.providers.sendgrid_body import BATCH_ARG, ROW_ARG

_SIGNATURE = "x-twilio-email-event-webhook-signature"
_TIMESTAMP = "x-twilio-email-event-webhook-timestamp"
# Refused callbacks come again for 24 hours, and nothing says that they are signed anew. Within
# this time, that an event is applied once by its id is what stops a replay.
_SIGNED_WITHIN = timedelta(hours=25)
_AHEAD = timedelta(minutes=5)

_KINDS = {
    "processed": EventKind.QUEUED,
    "deferred": EventKind.DEFERRED,
    "delivered": EventKind.DELIVERED,
    "bounce": EventKind.BOUNCED,
    "dropped": EventKind.REJECTED,
    "open": EventKind.OPENED,
    "click": EventKind.CLICKED,
    "spamreport": EventKind.COMPLAINED,
    "unsubscribe": EventKind.UNSUBSCRIBED,
    "group_unsubscribe": EventKind.UNSUBSCRIBED,
    "group_resubscribe": EventKind.SUBSCRIBED,
}
_Verdict = tuple[RejectReason | None, bool]
# Why SendGrid did not even try, and whether it would not the next time either.
_DROPPED: Mapping[str, _Verdict] = {
    "bounced address": (RejectReason.BOUNCED, True),
    "invalid": (RejectReason.INVALID, True),
    "spam reporting address": (RejectReason.SPAM, True),
    "unsubscribed address": (RejectReason.UNSUBSCRIBED, True),
    "spam content": (RejectReason.SPAM, False),
    "expired": (RejectReason.TIMED_OUT, False),
}
# `bounce_classification`: what is the sender's or the server's matter never blames the address.
_CLASSES: Mapping[str, _Verdict] = {
    "invalid address": (RejectReason.INVALID, True),
    "mailbox unavailable": (RejectReason.BOUNCED, False),
    "technical": (RejectReason.OTHER, False),
    "content": (RejectReason.BLOCKED, False),
    "reputation": (RejectReason.BLOCKED, False),
    "frequency or volume too high": (RejectReason.BLOCKED, False),
}
_OTHERS: Mapping[EventKind, _Verdict] = {
    EventKind.COMPLAINED: (RejectReason.SPAM, True),
    EventKind.UNSUBSCRIBED: (RejectReason.UNSUBSCRIBED, True),
}


def check_signature(
    headers: Mapping[str, str], body: bytes, keys: Sequence[str], *, now: datetime
) -> None:
    """Raise CallbackError unless one of `keys` signed the raw `body`, and not too long ago.

    Header names are in lower case; a key is what SendGrid shows as "verification key" (base64);
    several are accepted while one is replaced by the next. No key lets nobody in.
    """
    timestamp = headers.get(_TIMESTAMP, "")
    signed_at = read_time(timestamp) if re.fullmatch(r"[0-9]{1,12}", timestamp) else None
    if signed_at is None or not now - _SIGNED_WITHIN <= signed_at <= now + _AHEAD:
        raise CallbackError("the callback does not say when it was signed, or that was long ago")
    try:
        signature = base64.b64decode(headers.get(_SIGNATURE, ""), validate=True)
    except (binascii.Error, ValueError) as error:
        raise CallbackError("the callback's signature is no base64") from error
    if not any(_is_signed(timestamp.encode() + body, signature, key) for key in keys):
        raise CallbackError("the callback was not signed by SendGrid with a key we know")


def _is_signed(message: bytes, signature: bytes, key: str) -> bool:
    """ECDSA over P-256 with SHA-256; a key that is none of this curve signed nothing."""
    try:
        public_key = load_der_public_key(base64.b64decode(key, validate=True))
        if not isinstance(public_key, EllipticCurvePublicKey):
            return False
        if not isinstance(public_key.curve, SECP256R1):
            return False
        public_key.verify(signature, message, ECDSA(SHA256()))
    except (ValueError, UnsupportedAlgorithm, InvalidSignature):
        return False
    return True


def parse_events(body: bytes) -> tuple[ProviderEvent, ...]:
    """Return what SendGrid reports, in its order; raises CallbackError where it is no report."""
    return tuple(_parse_event(one) for one in read_objects(body))


def _parse_event(event: dict[str, Any]) -> ProviderEvent:
    kind = _KINDS.get(find_text(event, "event"), EventKind.UNKNOWN)
    reason, is_permanent = _judge(kind, event)
    address = find_text(event, "email")
    words = find_text(event, "response") or find_text(event, "reason")
    return ProviderEvent(
        kind=kind,
        event_id=find_text(event, "sg_event_id") or derive_event_id(sorted(event.items())),
        # The id of the whole call, then that of the machine that took the mail on.
        message_id=re.split(r"\.(?:filter|recvd)", find_text(event, "sg_message_id"))[0],
        batch_key=find_text(event, BATCH_ARG),
        row_id=read_row_id(event.get(ROW_ARG)),
        address_digest=digest_address(address) if address else "",
        occurred_at=read_time(event.get("timestamp")),
        reject_reason=reason,
        is_permanent=is_permanent,
        diagnostic=describe(words),
    )


def _judge(kind: EventKind, event: dict[str, Any]) -> _Verdict:
    if kind is EventKind.REJECTED:
        reason = find_text(event, "reason").lower()
        return _DROPPED.get(reason, (RejectReason.OTHER, False))
    if kind is EventKind.BOUNCED:
        return _judge_bounce(event)
    return _OTHERS.get(kind, (None, False))


def _judge_bounce(event: dict[str, Any]) -> _Verdict:
    how, status = find_text(event, "type"), find_text(event, "status")
    if how == "expired":
        return RejectReason.TIMED_OUT, False
    # Blocked: turned away for now, or for what it was; SendGrid itself goes on to send there.
    unclassified = RejectReason.BLOCKED if how == "blocked" else RejectReason.BOUNCED
    name = find_text(event, "bounce_classification").lower()
    reason, is_permanent = _CLASSES.get(name, (unclassified, True))
    return reason, is_permanent and how != "blocked" and not status.startswith("4")
