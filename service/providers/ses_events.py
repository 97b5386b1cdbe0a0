"""Amazon SES's events, as SNS delivers them, brought to our words.

Sources: the developer guide's pages "Contents of event data that Amazon SES publishes to Amazon
SNS", its examples, and "Contents of notifications" (the same under `notificationType`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from service.errors import CallbackError
from service.model.event import EventKind, ProviderEvent, RejectReason, digest_address
from service.providers.answers import describe, find_text, parse_json
from service.providers.callbacks import read_row_id
from service.providers.ses_body import BATCH_TAG, ROW_TAG, decode_tag
from service.providers.sns import NOTIFICATION, read_message

_Meaning = tuple[EventKind, RejectReason | None, bool]
_Json = Mapping[str, Any]

# By eventType; where the particulars stand, and what they are called for each reader.
_PARTS = {
    "Bounce": ("bounce", "bouncedRecipients"),
    "Complaint": ("complaint", "complainedRecipients"),
    "Delivery": ("delivery", "recipients"),
    "DeliveryDelay": ("deliveryDelay", "delayedRecipients"),
    "Open": ("open", ""),
    "Click": ("click", ""),
    "Reject": ("reject", ""),
    "Rendering Failure": ("failure", ""),
    "Send": ("send", ""),
}
_MEANINGS: Mapping[str, _Meaning] = {
    "Delivery": (EventKind.DELIVERED, None, False),
    "DeliveryDelay": (EventKind.DEFERRED, None, False),
    "Open": (EventKind.OPENED, None, False),
    "Click": (EventKind.CLICKED, None, False),
    # A virus in the mail: nothing about the reader.
    "Reject": (EventKind.REJECTED, RejectReason.BLOCKED, False),
    "Rendering Failure": (EventKind.FAILED, RejectReason.OTHER, False),
    "Send": (EventKind.QUEUED, None, False),
}
_SOFT: _Meaning = (EventKind.BOUNCED, RejectReason.BOUNCED, False)
_BLOCKED: _Meaning = (EventKind.BOUNCED, RejectReason.BLOCKED, False)
# Bounces by type and subtype. Suppressed and its kin: SES did not even try.
_BOUNCES: Mapping[tuple[str, str], _Meaning] = {
    ("Permanent", "General"): (EventKind.BOUNCED, RejectReason.BOUNCED, True),
    ("Permanent", "NoEmail"): (EventKind.BOUNCED, RejectReason.INVALID, True),
    ("Permanent", "Suppressed"): (EventKind.REJECTED, RejectReason.BOUNCED, True),
    ("Permanent", "OnAccountSuppressionList"): (EventKind.REJECTED, RejectReason.BOUNCED, True),
    ("Permanent", "UnsubscribedRecipient"): (EventKind.REJECTED, RejectReason.UNSUBSCRIBED, True),
    ("Transient", "General"): _SOFT,
    ("Transient", "MailboxFull"): _SOFT,
    ("Transient", "MessageTooLarge"): _BLOCKED,
    ("Transient", "ContentRejected"): _BLOCKED,
    ("Transient", "AttachmentRejected"): _BLOCKED,
    ("Transient", "CustomTimeoutExceeded"): (EventKind.BOUNCED, RejectReason.TIMED_OUT, False),
}
_OTHER_BOUNCE: _Meaning = (EventKind.BOUNCED, RejectReason.OTHER, False)
_COMPLAINED: _Meaning = (EventKind.COMPLAINED, RejectReason.SPAM, True)
_COMPLAINED_BEFORE: _Meaning = (EventKind.REJECTED, RejectReason.SPAM, True)
# complaintFeedbackType (RFC 5965, 7.3) that is no complaint of the reader about the mail.
_NO_COMPLAINTS = {"not-spam", "auth-failure"}
_UNKNOWN: _Meaning = (EventKind.UNKNOWN, None, False)
# SES says so, without JSON, when a topic is set up.
_SET_UP = "Successfully validated SNS topic"


def parse_events(body: bytes) -> tuple[ProviderEvent, ...]:
    """Return what a message of SNS reports, reader by reader; confirmations report nothing.

    Raises CallbackError where there is no event of SES in it.
    """
    message = read_message(body)
    if message.kind != NOTIFICATION or message.text.startswith(_SET_UP):
        return ()
    event = parse_json(message.text.encode("utf-8", "replace"))
    if not isinstance(event, dict) or not isinstance(event.get("mail"), dict):
        raise CallbackError("the message of SNS holds no event of SES")
    readers = _list_readers(event)
    return tuple(
        _parse_event(event, reader, f"{message.message_id}:{number}")
        for number, reader in enumerate(readers)
    )


def _list_readers(event: _Json) -> list[_Json]:
    """Return each reader with what is told of them; the address stands under emailAddress."""
    _, name = _PARTS.get(_find_kind(event), ("", ""))
    listed = _find_part(event).get(name) or event["mail"].get("destination")
    readers = listed if isinstance(listed, list) else []
    return [one if isinstance(one, dict) else {"emailAddress": one} for one in readers] or [{}]


def _parse_event(event: _Json, reader: _Json, event_id: str) -> ProviderEvent:
    mail, part = event["mail"], _find_part(event)
    kind, reason, is_permanent = _judge(event, reader)
    tags = mail.get("tags")
    address = find_text(reader, "emailAddress")
    return ProviderEvent(
        kind=kind,
        event_id=event_id,
        message_id=find_text(mail, "messageId"),
        batch_key=decode_tag(_find_tag(tags, BATCH_TAG)),
        row_id=read_row_id(_find_tag(tags, ROW_TAG)),
        address_digest=digest_address(address) if address else "",
        occurred_at=_read_time(part) or _read_time(mail),
        reject_reason=reason,
        is_permanent=is_permanent,
        diagnostic=describe(_find_words(part, reader)),
    )


def _find_kind(event: _Json) -> str:
    return find_text(event, "eventType") or find_text(event, "notificationType")


def _find_part(event: _Json) -> _Json:
    name, _ = _PARTS.get(_find_kind(event), ("", ""))
    part = event.get(name)
    return part if isinstance(part, dict) else {}


def _judge(event: _Json, reader: _Json) -> _Meaning:
    kind, part = _find_kind(event), _find_part(event)
    if kind == "Bounce":
        named = (find_text(part, "bounceType"), find_text(part, "bounceSubType"))
        # X.7 is policy (RFC 3463), which never blames the address.
        if named[0] == "Permanent" and find_text(reader, "status").startswith("5.7."):
            return _BLOCKED
        return _BOUNCES.get(named, _OTHER_BOUNCE)
    if kind == "Complaint":
        if find_text(part, "complaintFeedbackType") in _NO_COMPLAINTS:
            return _UNKNOWN
        is_old = find_text(part, "complaintSubType") == "OnAccountSuppressionList"
        return _COMPLAINED_BEFORE if is_old else _COMPLAINED
    return _MEANINGS.get(kind, _UNKNOWN)


def _find_tag(tags: object, name: str) -> str:
    values = tags.get(name) if isinstance(tags, dict) else None
    return values[0] if isinstance(values, list) and values and isinstance(values[0], str) else ""


def _read_time(part: _Json) -> datetime | None:
    try:
        said_at = datetime.fromisoformat(find_text(part, "timestamp"))
    except ValueError:
        return None
    return said_at.astimezone(UTC) if said_at.tzinfo else None


def _find_words(part: _Json, reader: _Json) -> str:
    words = (
        find_text(part, "smtpResponse"),
        find_text(reader, "diagnosticCode") or find_text(reader, "status"),
        find_text(part, "complaintFeedbackType"),
        find_text(part, "reason") or find_text(part, "errorMessage"),
        find_text(part, "delayType"),
    )
    return next(filter(None, words), "")
