"""SES's SendBulkEmail: its signature worked out anew, its merging, its documented answers."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, ClassVar

from tests.fakes.http_provider import FakeApi, Json

KEY_ID = "AKIAEXAMPLE"
SECRET = "test-key"
PATH = "/v2/email/outbound-bulk-emails"

_MARK = re.compile(r"\{\{([a-z][a-z0-9]*)\}\}")


def refuse(status: int, kind: str, message: str = "no", **headers: str) -> Json:
    """An error in the form of rest-json."""
    return {
        "status": status,
        "json": {"message": message},
        "headers": {"x-amzn-ErrorType": f"{kind}:http://internal.amazon.com/coral/x/", **headers},
    }


def answer_entries(*statuses: str, call: int = 1) -> Json:
    """A 200 whose entries ended so, in order."""
    results = [
        {"Status": status, "MessageId": f"{call}-{number}"}
        if status == "SUCCESS"
        else {"Status": status, "Error": "reader1@example.com is no good"}
        for number, status in enumerate(statuses, start=1)
    ]
    return {"status": 200, "json": {"BulkEmailEntryResults": results}}


class FakeSes(FakeApi):
    """POST /v2/email/outbound-bulk-emails."""

    behaviours: ClassVar[Mapping[str, Json]] = {
        "400": refuse(400, "BadRequestException"),
        "400-type-in-body": {
            "status": 400,
            "json": {"__type": "com.amazonaws.ses#SendingPausedException", "Message": "paused"},
        },
        "400-rejected": refuse(400, "MessageRejected", "it holds a virus"),
        "400-not-verified": refuse(
            400, "MessageRejected", "Email address is not verified: news@example.com"
        ),
        "400-suspended": refuse(400, "AccountSuspendedException"),
        "400-paused": refuse(400, "SendingPausedException"),
        "400-domain": refuse(400, "MailFromDomainNotVerifiedException"),
        "400-quota": refuse(400, "LimitExceededException"),
        "400-throttled": refuse(400, "ThrottlingException"),
        "400-new": refuse(400, "SomethingNewException"),
        "403": refuse(403, "AccessDeniedException"),
        "403-signature": refuse(403, "InvalidSignatureException"),
        "403-expired": refuse(403, "RequestExpired"),
        "404": refuse(404, "NotFoundException"),
        "429": refuse(429, "TooManyRequestsException"),
        "429-seconds": refuse(429, "TooManyRequestsException", **{"Retry-After": "17"}),
        "429-page": {"status": 429, "body": "<h1>Too Many Requests</h1>"},
        "500": refuse(500, "InternalFailure"),
        "503-named": refuse(503, "ServiceUnavailable"),
        "one-entry-short": {"accepts": True, **answer_entries("SUCCESS")},
        "no-entries": {"accepts": True, "status": 200, "json": {"BulkEmailEntryResults": 2}},
        "no-word": {"accepts": True, **answer_entries("SOMETHING_NEW", "")},
    }

    def takes(self, path: str) -> bool:
        return path == PATH

    def find_objection(self, headers: Mapping[str, str]) -> Json | None:
        return None if f"Credential={KEY_ID}/" in headers.get("authorization", "") else self._deny()

    def _deny(self) -> Json:
        return self.behaviours["403-signature"]

    def read(self, headers: Mapping[str, str], body: bytes) -> Json:
        by_name = {name.lower(): value for name, value in headers.items()}
        return {"json": json.loads(body), "is_signed": is_signed(by_name, body)}

    def expand(self, request: Json) -> list[Json]:
        if not request["is_signed"]:
            return []
        return [_expand(request["json"], one) for one in request["json"]["BulkEmailEntries"]]

    def confirm(self, request: Json) -> Json:
        if not request["is_signed"]:
            return self._deny()
        count = len(request["json"]["BulkEmailEntries"])
        return answer_entries(*["SUCCESS"] * count, call=len(self.ledger.requests))


def is_signed(
    headers: Mapping[str, str], body: bytes, method: str = "POST", target: str = PATH
) -> bool:
    """Whether the signature (version 4) is the one that our secret makes of the request."""
    found = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=[A-Z]+/([0-9]{8})/([a-z0-9-]+)/ses/aws4_request, "
        r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})",
        headers.get("authorization", ""),
    )
    if found is None or "host" not in found[3].split(";"):
        return False
    day, region, names, signature = found.groups()
    signed = "".join(f"{name}:{headers.get(name, '').strip()}\n" for name in names.split(";"))
    digest = hashlib.sha256(body).hexdigest()
    path, _, query = target.partition("?")
    asked = "&".join(sorted(query.split("&")))
    canonical = f"{method}\n{path}\n{asked}\n{signed}\n{names}\n{digest}"
    scope = f"{day}/{region}/ses/aws4_request"
    text = "\n".join(
        (
            "AWS4-HMAC-SHA256",
            headers["x-amz-date"],
            scope,
            hashlib.sha256(canonical.encode()).hexdigest(),
        )
    )
    key = f"AWS4{SECRET}".encode()
    for part in (day, region, "ses", "aws4_request", text):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.compare_digest(key.hex(), signature)


def _expand(body: Json, entry: Json) -> Json:
    template = body["DefaultContent"]["Template"]
    replaced = entry["ReplacementEmailContent"]["ReplacementTemplate"]
    data = json.loads(template["TemplateData"])
    data |= json.loads(replaced["ReplacementTemplateData"])
    content = {
        name.lower(): _merge(written, data) for name, written in template["TemplateContent"].items()
    }
    headers = [[one["Name"], one["Value"]] for one in entry["ReplacementHeaders"]]
    replies = [["Reply-To", address] for address in body.get("ReplyToAddresses", [])]
    [to] = entry["Destination"]["ToAddresses"]
    return {"to": to, "from": body["FromEmailAddress"], "headers": replies + headers, **content}


def _merge(template: str, data: Mapping[str, Any]) -> str:
    """Return the template filled as Handlebars does, or a complaint where that is not plain."""
    pieces = _MARK.split(template)
    words, keys = pieces[::2], pieces[1::2]
    for before, after in pairwise(words):
        if before.endswith(("\\", "{")) or after.startswith("}"):
            return f"AMBIGUOUS: {template}"
    if any("{{" in word for word in words) or not set(keys) <= set(data):
        return f"AMBIGUOUS: {template}"
    filled = [str(data[key]) for key in keys]
    return "".join(word + value for word, value in zip(words, [*filled, ""], strict=True))
