"""Brevo's transactional webhook: its secret, and its words brought to ours.

Sources: Brevo's pages "Transactional webhooks", "Batched webhooks" and "Secure webhook calls";
what is known from elsewhere says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from service.model.event import EventKind, ProviderEvent, RejectReason, digest_address
from service.providers.answers import describe, find_text, parse_json
from service.providers.brevo_body import CUSTOM_HEADER
from service.providers.callbacks import (
    check_password,
    derive_event_id,
    read_objects,
    read_row_id,
    read_time,
)

_Meaning = tuple[EventKind, RejectReason | None, bool]
_OPENED: _Meaning = (EventKind.OPENED, None, False)
_UNSUBSCRIBED: _Meaning = (EventKind.UNSUBSCRIBED, RejectReason.UNSUBSCRIBED, True)
# "request" may come although the mail is then blocked (found by django-anymail). A block is Brevo's
# own decision and may be the account's fault, so it does not end the address.
_MEANINGS: Mapping[str, _Meaning] = {
    "request": (EventKind.QUEUED, None, False),
    "sent": (EventKind.QUEUED, None, False),
    "delivered": (EventKind.DELIVERED, None, False),
    "deferred": (EventKind.DEFERRED, None, False),
    "soft_bounce": (EventKind.BOUNCED, RejectReason.BOUNCED, False),
    "hard_bounce": (EventKind.BOUNCED, RejectReason.BOUNCED, True),
    "invalid_email": (EventKind.BOUNCED, RejectReason.INVALID, True),
    "blocked": (EventKind.REJECTED, RejectReason.BLOCKED, False),
    "error": (EventKind.FAILED, RejectReason.OTHER, False),
    "spam": (EventKind.COMPLAINED, RejectReason.SPAM, True),
    "unsubscribe": _UNSUBSCRIBED,
    "unsubscribed": _UNSUBSCRIBED,
    "opened": _OPENED,
    "unique_opened": _OPENED,
    "proxy_open": _OPENED,
    "unique_proxy_open": _OPENED,
    "click": (EventKind.CLICKED, None, False),
}


def check_signature(
    headers: Mapping[str, str],
    body: bytes,  # noqa: ARG001
    secrets: Sequence[str],
    *,
    now: datetime,  # noqa: ARG001
) -> None:
    """Raise CallbackError unless the token, or the `user:password`, of `secrets` is given.

    Brevo signs nothing: it sends what was given to it.
    """
    check_password(headers, secrets)


def parse_events(body: bytes) -> tuple[ProviderEvent, ...]:
    """Return what Brevo reports, one event or a batch; raises CallbackError for anything else."""
    return tuple(_parse_event(one) for one in read_objects(body))


def _parse_event(event: dict[str, Any]) -> ProviderEvent:
    name, address = find_text(event, "event"), find_text(event, "email")
    kind, reason, is_permanent = _MEANINGS.get(name, (EventKind.UNKNOWN, None, False))
    message_id, stamp = find_text(event, "message-id"), event.get("ts_epoch", event.get("ts_event"))
    ours = parse_json(find_text(event, CUSTOM_HEADER).encode("utf-8", "replace"))
    return ProviderEvent(
        kind=kind,
        # It gives none (found by django-anymail): `id` is the webhook's.
        event_id=derive_event_id(name, message_id, address, stamp, event.get("link")),
        message_id=message_id,
        batch_key=find_text(ours, "batch"),
        row_id=read_row_id(ours.get("row")) if isinstance(ours, dict) else None,
        address_digest=digest_address(address) if address else "",
        occurred_at=_read_occurred(event),
        reject_reason=reason,
        is_permanent=is_permanent,
        diagnostic=describe(find_text(event, "reason")),
    )


def _read_occurred(event: dict[str, Any]) -> datetime | None:
    """Of its four times `ts_epoch` is always UTC, `ts_event` is said to be, the others are not."""
    return read_time(event.get("ts_epoch"), per_second=1_000) or read_time(event.get("ts_event"))
