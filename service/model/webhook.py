"""Webhooks: services elsewhere that want to be told what happens, and what they are told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit


class WebhookEvent(StrEnum):
    """What a service may be told of."""

    POST_PUBLISHED = "post.published"
    EDITION_DRAFTED = "edition.drafted"
    EDITION_SENT = "edition.sent"
    SUBSCRIBER_CONFIRMED = "subscriber.confirmed"
    SUBSCRIBER_LEFT = "subscriber.left"
    DELIVERY_UNKNOWN = "delivery.unknown"
    TEST = "webhook.test"


WEBHOOK_EVENTS = tuple(one for one in WebhookEvent if one is not WebhookEvent.TEST)
"""Those that an endpoint may want; a test is sent to it by hand."""


class LeftFor(StrEnum):
    """Why a reader gets a newsletter no more."""

    UNSUBSCRIBED = "unsubscribed"
    COMPLAINT = "complaint"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class WebhookKey:
    """What the secret of a webhook is made of, beside the key of that name."""

    key_id: str
    salt: str


@dataclass(frozen=True, slots=True)
class Webhook:
    """A service that is told of `events` at `url`.

    `is_private` ones may be in our own network, and without TLS. `former` signs as well for a day
    from `rotated_at`. A stopped one is told nothing; `stopped_for` says why, without any address.
    """

    webhook_id: int
    url: str = field(repr=False)
    events: tuple[WebhookEvent, ...]
    is_private: bool
    key: WebhookKey
    created_at: datetime
    created_by: str
    former: WebhookKey | None = None
    rotated_at: datetime | None = None
    failing_since_at: datetime | None = None
    stopped_at: datetime | None = None
    stopped_for: str = ""

    @property
    def host(self) -> str:
        """What may be said of its address: the rest of it may be as good as a password."""
        return urlsplit(self.url).hostname or ""


class MessageState(StrEnum):
    """What became of a message."""

    WAITING = "waiting"
    TOLD = "told"
    GIVEN_UP = "given up"


@dataclass(frozen=True, slots=True)
class WebhookMessage:
    """One thing that one webhook is told; `uid` is the same at each try, and names it there.

    `due_at` is when it is tried next, None for at once or never. `attempt` counts the tries begun.
    `status` and `failure` are of the last answer, None and "" before there was one. `body` is JSON
    without any address: whose it is, is looked up when it leaves.
    """

    message_id: int
    webhook_id: int
    uid: str
    event: WebhookEvent
    body: str = field(repr=False)
    created_at: datetime
    due_at: datetime | None = None
    attempt: int = 0
    told_at: datetime | None = None
    given_up_at: datetime | None = None
    status: int | None = None
    failure: str = ""

    @property
    def state(self) -> MessageState:
        """What became of it."""
        if self.told_at is not None:
            return MessageState.TOLD
        return MessageState.WAITING if self.given_up_at is None else MessageState.GIVEN_UP
