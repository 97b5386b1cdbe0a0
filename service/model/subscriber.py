"""Readers by mail: who they are, what they chose, and who must not be written to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from service.model.newsletter import Cadence


class SubscriptionState(StrEnum):
    """Where one reader's subscription to one newsletter stands."""

    PENDING = "pending"
    ACTIVE = "active"
    UNSUBSCRIBED = "unsubscribed"


class SuppressionReason(StrEnum):
    """Why an address must not be written to, for any newsletter."""

    HARD_BOUNCE = "hard_bounce"
    SOFT_BOUNCES = "soft_bounces"
    COMPLAINT = "complaint"
    MANUAL = "manual"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Consent:
    """How a reader came to be subscribed: the form and its exact text, or the import's name."""

    source: str
    text: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A reader; `address` is normalised (lower case, IDNA) and None once erased."""

    subscriber_id: int
    address: str | None
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Subscription:
    """One reader's choice for one newsletter.

    `topics` empty means everything. `send_hour` and `timezone` None mean the publication's.
    `served_through` is the highest news number this reader has been served.
    """

    subscription_id: int
    subscriber_id: int
    newsletter_id: str
    state: SubscriptionState
    cadence: Cadence
    topics: tuple[str, ...]
    language: str
    send_hour: int | None
    timezone: str | None
    served_through: int
    created_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None
