"""Services that are told what happens here."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from starlette.requests import Request

from service.audience.tokens import KeyRing
from service.model.editor import Scope
from service.model.webhook import MessageState, WebhookEvent
from service.web.api.api import Api
from service.web.api.fields import Asked, AskedYes, Moment, Number, Shown
from service.web.api.gate import actor_of
from service.web.api.problems import NotFoundError
from service.webhooks import (
    ShownWebhook,
    add_webhook,
    find_secret,
    list_webhooks,
    redeliver,
    remove_webhook,
    rotate_secret,
    send_test,
    show_secret,
    show_webhook,
    start_again,
)


class ShownMessage(Shown):
    """One thing that a service was told, or is to be told; `id` is the same at each try."""

    message: int = Field(validation_alias="message_id")
    id: str = Field(validation_alias="uid")
    event: WebhookEvent
    state: MessageState
    created_at: Moment
    due_at: Moment | None
    attempt: int
    told_at: Moment | None
    given_up_at: Moment | None
    status: int | None
    failure: str


class WebhookSummary(Shown):
    """A service, and how many messages wait for it; a stopped one is told nothing."""

    webhook: int
    url: str
    events: list[WebhookEvent]
    is_private: bool
    created_at: Moment
    created_by: str
    rotated_at: Moment | None
    failing_since_at: Moment | None
    stopped_at: Moment | None
    stopped_for: str
    waiting: int


class WebhookDetail(WebhookSummary):
    """A service with its last messages, the newest first."""

    messages: list[ShownMessage]


class ShownSecret(Shown):
    """What a service verifies signatures with."""

    webhook: int
    secret: str


class WebhookAsked(Asked):
    """A service to tell, and of what. `is_private`: it stands in your own network."""

    url: Annotated[str, Field(min_length=1, max_length=2000)]
    events: Annotated[list[WebhookEvent], Field(min_length=1, max_length=len(WebhookEvent))]
    is_private: AskedYes = False


class Webhooks:
    """The addresses under /webhooks."""

    def __init__(self, api: Api) -> None:
        self._api = api
        admin, one = Scope.ADMIN, "/webhooks/{webhook}"
        api.show("/webhooks", self.list_webhooks, needs=admin)
        api.act("/webhooks", self.add_webhook, needs=admin, status=201)
        api.show(one, self.show_webhook, needs=admin)
        api.act(one, self.remove_webhook, needs=admin, method="DELETE", status=204)
        api.act(f"{one}/secret", self.show_secret, needs=admin)
        api.act(f"{one}/rotate", self.rotate_webhook, needs=admin)
        api.act(f"{one}/test", self.test_webhook, needs=admin)
        api.act(f"{one}/start", self.start_webhook, needs=admin)
        api.act(f"{one}/messages/{{message}}/redeliver", self.redeliver_message, needs=admin)

    def list_webhooks(self) -> list[WebhookSummary]:
        """Every webhook, the oldest first."""
        return [
            WebhookSummary.model_validate(_describe(one))
            for one in list_webhooks(self._api.database)
        ]

    def add_webhook(self, request: Request, asked: WebhookAsked) -> ShownSecret:
        """Tell a service from now on; the answer has the secret it verifies with."""
        added = add_webhook(
            self._api.database,
            self._key_ring,
            asked.url,
            asked.events,
            by=actor_of(request),
            now=self._api.clock(),
            is_private=asked.is_private,
        )
        secret = find_secret(self._key_ring, added)
        return ShownSecret(webhook=added.webhook_id, secret=secret)

    def show_webhook(self, webhook: Number) -> WebhookDetail:
        """One webhook with its last messages."""
        return self._show(webhook)

    def remove_webhook(self, request: Request, webhook: Number) -> None:
        """Tell a service nothing more, also not what waits."""
        self._find(webhook)
        remove_webhook(self._api.database, webhook, self._api.clock(), by=actor_of(request))

    def show_secret(self, request: Request, webhook: Number) -> ShownSecret:
        """The secret that a webhook's messages are signed with; who asks is written down."""
        self._find(webhook)
        now, actor = self._api.clock(), actor_of(request)
        secret = show_secret(self._api.database, self._key_ring, webhook, now, by=actor)
        return ShownSecret(webhook=webhook, secret=secret)

    def rotate_webhook(self, request: Request, webhook: Number) -> ShownSecret:
        """Give a webhook another secret; for a day the one before signs as well."""
        self._find(webhook)
        now, actor = self._api.clock(), actor_of(request)
        secret = rotate_secret(self._api.database, self._key_ring, webhook, now, by=actor)
        return ShownSecret(webhook=webhook, secret=secret)

    def test_webhook(self, request: Request, webhook: Number) -> ShownMessage:
        """Send a webhook an event that says it is a test."""
        self._find(webhook)
        sent = send_test(self._api.database, webhook, self._api.clock(), by=actor_of(request))
        return ShownMessage.model_validate(sent)

    def start_webhook(self, request: Request, webhook: Number) -> WebhookDetail:
        """Tell a stopped service again, at once what waited for it."""
        self._find(webhook)
        start_again(self._api.database, webhook, self._api.clock(), by=actor_of(request))
        return self._show(webhook)

    def redeliver_message(self, request: Request, webhook: Number, message: Number) -> ShownMessage:
        """Send one of the messages again, under its own id."""
        self._find(webhook)
        now, actor = self._api.clock(), actor_of(request)
        sent = redeliver(self._api.database, webhook, message, now, by=actor)
        return ShownMessage.model_validate(sent)

    @property
    def _key_ring(self) -> KeyRing:
        return self._api.works.register.key_ring

    def _find(self, webhook_id: int) -> None:
        """Raise NotFoundError when there is none."""
        if webhook_id not in {one.webhook.webhook_id for one in list_webhooks(self._api.database)}:
            raise NotFoundError(f"there is no webhook {webhook_id}")

    def _show(self, webhook_id: int) -> WebhookDetail:
        self._find(webhook_id)
        found = show_webhook(self._api.database, webhook_id)
        return WebhookDetail.model_validate({**_describe(found), "messages": found.messages})


def _describe(one: ShownWebhook) -> dict[str, object]:
    shown = one.webhook
    return {
        "webhook": shown.webhook_id,
        "url": shown.url,
        "events": shown.events,
        "is_private": shown.is_private,
        "created_at": shown.created_at,
        "created_by": shown.created_by,
        "rotated_at": shown.rotated_at,
        "failing_since_at": shown.failing_since_at,
        "stopped_at": shown.stopped_at,
        "stopped_for": shown.stopped_for,
        "waiting": one.waiting,
    }
