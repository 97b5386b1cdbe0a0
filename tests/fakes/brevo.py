"""Brevo's transactional endpoint: one message, its orders in headers, its documented errors."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from email.utils import formataddr
from typing import ClassVar

from tests.fakes.http_provider import FakeApi, Json

API_KEY = "test-key"

_ORDERS = {"idempotencyKey", "X-Mailin-custom", "X-Sib-Sandbox"}
_SPECIALS = set('(),"<>@[]\\:;.')


def refuse(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Json:
    """An error in Brevo's form."""
    body = {"code": code, "message": message}
    return {"status": status, "json": body, "headers": headers or {}}


class FakeBrevo(FakeApi):
    """POST /smtp/email; a key it knows is refused as a duplicate."""

    behaviours: ClassVar[Mapping[str, Json]] = {
        "400": refuse(400, "bad_request", "Input must be a valid JSON object"),
        "400-reader": refuse(400, "invalid_parameter", "email is not valid in to"),
        "400-sender": refuse(400, "invalid_parameter", "valid sender email required"),
        "400-capitals": refuse(400, "INVALID_PARAMETER", "replyTo is not valid"),
        "400-missing": refuse(400, "missing_parameter", "htmlContent is missing"),
        "400-range": refuse(400, "out_of_range", "subject is too long"),
        "400-taken": refuse(400, "duplicate_parameter", "idempotencyKey already used"),
        "400-other": refuse(400, "campaign_sent", "Campaign already sent"),
        "401": refuse(401, "unauthorized", "Key not found"),
        "402": refuse(402, "not_enough_credits", "You have no email credits left"),
        "403": refuse(403, "permission_denied", "Unable to send email for a@b"),
        "403-validation": refuse(403, "account_under_validation", "not yet activated"),
        "404": refuse(404, "document_not_found", "Not found"),
        "405": refuse(405, "method_not_allowed", "POST Method is not allowed on this path"),
        "406": refuse(406, "not_acceptable", "Not acceptable"),
        "422": refuse(422, "unprocessable_entity", "Unprocessable"),
        "429": refuse(429, "too_many_requests", "Too many requests"),
        "429-seconds": refuse(429, "too_many_requests", "Too many", {"Retry-After": "17"}),
        "429-reset": refuse(429, "too_many_requests", "Too", {"x-sib-ratelimit-reset": "23"}),
        "429-page": {"status": 429, "body": "<h1>Too Many Requests</h1>"},
        "500": refuse(500, "internal_error", "Internal error"),
        "201-empty": {"accepts": True, "status": 201, "body": ""},
        "201-without-id": {"accepts": True, "status": 201, "json": {"messageIds": []}},
    }

    def __init__(self) -> None:
        super().__init__()
        self._keys: set[str] = set()

    def takes(self, path: str) -> bool:
        return path == "/smtp/email"

    def find_objection(self, headers: Mapping[str, str]) -> Json | None:
        return None if headers.get("api-key") == API_KEY else self.behaviours["401"]

    def take(self, request: Json) -> Json:
        key = str(uuid.UUID(request["json"]["headers"]["idempotencyKey"]))
        if key in self._keys:
            return self.behaviours["400-taken"]
        self._keys.add(key)
        return super().take(request)

    def expand(self, request: Json) -> list[Json]:
        body = request["json"]
        if body["headers"].get("X-Sib-Sandbox") == "drop":
            return []
        headers = {name: body["headers"][name] for name in body["headers"] if name not in _ORDERS}
        reply_to = [["Reply-To", body["replyTo"]["email"]]] if "replyTo" in body else []
        return [
            {
                "to": ",".join(to["email"] for to in body["to"]),
                "from": formataddr((_keep_name(body["sender"]), body["sender"]["email"])),
                "subject": _render(body["subject"]),
                "text": _render(body["textContent"]),
                "html": _render(body["htmlContent"]),
                "headers": [*headers.items(), *reply_to],
            }
        ]

    def confirm(self, request: Json) -> Json:
        number = len(self.ledger.requests)
        return {"status": 201, "json": {"messageId": f"<{number}@smtp-relay.brevo.example>"}}

    def forget(self) -> None:
        super().forget()
        self._keys = set()


def _keep_name(sender: Json) -> str:
    """Brevo drops some names that hold letters beyond ASCII."""
    name = str(sender.get("name", ""))
    return name if name.isascii() or not _SPECIALS.intersection(name) else ""


def _render(content: str) -> str:
    """Its template language, of which nothing of ours may ask for anything."""
    return re.sub(r"\{([{%#]).*?[}%#]\}", "(rendered)", content) if "{" in content else content
