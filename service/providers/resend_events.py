"""Resend's webhooks: the headers of Svix that sign them, and their words brought to ours.

Sources: Resend's published OpenAPI (its webhooks); its pages "Event types", "email.bounced" and
"Verify webhook requests"; Svix' page "Verifying webhooks manually"; what is known from elsewhere
says so.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from service.errors import CallbackError
from service.model.event import EventKind, ProviderEvent, RejectReason, digest_address
from service.providers.answers import describe, find_text
from service.providers.callbacks import (
    derive_event_id,
    read_instant,
    read_objects,
    read_row_id,
    read_time,
)

# The timestamp is made anew for every attempt (found by django-anymail); Svix' own libraries take
# five minutes in both directions.
_SIGNED_WITHIN = timedelta(minutes=5)
_PREFIX = "whsec_"

_Meaning = tuple[EventKind, RejectReason | None, bool]
_MEANINGS: Mapping[str, _Meaning] = {
    "email.scheduled": (EventKind.QUEUED, None, False),
    "email.sent": (EventKind.SENT, None, False),
    "email.delivered": (EventKind.DELIVERED, None, False),
    "email.delivery_delayed": (EventKind.DEFERRED, None, False),
    "email.failed": (EventKind.FAILED, RejectReason.OTHER, False),
    "email.suppressed": (EventKind.REJECTED, RejectReason.BLOCKED, False),
    "email.complained": (EventKind.COMPLAINED, RejectReason.SPAM, True),
    "email.opened": (EventKind.OPENED, None, False),
    "email.clicked": (EventKind.CLICKED, None, False),
}
# `suppressed.reason`: why Resend did not even try.
_SUPPRESSED: Mapping[str, _Meaning] = {
    "previous_bounce": (EventKind.REJECTED, RejectReason.BOUNCED, True),
    "previous_complaint": (EventKind.REJECTED, RejectReason.SPAM, True),
}
_REFUSED_CONTENT = {"contentrejected", "attachmentrejected", "messagetoolarge"}


def check_signature(
    headers: Mapping[str, str], body: bytes, secrets: Sequence[str], *, now: datetime
) -> None:
    """Raise CallbackError unless one of `secrets` signed the raw `body`, minutes ago at the most.

    A secret is what Resend shows as "signing secret", whsec_ and base64.
    """
    message_id, timestamp = headers.get("svix-id", ""), headers.get("svix-timestamp", "")
    signed_at = read_time(timestamp) if re.fullmatch(r"[0-9]{1,12}", timestamp) else None
    if not message_id or signed_at is None or abs(now - signed_at) > _SIGNED_WITHIN:
        raise CallbackError("the callback does not say when it was signed, or that was long ago")
    given = [
        signature.encode()
        for version, _, signature in (
            one.partition(",") for one in headers.get("svix-signature", "").split()
        )
        if version == "v1"
    ]
    message = f"{message_id}.{timestamp}.".encode() + body
    expected = [_sign(message, key) for secret in secrets if (key := _read_secret(secret))]
    if not any(hmac.compare_digest(one, other) for one in given for other in expected):
        raise CallbackError("the callback was not signed by Resend with a secret we know")


def parse_events(body: bytes) -> tuple[ProviderEvent, ...]:
    """Return the event that Resend reports; raises CallbackError where it is no report."""
    return tuple(_parse_event(one) for one in read_objects(body))


def _read_secret(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _sign(message: bytes, key: bytes) -> bytes:
    return base64.b64encode(hmac.digest(key, message, hashlib.sha256))


def _parse_event(event: dict[str, Any]) -> ProviderEvent:
    name, created_at = find_text(event, "type"), find_text(event, "created_at")
    found = event.get("data")
    data: dict[str, Any] = found if isinstance(found, dict) else {}
    kind, reason, is_permanent = _judge(name, data)
    message_id, tags = find_text(data, "email_id"), _read_tags(data.get("tags"))
    address = _find_address(data)
    return ProviderEvent(
        kind=kind,
        # `created_at` beside the type is the event's own (found by django-anymail).
        event_id=derive_event_id(name, message_id, created_at, address, _find_link(data)),
        message_id=message_id,
        batch_key=tags.get("batch", ""),
        row_id=read_row_id(tags.get("row")),
        address_digest=digest_address(address) if address else "",
        occurred_at=read_instant(created_at),
        reject_reason=reason,
        is_permanent=is_permanent,
        diagnostic=_find_diagnostic(data),
    )


def _judge(name: str, data: dict[str, Any]) -> _Meaning:
    if name == "email.suppressed":
        reason = find_text(data.get("suppressed"), "reason")
        return _SUPPRESSED.get(reason, _MEANINGS[name])
    if name != "email.bounced":
        return _MEANINGS.get(name, (EventKind.UNKNOWN, None, False))
    bounce = data.get("bounce")
    how = find_text(bounce, "type").lower()
    what = find_text(bounce, "subType").lower()
    if what in _REFUSED_CONTENT:
        return EventKind.BOUNCED, RejectReason.BLOCKED, False
    if "suppress" in what:
        # It was on their list already, and nothing says for what.
        return EventKind.REJECTED, RejectReason.BLOCKED, False
    # "Permanently rejected", says the page; older callbacks tell no type.
    return EventKind.BOUNCED, RejectReason.BOUNCED, how in ("permanent", "")


def _read_tags(tags: object) -> dict[str, str]:
    """Resend hands tags back as an object; a list of names and values is how they were sent."""
    if isinstance(tags, dict):
        return {name: value for name, value in tags.items() if isinstance(value, str)}
    pairs = tags if isinstance(tags, list) else []
    return {find_text(one, "name"): find_text(one, "value") for one in pairs}


def _find_address(data: dict[str, Any]) -> str:
    to = data.get("to")
    first = to[0] if isinstance(to, list) and to else to
    return first if isinstance(first, str) else ""


def _find_link(data: dict[str, Any]) -> str:
    return find_text(data.get("click"), "link")


def _find_diagnostic(data: dict[str, Any]) -> str:
    bounce = data.get("bounce") or data.get("suppressed")
    codes = bounce.get("diagnosticCode") if isinstance(bounce, dict) else None
    words = [one for one in codes if isinstance(one, str)] if isinstance(codes, list) else []
    return describe(" ".join([*words, find_text(bounce, "message")]))
