"""SendGrid's mail endpoint: personalizations, its substitutions, its documented errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from email.utils import formataddr
from typing import ClassVar

from tests.fakes.http_provider import FakeApi, Json

API_KEY = "test-key"


def refuse(
    status: int, message: str, about: str | None = None, headers: dict[str, str] | None = None
) -> Json:
    """An error in SendGrid's form."""
    error = {"message": message, "field": about, "help": None}
    return {"status": status, "json": {"errors": [error]}, "headers": headers or {}}


class FakeSendGrid(FakeApi):
    """POST /v3/mail/send."""

    behaviours: ClassVar[Mapping[str, Json]] = {
        "400": refuse(400, "Bad Request"),
        "400-reader": refuse(400, "Does not contain a valid address: a@b", "personalizations.0.to"),
        "400-sender": refuse(400, "The from email does not contain a valid address.", "from.email"),
        "400-subject": refuse(400, "The subject is required.", "subject"),
        "401": refuse(401, "The provided authorization grant is invalid, expired, or revoked"),
        "401-credits": refuse(401, "Maximum credits exceeded"),
        "403": refuse(403, "The from address does not match a verified Sender Identity.", "from"),
        "404": refuse(404, "not found"),
        "405": refuse(405, "method not allowed"),
        "413": refuse(413, "content too large"),
        "429": refuse(429, "too many requests"),
        "429-seconds": refuse(429, "too many requests", None, {"Retry-After": "17"}),
        "429-reset": refuse(
            429,
            "too many requests",
            None,
            {"Date": "Mon, 20 Oct 2025 00:00:00 GMT", "X-RateLimit-Reset": "1760918450"},
        ),
        "429-reset-odd": refuse(429, "too many", None, {"X-RateLimit-Reset": "soon"}),
        "429-page": {"status": 429, "body": "<h1>Too Many Requests</h1>"},
        "451": refuse(451, "Unavailable due to data residency restrictions"),
        "406": refuse(406, "Missing Accept header."),
        "500": refuse(500, "internal server error"),
        "202-page": {"accepts": True, "status": 202, "body": "<h1>Queued by a proxy</h1>"},
        "200-empty": {"status": 200, "body": ""},
        "202-without-id": {"accepts": True, "status": 202, "body": ""},
        "no-errors": {"status": 400, "json": {"errors": []}},
        "odd-errors": {"status": 400, "json": {"errors": ["no"]}},
    }

    def takes(self, path: str) -> bool:
        return path == "/v3/mail/send"

    def find_objection(self, headers: Mapping[str, str]) -> Json | None:
        is_known = headers.get("authorization") == f"Bearer {API_KEY}"
        return None if is_known else self.behaviours["401"]

    def expand(self, request: Json) -> list[Json]:
        body = request["json"]
        return [] if _is_test(body) else [_expand(body, one) for one in body["personalizations"]]

    def confirm(self, request: Json) -> Json:
        if _is_test(request["json"]):
            return {"status": 200, "body": ""}
        number = len(self.ledger.requests)
        return {"status": 202, "body": "", "headers": {"X-Message-Id": f"sg.{number}"}}


def _is_test(body: Json) -> bool:
    return bool(body.get("mail_settings", {}).get("sandbox_mode", {}).get("enable"))


def _expand(body: Json, one: Json) -> Json:
    contents = {part["type"]: part["value"] for part in body["content"]}
    reply_to = [["Reply-To", body["reply_to"]["email"]]] if "reply_to" in body else []
    return {
        "to": ",".join(to["email"] for to in one["to"]),
        "from": formataddr((body["from"].get("name", ""), body["from"]["email"])),
        "subject": _merge(body["subject"], one["substitutions"]),
        "text": _merge(contents["text/plain"], one["substitutions"]),
        "html": _merge(contents["text/html"], one["substitutions"]),
        "headers": [*one["headers"].items(), *reply_to],
    }


def _merge(content: str, values: Mapping[str, str]) -> str:
    """Return `content` merged, or a complaint where it would depend on the order of doing that."""
    forth = _replace(content, values.items())
    back = _replace(content, reversed(list(values.items())))
    return forth if forth == back else "(merged one way or another)"


def _replace(content: str, values: Iterable[tuple[str, str]]) -> str:
    for tag, value in values:
        content = content.replace(tag, value)
    return content
