"""Resend's batch endpoint: whole messages, idempotency keys, its documented errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from tests.fakes.http_provider import FakeApi, Json

API_KEY = "test-key"


def refuse(status: int, name: str, message: str, headers: dict[str, str] | None = None) -> Json:
    """An error in Resend's form."""
    body = {"statusCode": status, "name": name, "message": message}
    return {"status": status, "json": body, "headers": headers or {}}


class FakeResend(FakeApi):
    """POST /emails/batch; a key it knows gets the answer that it got before."""

    behaviours: ClassVar[Mapping[str, Json]] = {
        "400": refuse(400, "validation_error", "Invalid `to` field: a@b"),
        "400-key": refuse(400, "invalid_idempotency_key", "The key must be between 1-256 chars."),
        "401": refuse(401, "missing_api_key", "Missing API key in the authorization header."),
        "401-restricted": refuse(401, "restricted_api_key", "restricted to only send emails"),
        "403": refuse(403, "invalid_api_key", "API key is invalid."),
        "403-domain": refuse(403, "validation_error", "The example.com domain is not verified."),
        "403-suspended": refuse(403, "suspended_api_key", "This API key is suspended"),
        "404": refuse(404, "not_found", "The requested endpoint does not exist."),
        "405": refuse(405, "method_not_allowed", "Method is not allowed for the requested path."),
        "409": refuse(409, "invalid_idempotent_request", "used with another request payload"),
        "409-running": refuse(409, "concurrent_idempotent_requests", "still in progress"),
        "422": refuse(422, "validation_error", "Invalid `to` field. a@b is no address."),
        "422-from": refuse(422, "validation_error", "Invalid `from` field."),
        "422-subject": refuse(422, "invalid_parameter", "Invalid `subject` field."),
        "422-address": refuse(422, "invalid_from_address", "Invalid from field."),
        "422-missing": refuse(422, "missing_required_field", "one or more required fields"),
        "451": refuse(451, "security_error", "The email payload contain invalid characters"),
        "429": refuse(429, "rate_limit_exceeded", "Too many requests."),
        "429-seconds": refuse(429, "rate_limit_exceeded", "Too many.", {"retry-after": "17"}),
        "429-day": refuse(429, "daily_quota_exceeded", "daily quota", {"retry-after": "1"}),
        "429-month": refuse(429, "monthly_quota_exceeded", "monthly email sending quota"),
        "429-page": {"status": 429, "body": "<h1>Too Many Requests</h1>"},
        "500": refuse(500, "application_error", "An unexpected error occurred."),
        "500-internal": refuse(500, "internal_server_error", "An unexpected error occurred."),
        "one-short": {"accepts": True, "status": 200, "json": {"data": [{"id": "1"}]}},
        "without-id": {"status": 200, "json": {"data": [{"id": "1"}, {"id": ""}]}},
        "with-errors": {
            "status": 200,
            "json": {"data": [{"id": "1"}, {"id": "2"}], "errors": [{"index": 1, "message": "no"}]},
        },
    }

    def __init__(self) -> None:
        super().__init__()
        self._taken: dict[str, tuple[str, Json]] = {}

    def takes(self, path: str) -> bool:
        return path == "/emails/batch"

    def find_objection(self, headers: Mapping[str, str]) -> Json | None:
        is_known = headers.get("authorization") == f"Bearer {API_KEY}"
        return None if is_known else self.behaviours["403"]

    def take(self, request: Json) -> Json:
        key = request["headers"].get("Idempotency-Key")
        if key is None:
            return super().take(request)
        body, answer = self._taken.get(key, (request["body"], None))
        if body != request["body"]:
            return self.behaviours["409"]
        if answer is None:
            answer = super().take(request)
            self._taken[key] = (body, answer)
        return answer

    def expand(self, request: Json) -> list[Json]:
        return [
            {
                "to": ",".join(message["to"]),
                "from": message["from"],
                "subject": message["subject"],
                "text": message["text"],
                "html": message["html"],
                "headers": [
                    *message["headers"].items(),
                    *([["Reply-To", message["reply_to"]]] if "reply_to" in message else []),
                ],
            }
            for message in request["json"]
        ]

    def confirm(self, request: Json) -> Json:
        number = len(self.ledger.requests)
        ids = [{"id": f"re-{number}-{row}"} for row, _ in enumerate(request["json"], start=1)]
        return {"status": 200, "json": {"data": ids}}

    def forget(self) -> None:
        super().forget()
        self._taken = {}
