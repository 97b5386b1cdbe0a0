"""Postmark's batch endpoint: an answer for each message, its documented error codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from tests.fakes.http_provider import FakeApi, Json

TOKEN = "test-key"
_SOME_ID = "0a129aee-e1cd-480d-b08d-4f48548ff48d"


def refuse(status: int, code: int, message: str) -> Json:
    """An error in Postmark's form, for the whole call."""
    return {"status": status, "json": {"ErrorCode": code, "Message": message}}


def answer_each(*answers: Json) -> Json:
    """A 200 with an answer for each message."""
    return {"status": 200, "json": list(answers)}


OK: Json = {"ErrorCode": 0, "Message": "OK", "MessageID": _SOME_ID, "To": "reader1@example.com"}
INACTIVE: Json = {
    "ErrorCode": 406,
    "Message": (
        "You tried to send to a recipient that has been marked as inactive. Found inactive "
        "addresses: reader2@example.com. Inactive recipients are ones that have generated a hard "
        "bounce, a spam complaint, or a manual suppression."
    ),
}
INACTIVE_IN_WORDS: Json = {
    **OK,
    "Message": (
        "Message OK, but will not deliver to these inactive addresses: reader2@example.com. "
        "Inactive recipients are ones that have generated a hard bounce or a spam complaint."
    ),
}
DELAYED: Json = {"Message": "Message accepted, but delivery may be delayed.", "MessageID": _SOME_ID}
BAD_TO: Json = {"ErrorCode": 300, "Message": "Invalid 'To' address: 'reader2@example.com'."}
BAD_FROM: Json = {"ErrorCode": 300, "Message": "Invalid 'From' address: 'news@example.com'."}
BAD_METADATA: Json = {"ErrorCode": 300, "Message": "Invalid metadata content."}
NO_CREDITS: Json = {"ErrorCode": 405, "Message": "Your account has run out of credits."}
ODD: Json = {"ErrorCode": 999, "Message": "Something new"}


class FakePostmark(FakeApi):
    """POST /email/batch."""

    behaviours: ClassVar[Mapping[str, Json]] = {
        "401": refuse(401, 10, "No Account or Server API tokens were supplied."),
        "422-300": refuse(422, 300, "Zero recipients specified"),
        "422-from": refuse(422, 300, "Invalid 'From' address: 'news@example.com'."),
        "422-400": refuse(422, 400, "The 'From' address is not a Sender Signature: a@b"),
        "422-401": refuse(422, 401, "The Sender Signature is not confirmed."),
        "422-402": refuse(422, 402, "Invalid JSON"),
        "422-403": refuse(422, 403, "Incompatible JSON"),
        "422-405": refuse(422, 405, "Your account has run out of credits."),
        "422-410": refuse(422, 410, "Too many batch messages"),
        "422-412": refuse(422, 412, "Account is pending approval"),
        "422-413": refuse(422, 413, "Account may not send"),
        "422-701": refuse(422, 701, "This message does not exist."),
        "422-1235": refuse(422, 1235, "The 'MessageStream' provided does not exist."),
        "429": refuse(429, 429, "Rate Limit Exceeded"),
        "429-seconds": {**refuse(429, 429, "Too many"), "headers": {"Retry-After": "170"}},
        "429-page": {"status": 429, "body": "<h1>Too Many Requests</h1>"},
        "500": refuse(500, 500, "Internal Server Error"),
        "503-100": refuse(503, 100, "The Postmark API is offline for maintenance."),
        "422-bare": {"status": 422, "json": {}},
        "inactive": answer_each(OK, INACTIVE),
        "inactive-in-words": answer_each(OK, INACTIVE_IN_WORDS),
        "delayed": answer_each(OK, DELAYED),
        "bad-to": answer_each(OK, BAD_TO),
        "bad-metadata": answer_each(OK, BAD_METADATA),
        "bad-metadata-all": answer_each(BAD_METADATA, BAD_METADATA),
        "credits-run-out": answer_each(OK, NO_CREDITS),
        "no-credits": answer_each(NO_CREDITS, NO_CREDITS),
        "bad-from": answer_each(BAD_FROM, BAD_FROM),
        "odd": answer_each(OK, ODD),
        "without-id": answer_each(OK, {**OK, "MessageID": ""}),
        "one-short": answer_each(OK),
    }

    def takes(self, path: str) -> bool:
        return path == "/email/batch"

    def find_objection(self, headers: Mapping[str, str]) -> Json | None:
        is_known = headers.get("x-postmark-server-token") == TOKEN
        return None if is_known else self.behaviours["401"]

    def expand(self, request: Json) -> list[Json]:
        return [_expand(message) for message in request["json"]]

    def confirm(self, request: Json) -> Json:
        number = len(self.ledger.requests)
        return answer_each(
            *(
                {
                    "To": message["To"],
                    "SubmittedAt": "2025-10-20T08:00:00.0000000+09:00",
                    "MessageID": f"pm-{number}-{row}",
                    "ErrorCode": 0,
                    "Message": "OK",
                }
                for row, message in enumerate(request["json"], start=1)
            )
        )


def _expand(message: Json) -> Json:
    headers = {one["Name"]: one["Value"] for one in message["Headers"]}
    if headers.pop("X-PM-KeepID", "") != "true":
        headers["Message-ID"] = "<one-of-its-own@mtasv.net>"
    if "ReplyTo" in message:
        headers["Reply-To"] = message["ReplyTo"]
    return {
        "to": message["To"],
        "from": message["From"],
        "subject": message["Subject"],
        "text": message["TextBody"],
        "html": message["HtmlBody"],
        "headers": list(headers.items()),
    }
