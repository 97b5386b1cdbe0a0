"""What a provider says later about a mail: its words brought to one vocabulary (anymail's)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EventKind(StrEnum):
    """What happened to a mail."""

    QUEUED = "queued"
    SENT = "sent"
    REJECTED = "rejected"
    FAILED = "failed"
    BOUNCED = "bounced"
    DEFERRED = "deferred"
    DELIVERED = "delivered"
    AUTORESPONDED = "autoresponded"
    OPENED = "opened"
    CLICKED = "clicked"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"
    SUBSCRIBED = "subscribed"
    UNKNOWN = "unknown"


class RejectReason(StrEnum):
    """Why a mail was rejected or came back."""

    INVALID = "invalid"
    BOUNCED = "bounced"
    TIMED_OUT = "timed_out"
    BLOCKED = "blocked"
    SPAM = "spam"
    UNSUBSCRIBED = "unsubscribed"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """One thing that a provider reports of one mail to one reader; holds no address.

    `event_id` is the same whenever the provider reports it again: its own id, or derived from
    what it says. `batch_key` and `row_id` are ours, where the provider hands them back;
    `message_id` is the provider's. `address_digest` (see digest_address) tells a batch's readers
    apart. `is_permanent`: trying again would fail too. `diagnostic` is the receiving server's
    or provider's own word without addresses. `occurred_at` is aware UTC, None where not told.
    """

    kind: EventKind
    event_id: str
    message_id: str = ""
    batch_key: str = ""
    row_id: int | None = None
    address_digest: str = ""
    occurred_at: datetime | None = None
    reject_reason: RejectReason | None = None
    is_permanent: bool = False
    diagnostic: str = ""


def digest_address(address: str) -> str:
    """Return what stands for an address in a ProviderEvent: the sha256 of its lower case."""
    return hashlib.sha256(address.strip().lower().encode("utf-8", "replace")).hexdigest()
