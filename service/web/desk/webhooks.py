"""Services elsewhere that are told what happens here: for owners."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form
from starlette.requests import Request
from starlette.responses import Response

from service.model.editor import Role
from service.model.webhook import WEBHOOK_EVENTS, WebhookMessage
from service.web.desk.desk import Desk
from service.web.desk.visits import visit_of
from service.web.desk.webhook_words import name_event, name_message_state
from service.webhooks import (
    add_webhook,
    list_webhooks,
    redeliver,
    remove_webhook,
    rotate_secret,
    send_test,
    show_secret,
    show_webhook,
    start_again,
)

_ROOT = "/desk/settings/webhooks"


class Webhooks:
    """The pages under /desk/settings/webhooks."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._works = desk.works
        self._ring = desk.works.register.key_ring
        owner, one = Role.OWNER, f"{_ROOT}/{{webhook_id}}"
        desk.page(_ROOT, self.show_all, needs=owner)
        desk.action(_ROOT, self.add, needs=owner)
        desk.page(one, self.show, needs=owner)
        desk.action(f"{one}/secret", self.show_secret, needs=owner)
        desk.action(f"{one}/rotate", self.rotate, needs=owner)
        desk.action(f"{one}/test", self.send_test, needs=owner)
        desk.action(f"{one}/start", self.start_again, needs=owner)
        desk.action(f"{one}/remove", self.remove, needs=owner)
        desk.action(f"{one}/messages/{{message_id}}/again", self.redeliver, needs=owner)

    def show_all(self, request: Request) -> Response:
        """Every webhook, and a form for another."""
        voice = visit_of(request).voice
        return self._desk.render(
            request,
            "desk/webhooks.html",
            {
                "webhooks": list_webhooks(self._works.database),
                "events": [(event, name_event(voice, event)) for event in WEBHOOK_EVENTS],
            },
        )

    def add(
        self,
        request: Request,
        url: Annotated[str, Form()],
        events: Annotated[list[str] | None, Form()] = None,
        private: Annotated[str, Form()] = "",
    ) -> Response:
        """Have a service told of what happens."""
        added = add_webhook(
            self._works.database,
            self._ring,
            url.strip(),
            events or [],
            by=visit_of(request).actor,
            now=self._works.clock(),
            is_private=private == "yes",
        )
        return self._desk.done(f"{_ROOT}/{added.webhook_id}", "webhook-added")

    def show(
        self, request: Request, webhook_id: int, *, secret: str = "", is_rotated: bool = False
    ) -> Response:
        """One webhook with what it was told last; its secret only when that was asked for."""
        voice = visit_of(request).voice
        shown = show_webhook(self._works.database, webhook_id)
        return self._desk.render(
            request,
            "desk/webhook.html",
            {
                "webhook": shown.webhook,
                "why": voice.retell(shown.webhook.stopped_for).says,
                "waiting": shown.waiting,
                "events": voice.join([name_event(voice, one) for one in shown.webhook.events]),
                "messages": [self._describe(request, one) for one in shown.messages],
                "secret": secret,
                "is_rotated": is_rotated,
            },
        )

    def show_secret(self, request: Request, webhook_id: int) -> Response:
        """The secret that its messages are signed with: no redirect, or it would be in a URL."""
        works, actor = self._works, visit_of(request).actor
        secret = show_secret(works.database, self._ring, webhook_id, works.clock(), by=actor)
        return self.show(request, webhook_id, secret=secret)

    def rotate(self, request: Request, webhook_id: int) -> Response:
        """Sign with another secret from now on; the former one signs as well for a day."""
        works, actor = self._works, visit_of(request).actor
        secret = rotate_secret(works.database, self._ring, webhook_id, works.clock(), by=actor)
        return self.show(request, webhook_id, secret=secret, is_rotated=True)

    def send_test(self, request: Request, webhook_id: int) -> Response:
        """Tell it something that did not happen."""
        works, actor = self._works, visit_of(request).actor
        send_test(works.database, webhook_id, works.clock(), by=actor)
        return self._desk.done(f"{_ROOT}/{webhook_id}", "webhook-tested")

    def start_again(self, request: Request, webhook_id: int) -> Response:
        """Tell a webhook again that was switched off."""
        works, actor = self._works, visit_of(request).actor
        start_again(works.database, webhook_id, works.clock(), by=actor)
        return self._desk.done(f"{_ROOT}/{webhook_id}", "webhook-started")

    def redeliver(self, request: Request, webhook_id: int, message_id: int) -> Response:
        """Tell it one thing once more."""
        works, actor = self._works, visit_of(request).actor
        redeliver(works.database, webhook_id, message_id, works.clock(), by=actor)
        return self._desk.done(f"{_ROOT}/{webhook_id}", "webhook-tested")

    def remove(self, request: Request, webhook_id: int) -> Response:
        """Tell it nothing any more."""
        works, actor = self._works, visit_of(request).actor
        remove_webhook(works.database, webhook_id, works.clock(), by=actor)
        return self._desk.done(_ROOT, "webhook-removed")

    def _describe(self, request: Request, message: WebhookMessage) -> dict[str, object]:
        voice = visit_of(request).voice
        due = self._desk.write_moment(request, message.due_at) if message.due_at else ""
        failure = voice.retell(message.failure).says
        return {
            "id": message.message_id,
            "event": name_event(voice, message.event),
            "body": message.body,
            "when": self._desk.write_moment(request, message.created_at),
            "state": name_message_state(voice, message.state),
            "kind": {"told": "good", "given up": "bad"}.get(message.state, "warn"),
            "due": due,
            "attempt": message.attempt,
            "answer": failure or str(message.status or ""),
        }
