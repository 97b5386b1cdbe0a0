"""Postmark's webhooks: the password in their address, and their words brought to ours.

Sources: Postmark's pages "Webhooks overview", "Bounce webhook", "Delivery webhook", "Spam
complaint webhook", "Subscription change webhook" and "Bounce API", whose table has the types; what
is known from elsewhere says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from service.model.event import EventKind, ProviderEvent, RejectReason, digest_address
from service.providers.answers import describe, find_text
from service.providers.callbacks import (
    check_password,
    derive_event_id,
    read_instant,
    read_objects,
    read_row_id,
)

_Meaning = tuple[EventKind, RejectReason | None, bool]
_UNKNOWN: _Meaning = (EventKind.UNKNOWN, None, False)
_AUTORESPONDED: _Meaning = (EventKind.AUTORESPONDED, None, False)
_DEFERRED: _Meaning = (EventKind.DEFERRED, None, False)
_COMPLAINED: _Meaning = (EventKind.COMPLAINED, RejectReason.SPAM, True)
_UNSUBSCRIBED: _Meaning = (EventKind.UNSUBSCRIBED, RejectReason.UNSUBSCRIBED, True)

_RECORDS: Mapping[str, _Meaning] = {
    "Delivery": (EventKind.DELIVERED, None, False),
    "SpamComplaint": _COMPLAINED,
    "Open": (EventKind.OPENED, None, False),
    "Click": (EventKind.CLICKED, None, False),
}
# `Type` of a bounce. "Blocked", "DMARCPolicy" and "SpamNotification" are about us and our mail: a
# filter said so, no reader. "Transient" and "DnsError" are still being tried.
_BOUNCES: Mapping[str, _Meaning] = {
    "HardBounce": (EventKind.BOUNCED, RejectReason.BOUNCED, True),
    "BadEmailAddress": (EventKind.REJECTED, RejectReason.INVALID, True),
    "SoftBounce": (EventKind.BOUNCED, RejectReason.BOUNCED, False),
    "Transient": _DEFERRED,
    "DnsError": _DEFERRED,
    "Undeliverable": (EventKind.BOUNCED, RejectReason.OTHER, False),
    "Blocked": (EventKind.BOUNCED, RejectReason.BLOCKED, False),
    "DMARCPolicy": (EventKind.BOUNCED, RejectReason.BLOCKED, False),
    "SpamNotification": (EventKind.BOUNCED, RejectReason.BLOCKED, False),
    "VirusNotification": (EventKind.BOUNCED, RejectReason.BLOCKED, False),
    "ManuallyDeactivated": (EventKind.REJECTED, RejectReason.BLOCKED, False),
    "Unconfirmed": (EventKind.REJECTED, RejectReason.OTHER, False),
    "SMTPApiError": (EventKind.FAILED, RejectReason.OTHER, False),
    "TemplateRenderingFailed": (EventKind.FAILED, RejectReason.OTHER, False),
    "SpamComplaint": _COMPLAINED,
    "Unsubscribe": _UNSUBSCRIBED,
    "Subscribe": (EventKind.SUBSCRIBED, None, False),
    "AutoResponder": _AUTORESPONDED,
    "AddressChange": _AUTORESPONDED,
    "ChallengeVerification": _AUTORESPONDED,
}
# `SuppressionReason` of an address that the stream no longer writes to.
_SUPPRESSIONS: Mapping[str, _Meaning] = {
    "HardBounce": (EventKind.BOUNCED, RejectReason.BOUNCED, True),
    "SpamComplaint": _COMPLAINED,
    "ManualSuppression": _UNSUBSCRIBED,
}
_TIMES = ("DeliveredAt", "BouncedAt", "ChangedAt", "ReceivedAt")


def check_signature(
    headers: Mapping[str, str],
    body: bytes,  # noqa: ARG001
    secrets: Sequence[str],
    *,
    now: datetime,  # noqa: ARG001
) -> None:
    """Raise CallbackError unless a `user:password` of `secrets` is given; nothing is signed."""
    check_password(headers, secrets)


def parse_events(body: bytes) -> tuple[ProviderEvent, ...]:
    """Return the event that Postmark reports; raises CallbackError where it is no report."""
    return tuple(_parse_event(one) for one in read_objects(body))


def _parse_event(event: dict[str, Any]) -> ProviderEvent:
    kind, reason, is_permanent = _judge(event)
    metadata, message_id = event.get("Metadata"), find_text(event, "MessageID")
    address = find_text(event, "Email") or find_text(event, "Recipient")
    when = next(filter(None, (find_text(event, name) for name in _TIMES)), "")
    # Only bounces and complaints have an id, unique among their like.
    id_ = event.get("ID")
    return ProviderEvent(
        kind=kind,
        event_id=derive_event_id(find_text(event, "RecordType"), id_, message_id, address, when),
        message_id=message_id,
        batch_key=find_text(metadata, "batch"),
        row_id=read_row_id(metadata.get("row")) if isinstance(metadata, dict) else None,
        address_digest=digest_address(address) if address else "",
        occurred_at=read_instant(when),
        reject_reason=reason,
        is_permanent=is_permanent,
        diagnostic=describe(find_text(event, "Details") or find_text(event, "Description")),
    )


def _judge(event: dict[str, Any]) -> _Meaning:
    record = find_text(event, "RecordType")
    if record == "Bounce":
        return _BOUNCES.get(find_text(event, "Type"), _UNKNOWN)
    if record == "SubscriptionChange":
        if event.get("SuppressSending") is not True:
            return EventKind.SUBSCRIBED, None, False
        return _SUPPRESSIONS.get(find_text(event, "SuppressionReason"), _UNSUBSCRIBED)
    return _RECORDS.get(record, _UNKNOWN)
