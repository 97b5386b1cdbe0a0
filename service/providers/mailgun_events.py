"""Mailgun's webhooks: the signature inside the body, and its words brought to ours.

Sources: Mailgun's pages "Securing webhooks", "Webhook payloads" and "Event structure"; what is
known from elsewhere says so.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from service.errors import CallbackError
from service.model.event import EventKind, ProviderEvent, RejectReason, digest_address
from service.providers.answers import describe, find_text
from service.providers.callbacks import read_objects, read_row_id, read_time
from service.providers.mailgun_form import BATCH_VARIABLE, ROW_VARIABLE

# A refused callback is repeated for eight hours, and nothing says that it is signed anew. Within
# this time the token stops a replay: it is the event's id, and each is applied once.
_SIGNED_WITHIN = timedelta(hours=25)
_AHEAD = timedelta(minutes=5)
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_TOKEN = re.compile(r"[0-9A-Za-z]{20,100}")

_KINDS = {
    "accepted": EventKind.QUEUED,
    "delivered": EventKind.DELIVERED,
    "rejected": EventKind.REJECTED,
    "opened": EventKind.OPENED,
    "clicked": EventKind.CLICKED,
    "complained": EventKind.COMPLAINED,
    "unsubscribed": EventKind.UNSUBSCRIBED,
}
_Verdict = tuple[RejectReason | None, bool]
_OTHERS: Mapping[EventKind, _Verdict] = {
    EventKind.COMPLAINED: (RejectReason.SPAM, True),
    EventKind.UNSUBSCRIBED: (RejectReason.UNSUBSCRIBED, True),
    EventKind.REJECTED: (RejectReason.OTHER, False),
}
# `reason` of a permanent failure; the page shows them in examples without a list of all.
_REASONS: Mapping[str, _Verdict] = {
    "bounce": (RejectReason.BOUNCED, True),
    "suppress-bounce": (RejectReason.BOUNCED, True),
    "suppress-complaint": (RejectReason.SPAM, True),
    "suppress-unsubscribe": (RejectReason.UNSUBSCRIBED, True),
    "old": (RejectReason.TIMED_OUT, False),
    "espblock": (RejectReason.BLOCKED, False),
}


def check_signature(
    headers: Mapping[str, str],  # noqa: ARG001
    body: bytes,
    secrets: Sequence[str],
    *,
    now: datetime,
) -> None:
    """Raise CallbackError unless one of `secrets` signed the token in `body`, and not long ago.

    A secret is the "HTTP webhook signing key", which is not the API key. The rest of the body is
    not signed: whoever has a token that was never used could say anything with it.
    """
    signature = _read_callback(body).get("signature")
    timestamp, token = find_text(signature, "timestamp"), find_text(signature, "token")
    if not (_TIMESTAMP.fullmatch(timestamp) and _TOKEN.fullmatch(token)):
        raise CallbackError("the callback is not signed as Mailgun signs")
    signed_at = read_time(timestamp)
    if signed_at is None or not now - _SIGNED_WITHIN <= signed_at <= now + _AHEAD:
        raise CallbackError("the callback was signed long ago, or will be")
    given = find_text(signature, "signature").encode("utf-8", "replace")
    if not any(_is_signed(given, timestamp + token, secret) for secret in secrets if secret):
        raise CallbackError("the callback was not signed by Mailgun with a key we know")


def parse_events(body: bytes) -> tuple[ProviderEvent, ...]:
    """Return the one event that Mailgun reports; raises CallbackError where there is none."""
    callback = _read_callback(body)
    event = callback.get("event-data")
    if not isinstance(event, dict):
        raise CallbackError("the callback holds no event")
    return (_parse_event(event, find_text(callback.get("signature"), "token")),)


def _is_signed(given: bytes, message: str, secret: str) -> bool:
    expected = hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(given, expected.encode())


def _read_callback(body: bytes) -> dict[str, Any]:
    objects = read_objects(body)
    if len(objects) != 1:
        raise CallbackError("the callback is not one JSON object")
    return objects[0]


def _parse_event(event: dict[str, Any], token: str) -> ProviderEvent:
    kind, (reason, is_permanent) = _judge(event)
    address, variables = find_text(event, "recipient"), event.get("user-variables")
    ours = variables if isinstance(variables, dict) else {}
    return ProviderEvent(
        kind=kind,
        # The event's own id is unique within a day only; the token is what must not come twice.
        event_id=token,
        message_id=_find_message_id(event),
        batch_key=find_text(ours, BATCH_VARIABLE),
        row_id=read_row_id(ours.get(ROW_VARIABLE)),
        address_digest=digest_address(address) if address else "",
        occurred_at=read_time(event.get("timestamp")),
        reject_reason=reason,
        is_permanent=is_permanent,
        diagnostic=_find_diagnostic(event),
    )


def _judge(event: dict[str, Any]) -> tuple[EventKind, _Verdict]:
    name = find_text(event, "event")
    if name != "failed":
        kind = _KINDS.get(name, EventKind.UNKNOWN)
        return kind, _OTHERS.get(kind, (None, False))
    if find_text(event, "severity") != "permanent":
        # It goes on trying (found by django-anymail).
        return EventKind.DEFERRED, (None, False)
    reason = find_text(event, "reason")
    kind = EventKind.REJECTED if reason.startswith("suppress-") else EventKind.BOUNCED
    return kind, _REASONS.get(reason, (RejectReason.OTHER, False))


def _find_message_id(event: dict[str, Any]) -> str:
    """The id in the angle brackets that the answer to the call put around it."""
    message = event.get("message")
    headers = message.get("headers") if isinstance(message, dict) else None
    bare = find_text(headers, "message-id").strip("<>")
    return f"<{bare}>" if bare else ""


def _find_diagnostic(event: dict[str, Any]) -> str:
    status = event.get("delivery-status")
    if not isinstance(status, dict):
        return ""
    words = (
        str(status.get("code", "")),
        find_text(status, "enhanced-code"),
        find_text(status, "message") or find_text(status, "description"),
    )
    return describe(" ".join(filter(None, words)))
